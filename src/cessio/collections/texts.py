"""The texts a dunning plan is written with, in the words of the house.

``assignee`` is who the debtor knows the invoices were assigned to; where it must not know of us it
is absent, and ``writer`` is its supplier.
"""

from __future__ import annotations

from datetime import date

from cessio.collections.rules.plans import (
    BEFORE_DUE,
    FORMAL_NOTICE,
    REMINDER,
    SECOND_REMINDER,
    SHORT,
)
from cessio.correspondence import Channel, TemplateKind, Text, Variable, register
from cessio.kernel.money import Money
from cessio.plumbing.i18n import lazy

CLAIM_DECLARATION = "claim_declaration"

_SAMPLE = (
    "- F-2026-0412 du 2 août 2026, échéance le 1er octobre 2026 : 4 820,00 €",
    "- F-2026-0455 du 19 août 2026, échéance le 18 octobre 2026 : 1 260,00 €",
)

VALUES = (
    Variable("debtor", lazy("The debtor"), "Distribution Durand SA"),
    Variable("client", lazy("The clients whose invoices they are"), "Alpha Métallerie SAS"),
    Variable("writer", lazy("Who writes: us, or the client of a confidential contract"),
             "Cessio Factor"),
    Variable("assignee", lazy("Who the invoices were assigned to, if the debtor may know"),
             "Cessio Factor"),
    Variable("invoices", lazy("The invoices, one a line"), _SAMPLE),
    Variable("reminded", lazy("Those we reminded of before, one a line"), _SAMPLE[:1]),
    Variable("fresh", lazy("Those we did not remind of yet, one a line"), _SAMPLE[1:]),
    Variable("count", lazy("How many invoices"), 2),
    Variable("due_on", lazy("The earliest due date"), date(2026, 10, 1)),
    Variable("total", lazy("What is open on them"), Money(608_000, "EUR")),
    Variable("penalties", lazy("Late-payment penalties to this day"), Money(6_412, "EUR")),
    Variable("indemnities", lazy("Recovery indemnities"), Money(8_000, "EUR")),
    Variable("rates", lazy("The rates of the penalties, a half-year each"), "12,15 %"),
    Variable("all_due", lazy("What is open, penalties and indemnities"), Money(622_412, "EUR")),
    Variable("pay_by", lazy("The last day to pay"), date(2026, 12, 1)),
    Variable("iban", lazy("The account to pay to"), "FR76 3000 4008 1200 0101 2345 640"),
    Variable("bic", lazy("BIC of that account"), "BNPAFRPPXXX"),
    Variable("contact", lazy("Who follows the file"), "Jules Lefort"),
)  # fmt: skip

_PAY_FR = (
    "{?iban}\nMerci de régler par virement, en rappelant les numéros des factures :\n\n"
    "- IBAN : {iban}\n{?bic}\n- BIC : {bic}\n{/bic}\n{/iban}\n"
    "{!iban}\nMerci de régler sur notre compte habituel, en rappelant les numéros des factures."
    "\n{/iban}\n"
)
_PAY_EN = (
    "{?iban}\nPlease pay by credit transfer, quoting the numbers of the invoices:\n\n"
    "- IBAN: {iban}\n{?bic}\n- BIC: {bic}\n{/bic}\n{/iban}\n"
    "{!iban}\nPlease pay to our usual account, quoting the numbers of the invoices.\n{/iban}\n"
)
_WHOSE_FR = "{?assignee}émises par {client} et cédées à {assignee}{/assignee}{!assignee}que nous vous avons adressées{/assignee}"  # noqa: E501
_WHOSE_EN = "{?assignee}issued by {client} and assigned to {assignee}{/assignee}{!assignee}that we sent you{/assignee}"  # noqa: E501
_CONTACT_FR = "{?contact}\n\nVotre interlocuteur : {contact}.{/contact}"
_CONTACT_EN = "{?contact}\n\nYour contact: {contact}.{/contact}"

