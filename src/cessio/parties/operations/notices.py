"""Everybody a client had made known to us is told when its payout account is to change.

Who takes over a mailbox or a telephone asks for the change alone; those who were known before
read of it at once, and again when it takes effect or is given up.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from cessio.correspondence import Recipient, TemplateKind, Text, Variable, register, send
from cessio.identity.queries import people
from cessio.notifications import notify
from cessio.parties import queries
from cessio.parties.models import PartyAccount
from cessio.plumbing.i18n import lazy

_VALUES = (
    Variable("client", lazy("The client"), "Alpha Métallerie SAS"),
    Variable("iban", lazy("The account asked for, its middle hidden"), "FR76 •••• 0189"),
    Variable("former", lazy("The account paid until then, its middle hidden"), "FR14 •••• 2606"),
    Variable("asked_at", lazy("When it was asked"), datetime.fromisoformat("2026-11-18T09:30Z")),
)  # fmt: skip
_ALARM_FR = (
    "Si vous n’êtes pas à l’origine de cette demande, ou si elle vous surprend, appelez-nous tout "
    "de suite au numéro que vous connaissez, jamais à un numéro reçu par message.\n\n{factor}"
)
_ALARM_EN = (
    "If you did not ask for this, or if it surprises you, call us at once on the number you know, "
    "never on one that came with a message.\n\n{factor}"
)

CHANGE_ASKED = register(
    TemplateKind(
        "payout_account_asked",
        lazy("To a client: another account for its payouts was asked for"),
        _VALUES,
        Text(
            "Un changement de compte bancaire est demandé pour {client}",
            "Bonjour {recipient},\n\n"
            "On nous a demandé, le {asked_at}, de payer désormais {client} sur le compte {iban}"
            "{?former}, au lieu du compte {former}{/former}.\n\n"
            "Nous l’écrivons à chaque personne de votre entreprise que nous connaissions. Rien ne "
            "sera payé sur ce compte avant que nous ayons appelé l’une d’elles.\n\n" + _ALARM_FR,
        ),
        Text(
            "Another bank account was asked for {client}",
            "Dear {recipient},\n\n"
            "On {asked_at} we were asked to pay {client} on account {iban} from now on"
            "{?former}, instead of account {former}{/former}.\n\n"
            "We write this to everybody we knew at your company. Nothing will be paid to this "
            "account before we have called one of them.\n\n" + _ALARM_EN,
        ),
    )
)
CHANGE_MADE = register(
    TemplateKind(
        "payout_account_changed",
        lazy("To a client: its payouts go to another account"),
        _VALUES,
        Text(
            "{client} est payé sur un nouveau compte bancaire",
            "Bonjour {recipient},\n\n"
            "Le changement demandé le {asked_at} est vérifié : {client} est désormais payé sur le "
            "compte {iban}{?former}, au lieu du compte {former}{/former}.\n\n" + _ALARM_FR,
        ),
        Text(
            "{client} is paid on another bank account",
            "Dear {recipient},\n\n"
            "The change asked for on {asked_at} is checked: {client} is now paid on account {iban}"
            "{?former}, instead of account {former}{/former}.\n\n" + _ALARM_EN,
        ),
    )
)
CHANGE_REFUSED = register(
    TemplateKind(
        "payout_account_refused",
        lazy("To a client: another account for its payouts was not accepted"),
        _VALUES,
        Text(
            "Le changement de compte bancaire de {client} n’est pas retenu",
            "Bonjour {recipient},\n\n"
            "Le changement demandé le {asked_at} n’est pas retenu : rien ne sera payé sur le "
            "compte {iban}.{?former} {client} reste payé sur le compte {former}.{/former}\n\n"
            + _ALARM_FR,
        ),
        Text(
            "The other bank account of {client} was not accepted",
            "Dear {recipient},\n\n"
            "The change asked for on {asked_at} was not accepted: nothing will be paid to account "
            "{iban}.{?former} {client} is still paid on account {former}.{/former}\n\n" + _ALARM_EN,
        ),
    )
)


def tell_of_change(
    session: Session, account: PartyAccount, kind: TemplateKind, *, by: str, at: datetime
) -> None:
    """Write to those who were known when the account was asked for, who asked included.

    A first payout account changes nothing. One mail per address; what became of a contact since
    does not keep it from being told.
    """
    client_id = queries.client_of_company(session, account.company_id)
    if client_id is None or not queries.had_payout_account(
        session, account.company_id, but=account.id
    ):
        return
    paid = [one for one in queries.accounts(session, account.company_id)
            if one.is_payout and one.confirmed_at is not None and one.id != account.id]  # fmt: skip
    values = {
        "client": queries.company(session, account.company_id).name,
        "iban": _hidden(account.iban),
        "former": _hidden(paid[0].iban) if paid else None,
        "asked_at": account.added_at,
    }
    for to in _known_when_asked(session, account, client_id):
        send(
            session, template=kind.code, to=to, values=values, subject_kind="party_account",
            subject_id=account.id, client_id=client_id, key=f"{kind.code}/{account.id}/{to.email}",
            by=by, at=at,
        )  # fmt: skip

    notify(
        session, person_ids=[one.id for one in people(session, client_id=client_id)],
        kind=kind.code, values={"iban": values["iban"]}, href="/portal/bank-details", at=at,
        key=f"{kind.code}/{account.id}",
    )  # fmt: skip


def _known_when_asked(
    session: Session, account: PartyAccount, client_id: int
) -> tuple[Recipient, ...]:
    asked = account.added_at
    users = [
        Recipient(one.email, one.name, one.language)
        for one in people(session, client_id=client_id, disabled=None)
        if one.created_at < asked and (one.disabled_at is None or one.disabled_at >= asked)
    ]
    named = [
        Recipient(one.email, one.name, one.language)
        for one in queries.contacts(session, account.company_id, ended=True)
        if one.email and one.added_at < asked and (one.ended_at is None or one.ended_at >= asked)
    ]
    return tuple({one.email.casefold(): one for one in (*named, *users)}.values())


def _hidden(iban: str) -> str:
    return f"{iban[:4]} •••• {iban[-4:]}"
