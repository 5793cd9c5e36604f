"""Words of cash application: why a match is proposed, what was done with a payment."""

from __future__ import annotations

from cessio.cash.queries import LineState
from cessio.cash.rules import AllocationKind, LossCash, OwnMeans, ReasonCode
from cessio.plumbing.i18n import Lazy, gettext, lazy
from cessio.web.words.registry import label, labels, sentences

labels(
    AllocationKind,
    {
        AllocationKind.PAYMENT: lazy("Paid"),
        AllocationKind.DIFFERENCE: lazy("Difference accepted"),
        AllocationKind.ON_ACCOUNT: lazy("Held on account"),
    },
)
labels(
    OwnMeans,
    {
        OwnMeans.CAPITAL: lazy("Own capital"),
        OwnMeans.REFINANCING: lazy("Refinancing"),
        OwnMeans.COST: lazy("Cost of refinancing and bank charges"),
        OwnMeans.TRANSFER: lazy("Transfers between our accounts"),
    },
)
labels(
    LossCash,
    {
        LossCash.INSURER: lazy("From or to the insurer"),
        LossCash.RECOVERY: lazy("Recovered after an indemnity"),
    },
)
labels(
    LineState,
    {
        LineState.MATCH: lazy("Waiting for a match"),
        LineState.PARKED: lazy("Lines set aside"),
        LineState.OPEN: lazy("Everything not applied"),
        LineState.APPLIED: lazy("Applied in full"),
    },
)
sentences(
    {
        ReasonCode.REFERENCE: lazy("The payer wrote {numbers}."),
        ReasonCode.STRUCTURED_REFERENCE: lazy("The payer's structured reference names {numbers}."),
        ReasonCode.EXACT_AMOUNT: lazy("The amount is exactly what is open."),
        ReasonCode.SUM_OF_INVOICES: lazy("The amount is exactly the sum of these invoices."),
        ReasonCode.CREDIT_NOTES_NETTED: lazy("The payer deducted {numbers}."),
        ReasonCode.PAYER_IBAN: lazy("The debtor is known to pay from this account."),
        ReasonCode.PAYER_NAME: lazy("The debtor is known under this name."),
        ReasonCode.OLDEST_FIRST: lazy("The oldest invoices add up to it: {numbers}."),
        ReasonCode.PAYER_SHARED: lazy("{count} debtors are known to pay like this."),
        ReasonCode.WHOLE_BALANCE: lazy("It is everything this debtor owes ({count} documents)."),
        ReasonCode.ONLY_COMBINATION: lazy("These add up to the amount: {numbers}."),
        ReasonCode.SOME_COMBINATION: lazy(
            "These add up to the amount, and others would as well: {numbers}."
        ),
        ReasonCode.SHORT: lazy("{short_minor} are missing over these invoices."),
        ReasonCode.OVER: lazy("{over_minor} more than is open: the rest stays to be matched."),
        ReasonCode.DISCOUNT: lazy("{short_minor} are missing ({rate}): an early-payment discount?"),
        ReasonCode.TOLERATED: lazy(
            "{short_minor} are missing: so little is accepted, on the client's account."
        ),
        ReasonCode.PARTIAL: lazy("A part payment: {short_minor} stay open."),
        ReasonCode.AMBIGUOUS_NUMBER: lazy("Several invoices carry this number."),
        ReasonCode.SEVERAL_SAME_AMOUNT: lazy(
            "{count} invoices have this very amount; the oldest is proposed."
        ),
        ReasonCode.AMOUNT_ONLY: lazy("Nothing but the amount speaks for it."),
        ReasonCode.PAYER_ONLY: lazy(
            "Nothing but the payer is known; the oldest invoices are proposed."
        ),
        ReasonCode.KEPT_COVER: lazy(
            "The limit is cancelled: what kept its cover is paid first ({kept_minor}; {numbers})."
        ),
        ReasonCode.OWN_MEANS: lazy("Reference: {reference}"),
        ReasonCode.PAYER_DIFFERS: lazy("The payer is not the debtor we know for this number."),
    }
)

_APPLICATIONS: dict[str, Lazy] = {
    "auto": lazy("Matched by itself"),
    "confirmed": lazy("Proposal confirmed"),
    "manual": lazy("Applied by hand"),
    "client": lazy("Client's own money"),
    "direct": lazy("Paid to the client"),
}
_ALIASES: dict[str, Lazy] = {"iban": lazy("Account"), "name": lazy("Name")}


def application_name(kind: str) -> str:
    """What an application did, in a few words."""
    if kind in {one.value for one in OwnMeans}:
        return label(OwnMeans(kind))
    if kind in {one.value for one in LossCash}:
        return label(LossCash(kind))
    return str(_APPLICATIONS[kind]) if kind in _APPLICATIONS else label(kind)


def alias_name(kind: str) -> str:
    """Whether a payer is known by an account or by a name."""
    return str(_ALIASES[kind]) if kind in _ALIASES else gettext("Other")