register(TemplateKind(
    BEFORE_DUE, lazy("Reminder before invoices are due"), VALUES,
    Text(
        "Vos factures bientôt échues : {total}",
        "Bonjour,\n\nNous vous rappelons les prochaines échéances des factures "
        + _WHOSE_FR + " :\n\n{invoices}\n\nTotal : {total}.\n\n" + _PAY_FR
        + "\nSi quelque chose s’oppose au paiement à l’échéance, dites-le nous dès maintenant."
        + _CONTACT_FR + "\n\nCordialement,\n\n{writer}",
    ),
    Text(
        "Your invoices due soon: {total}",
        "Hello,\n\nThis is a reminder of the next due dates of the invoices "
        + _WHOSE_EN + ":\n\n{invoices}\n\nTotal: {total}.\n\n" + _PAY_EN
        + "\nIf anything stands in the way of payment on time, please tell us now."
        + _CONTACT_EN + "\n\nKind regards,\n\n{writer}",
    ),
))  # fmt: skip

register(TemplateKind(
    REMINDER, lazy("First reminder of late invoices"), VALUES,
    Text(
        "Factures échues : {total} à régler",
        "Bonjour,\n\nSauf erreur de notre part, les factures suivantes, " + _WHOSE_FR
        + ", restent à payer :\n\n{invoices}\n\nTotal : {total}.\n\n" + _PAY_FR
        + "\nSi votre paiement vient de partir, ne tenez pas compte de ce message. Si vous "
        "contestez une facture, dites-nous laquelle et pourquoi." + _CONTACT_FR
        + "\n\nCordialement,\n\n{writer}",
    ),
    Text(
        "Overdue invoices: {total} to pay",
        "Hello,\n\nUnless we are mistaken, these invoices " + _WHOSE_EN
        + " are still to be paid:\n\n{invoices}\n\nTotal: {total}.\n\n" + _PAY_EN
        + "\nIf your payment has just left, please ignore this message. If you dispute an "
        "invoice, tell us which one and why." + _CONTACT_EN + "\n\nKind regards,\n\n{writer}",
    ),
))  # fmt: skip

register(TemplateKind(
    SECOND_REMINDER, lazy("Second reminder, with penalties"), VALUES,
    Text(
        "Deuxième relance : {total} échus",
        "Madame, Monsieur,\n\n{?reminded}Malgré notre relance, les factures suivantes, "
        + _WHOSE_FR + ", restent impayées :\n\n{reminded}\n\n"
        "{?fresh}Sont aussi échues et impayées :\n\n{fresh}\n\n{/fresh}{/reminded}"
        "{!reminded}Sauf erreur de notre part, les factures suivantes, " + _WHOSE_FR
        + ", sont échues et impayées :\n\n{invoices}\n\n{/reminded}"
        "Principal : {total}.{?penalties}\n"
        "Pénalités de retard à ce jour{?rates} ({rates}){/rates} : {penalties}.{/penalties}"
        "{?indemnities}\nIndemnités forfaitaires de recouvrement (40 € par facture) : "
        "{indemnities}.{/indemnities}\nTotal dû à ce jour : {all_due}.\n\n"
        "Ces pénalités et indemnités sont dues de plein droit, sans rappel, dès le lendemain de "
        "l’échéance (articles L441-10 et D441-5 du Code de commerce).\n\n" + _PAY_FR
        + "\nSans paiement ni contestation motivée de votre part avant le {pay_by}, nous vous "
        "mettrons en demeure." + _CONTACT_FR
        + "\n\nNous vous prions d’agréer, Madame, Monsieur, l’expression de nos salutations "
        "distinguées.\n\n{writer}",
    ),
    Text(
        "Second reminder: {total} overdue",
        "Dear Sir or Madam,\n\n{?reminded}In spite of our reminder, these invoices "
        + _WHOSE_EN + " are still unpaid:\n\n{reminded}\n\n"
        "{?fresh}Also due and unpaid are:\n\n{fresh}\n\n{/fresh}{/reminded}"
        "{!reminded}Unless we are mistaken, these invoices " + _WHOSE_EN
        + " are due and unpaid:\n\n{invoices}\n\n{/reminded}"
        "Principal: {total}.{?penalties}\n"
        "Late-payment penalties to this day{?rates} ({rates}){/rates}: {penalties}.{/penalties}"
        "{?indemnities}\nRecovery indemnities (€40 an invoice): {indemnities}.{/indemnities}\n"
        "Due in all to this day: {all_due}.\n\n"
        "These penalties and indemnities are due by law, without notice, from the day after the "
        "due date (articles L441-10 and D441-5 of the French commercial code).\n\n" + _PAY_EN
        + "\nWithout payment or a reasoned dispute before {pay_by}, we shall give you formal "
        "notice." + _CONTACT_EN + "\n\nYours faithfully,\n\n{writer}",
    ),
    Channel.LETTER,
))  # fmt: skip

