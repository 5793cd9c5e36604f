"""Words for what the house decides for itself."""

from cessio.contracts.rules import FeeKind
from cessio.house.rules import Act, ClosedBecause, Counted, Place, ReasonList
from cessio.parties.rules import Part
from cessio.plumbing.i18n import lazy
from cessio.statements.formats.words import FEES
from cessio.web.words.registry import labels, tones

labels(
    ReasonList,
    {
        ReasonList.DISPUTE: lazy("Why an invoice is disputed"),
        ReasonList.HOLD: lazy("Why an invoice is not funded"),
        ReasonList.OUTCOME: lazy("How a dispute ends"),
        ReasonList.REFUSAL: lazy("Why a remittance is refused"),
        ReasonList.LIMIT_REFUSAL: lazy("Why a limit is refused"),
        ReasonList.PARKING: lazy("Why a receipt waits"),
        ReasonList.PAYOUT_REFUSAL: lazy("Why a payout is refused"),
    },
)
labels(
    Act,
    {
        Act.GRANT_LIMIT: lazy("Grant a limit on a debtor"),
        Act.ACCEPT_REMITTANCE: lazy("Accept a remittance"),
        Act.APPROVE_DRAWDOWN: lazy("Let a payout go, as second person"),
        Act.SIGN_FACILITY: lazy("Sign or raise the facility of a contract"),
        Act.RELEASE_RESERVE: lazy("Give a reserve back"),
    },
)
labels(
    Counted,
    {Counted.PAYOUT: lazy("Payouts"), Counted.REMITTANCE: lazy("Remittances")},
)
labels(
    Place,
    {
        Place.PARIS: lazy("Paris time"),
        Place.REUNION: lazy("Réunion time"),
        Place.MAYOTTE: lazy("Mayotte time"),
        Place.MARTINIQUE: lazy("Martinique time"),
        Place.GUADELOUPE: lazy("Guadeloupe time"),
        Place.GUIANA: lazy("French Guiana time"),
        Place.NEW_CALEDONIA: lazy("New Caledonia time"),
        Place.POLYNESIA: lazy("Tahiti time"),
    },
)
labels(
    ClosedBecause,
    {
        ClosedBecause.WEEKEND: lazy("Weekend"),
        ClosedBecause.HOLIDAY: lazy("French public holiday"),
        ClosedBecause.TARGET: lazy("Banks closed (TARGET2)"),
        ClosedBecause.OWN: lazy("The house is closed"),
    },
)
tones(
    ClosedBecause,
    {
        "info": [ClosedBecause.OWN],
        "attention": [ClosedBecause.HOLIDAY],
        "neutral": [ClosedBecause.TARGET],
    },
)
labels(FeeKind, FEES)
labels(
    Part,
    {
        Part.MANAGER: lazy("Account manager"),
        Part.COLLECTOR: lazy("Collector"),
        Part.ANALYST: lazy("Credit analyst"),
    },
)
