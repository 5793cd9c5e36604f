"""Why a remittance waits for the account manager, in a few words each."""

from __future__ import annotations

from cessio.plumbing.i18n import Lazy, lazy
from cessio.web.words import label

_WORDS: dict[str, Lazy] = {
    "above_auto_accept": lazy("Above the amount accepted by rule"),
    "below_minimum": lazy("Below the smallest remittance"),
    "similar_number": lazy("Number much like another"),
    "similar_amount": lazy("Same debtor, amount and dates"),
    "debtor_insolvent": lazy("Insolvent debtor"),
    "related_party": lazy("Debtor of the client's group"),
    "vat_implausible": lazy("VAT does not fit the amount"),
}


def why_it_waits(code: str) -> str:
    """The words of a hold reason of a remittance."""
    return str(_WORDS[code]) if code in _WORDS else label(code)