register(TemplateKind(
    FORMAL_NOTICE, lazy("Formal notice to pay"), VALUES,
    Text(
        "Mise en demeure de payer {all_due}",
        "Lettre recommandée avec demande d’avis de réception\n\nMadame, Monsieur,\n\n"
        "{?reminded}Malgré nos relances, les factures suivantes, " + _WHOSE_FR
        + ", sont échues et impayées :\n\n{reminded}\n\n"
        "{?fresh}Sont aussi échues et impayées :\n\n{fresh}\n\n{/fresh}{/reminded}"
        "{!reminded}Les factures suivantes, " + _WHOSE_FR
        + ", sont échues et impayées :\n\n{invoices}\n\n{/reminded}"
        "Nous vous mettons en demeure de nous régler, au plus tard le {pay_by}, la somme de "
        "{all_due}, soit :\n\n- principal : {total}\n{?penalties}\n"
        "- pénalités de retard à ce jour{?rates} ({rates}){/rates} : {penalties}\n{/penalties}\n"
        "{?indemnities}\n- indemnités forfaitaires de recouvrement : {indemnities}\n"
        "{/indemnities}\n\n"
        "Les pénalités continuent de courir jusqu’au paiement (article L441-10 du Code de "
        "commerce). La présente vaut mise en demeure au sens des articles 1231 et 1344 du Code "
        "civil.\n\n" + _PAY_FR
        + "\nÀ défaut de paiement dans ce délai, nous demanderons en justice, sans autre avis, "
        "une injonction de payer, à vos frais." + _CONTACT_FR
        + "\n\nVeuillez agréer, Madame, Monsieur, l’expression de nos salutations "
        "distinguées.\n\n{writer}",
    ),
    Text(
        "Formal notice to pay {all_due}",
        "Registered letter with acknowledgment of receipt\n\nDear Sir or Madam,\n\n"
        "{?reminded}In spite of our reminders, these invoices " + _WHOSE_EN
        + " are due and unpaid:\n\n{reminded}\n\n"
        "{?fresh}Also due and unpaid are:\n\n{fresh}\n\n{/fresh}{/reminded}"
        "{!reminded}These invoices " + _WHOSE_EN
        + " are due and unpaid:\n\n{invoices}\n\n{/reminded}"
        "We give you formal notice to pay us, by {pay_by} at the latest, the sum of {all_due}, "
        "made up of:\n\n- principal: {total}\n{?penalties}\n"
        "- late-payment penalties to this day{?rates} ({rates}){/rates}: {penalties}\n"
        "{/penalties}\n{?indemnities}\n- recovery indemnities: {indemnities}\n{/indemnities}\n\n"
        "Penalties run until payment (article L441-10 of the French commercial code). This "
        "letter is a formal notice in the sense of articles 1231 and 1344 of the French civil "
        "code.\n\n" + _PAY_EN
        + "\nWithout payment by then we shall apply to the court for an order to pay, at your "
        "expense and without further notice." + _CONTACT_EN + "\n\nYours faithfully,\n\n{writer}",
    ),
    Channel.LETTER,
))  # fmt: skip

