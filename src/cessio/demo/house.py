"""The house of the demonstration: teams, portfolios, products with fees, a text of its own."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from cessio import house
from cessio.agreeing.deeds.contracts import AddFeeGrid, AddOffer
from cessio.agreeing.deeds.house import SetAuthority
from cessio.contracts import product_defaults
from cessio.contracts.operations import Named
from cessio.contracts.operations.notices import NOTICE_OF_ASSIGNMENT
from cessio.contracts.rules import FeeKind, Product
from cessio.contracts.rules.grids import FeeLine
from cessio.correspondence import Text, change_wording
from cessio.demo.agreeing import agreed
from cessio.demo.analyst import SECOND_MINOR
from cessio.demo.book import Book, instant
from cessio.house import Act, NamedReason, ReasonList
from cessio.identity import operations as identity
from cessio.kernel.calendar import add_months, next_business_day
from cessio.parties.operations import hand_over
from cessio.parties.rules import Part

GRID = (
    FeeLine(FeeKind.SETUP, flat_minor=250_00),
    FeeLine(FeeKind.MONTHLY, flat_minor=45_00),
    FeeLine(FeeKind.DEBTOR_STUDY, flat_minor=15_00),
    FeeLine(FeeKind.DEBTOR_STUDY, from_minor=50_000_00, flat_minor=35_00),
    FeeLine(FeeKind.PAYOUT, flat_minor=1_50),
    FeeLine(FeeKind.DISPUTE, flat_minor=20_00),
)
SOLD = {
    Product.FULL: Named("SERENITE", "Affacturage Sérénité", "Serenity factoring"),
    Product.RECOURSE: Named("SOUPLESSE", "Affacturage Souplesse", "Flexible factoring"),
    Product.CONFIDENTIAL: Named("DISCRETION", "Affacturage Discrétion", "Discreet factoring"),
}
TEAMS = {"Équipe Lyon": ("alice", "chloe", "jules"), "Équipe Paris": ("marc", "denis")}
NOTICE = Text(
    "Vos factures {client} : où les régler",
    "Madame, Monsieur,\n\n{client} nous a confié la gestion de ses factures. Celles qu’il émet "
    "sur {debtor} nous sont transférées (article 1346-1 du Code civil) : pour être libératoire, "
    "leur règlement doit nous parvenir à l’échéance, par virement.\n\n"
    "- IBAN : {iban}\n{?bic}\n- BIC : {bic}\n{/bic}\n- Titulaire : {holder}\n\n"
    "Une facture vous paraît inexacte ? Dites-le-nous sans attendre.\n\n"
    "Nous vous prions d’agréer, Madame, Monsieur, nos salutations distinguées.\n\n{factor}",
)


def offered(
    session: Session, *, on: date, by: str, second: str, at: datetime
) -> dict[Product, tuple[int, int]]:
    """Products contracts are signed on: offer and fee grid by kind."""
    who: dict[str, Any] = {"by": by, "second": second, "at": at}
    named = Named("STANDARD", "Grille standard", "Standard grid")
    grid = agreed(session, AddFeeGrid(named, GRID, on), **who)
    return {
        kind: (agreed(session, AddOffer(sold, kind, product_defaults(kind), on, grid), **who), grid)
        for kind, sold in SOLD.items()
    }


REASONS: dict[ReasonList, tuple[tuple[str, str, str], ...]] = {
    ReasonList.REFUSAL: (
        ("missing_delivery_note", "Bon de livraison manquant", "Delivery note missing"),
        ("unknown_order", "Commande inconnue du débiteur", "Order unknown to the debtor"),
        ("not_delivered", "Facture émise avant la livraison", "Invoiced before delivery"),
    ),
    ReasonList.LIMIT_REFUSAL: (
        ("late_accounts", "Comptes non déposés", "Accounts not filed"),
        ("payment_incidents", "Incidents de paiement récents", "Recent payment incidents"),
        ("insurer_refusal", "Refus de l’assureur-crédit", "Refused by the credit insurer"),
    ),
    ReasonList.PARKING: (
        ("ask_debtor", "Détail demandé au débiteur", "Details asked of the debtor"),
        ("ask_client", "Question posée au client", "Client asked"),
        ("wrong_payee", "Règlement qui n’est pas pour nous", "Payment not meant for us"),
    ),
    ReasonList.PAYOUT_REFUSAL: (
        ("call_back_failed", "Contre-appel sans réponse", "Call-back unanswered"),
        ("account_changed", "Compte changé récemment", "Account changed lately"),
    ),
}  # fmt: skip


def furnish(book: Book) -> None:
    """Teams, portfolios, a day closed ahead, amounts to decide up to, reasons and own words."""
    by, ids, at = book.staff["eva"], book.staff.ids, instant(book.until, 18)
    with book.act() as session:
        for name, people in TEAMS.items():
            team = identity.add_team(session, name=name, by=by, at=at)
            for key in people:
                identity.join_team(session, team_id=team, person_id=ids[key], by=by, at=at)
        hand_over(session, client_ids=[client.id for client in book.clients], part=Part.ANALYST,
                  person_id=ids["chloe"], by=by, at=at)  # fmt: skip
        ahead = next_business_day(add_months(book.until, 2))
        house.close_day(session, day=ahead, label="Inventaire annuel", by=by, at=at)
        amounts = SetAuthority(Act.GRANT_LIMIT, {"credit_analyst": 50_000_000}, SECOND_MINOR)
        agreed(session, amounts, by=by, second=book.staff["karine"], at=at)
        for of, reasons in REASONS.items():
            for place, (code, french, english) in enumerate(reasons):
                named = NamedReason(of, code, french, english, position=place)
                house.name_reason(session, reason=named, by=by, at=at)
        change_wording(session, code=NOTICE_OF_ASSIGNMENT.code, language="fr", text=NOTICE,
                       note="Plus simple à lire", by=by, at=at)  # fmt: skip