#: No account and no link: whoever forges an SMS would write just that.
register(TemplateKind(
    SHORT, lazy("Reminder by SMS"), VALUES,
    Text(
        "Rappel par SMS",
        "{writer} : {count} facture(s) de {client} à régler, {total}, échéance {due_on}. "
        "Les coordonnées de paiement sont sur nos courriers.{?contact} {contact}{/contact}",
    ),
    Text(
        "Reminder by SMS",
        "{writer}: {count} invoice(s) of {client} to pay, {total}, due {due_on}. "
        "How to pay is in our letters.{?contact} {contact}{/contact}",
    ),
    Channel.SMS,
))  # fmt: skip

register(TemplateKind(
    CLAIM_DECLARATION, lazy("Declaration of claims in insolvency proceedings"), (
        Variable("debtor", lazy("The debtor"), "Distribution Durand SA"),
        Variable("siren", lazy("Its SIREN"), "552 100 554"),
        Variable("procedure", lazy("The proceedings"), "redressement judiciaire"),
        Variable("court", lazy("The court"), "Tribunal de commerce de Nanterre"),
        Variable("judged_on", lazy("Day of the judgment"), date(2026, 10, 1)),
        Variable("published_on", lazy("Day of its publication"), date(2026, 10, 12)),
        Variable("clients", lazy("The clients whose invoices they are"), "Alpha Métallerie SAS"),
        Variable("invoices", lazy("The invoices, one a line"), _SAMPLE),
        Variable("sums", lazy("What is claimed, by currency and nature"),
                 ("- principal échu : 6 080,00 €", "- principal à échoir : 0,00 €")),
    ),
    Text(
        "Déclaration de créances : {debtor}",
        "Lettre recommandée avec demande d’avis de réception\n\nMaître,\n\n"
        "Par jugement du {judged_on}{?court} du {court}{/court}"
        "{?published_on}, publié au BODACC le {published_on}{/published_on}, une procédure de "
        "{procedure} a été ouverte à l’égard de {debtor}{?siren} (SIREN {siren}){/siren}.\n\n"
        "Conformément aux articles L622-24 et R622-23 du Code de commerce, nous déclarons à son "
        "passif, en notre qualité de cessionnaire ou de subrogé dans les droits de {clients}, les "
        "créances suivantes, nées avant ce jugement :\n\n{invoices}\n\n"
        "Soit :\n\n{sums}\n\n"
        "Les pénalités sont arrêtées au jour du jugement d’ouverture (article L622-28). Créances "
        "chirographaires, sauf sûreté indiquée aux pièces. Nous certifions ces créances sincères "
        "et véritables.\n\nLes factures et les actes qui nous en rendent titulaires sont tenus à "
        "votre disposition.\n\nVeuillez agréer, Maître, l’expression de nos salutations "
        "distinguées.\n\n{factor}",
    ),
    Text(
        "Declaration of claims: {debtor}",
        "Registered letter with acknowledgment of receipt\n\nDear Sir or Madam,\n\n"
        "By judgment of {judged_on}{?court} of {court}{/court}"
        "{?published_on}, published on {published_on}{/published_on}, proceedings "
        "({procedure}) were opened against {debtor}{?siren} (SIREN {siren}){/siren}.\n\n"
        "Under articles L622-24 and R622-23 of the French commercial code we declare these claims, "
        "which arose before that judgment, as assignee of the rights of {clients}:\n\n"
        "{invoices}\n\nThat is:\n\n{sums}\n\n"
        "Penalties stop on the day of the judgment (article L622-28). Unsecured claims, unless the "
        "documents show a security. We certify that these claims are true and fair.\n\n"
        "The invoices and the deeds by which they are ours are at your disposal.\n\n"
        "Yours faithfully,\n\n{factor}",
    ),
    Channel.LETTER,
))  # fmt: skip
