"""The reasons a form offers, in the house's order, and what somebody chose or said there.

What is kept of a reason of the house's own lists is its words, so that it can be read for ever;
``words.said`` says them in the reader's language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from cessio.contracts.rules import IneligibleReason
from cessio.house import ReasonList
from cessio.house.queries import Reason
from cessio.plumbing.i18n import language
from cessio.receivables.rules import HOLDABLE, DisputeOutcome, DisputeReason
from cessio.web.forms import Form, one_of, text
from cessio.web.words import choices
from cessio.web.words.registry import ADDED

#: What people choose of the lists whose codes are the program's: a reversal and a transfer back
#: end a dispute by themselves.
CHOSEN: Mapping[ReasonList, tuple[StrEnum, ...]] = {
    ReasonList.DISPUTE: tuple(DisputeReason),
    ReasonList.OUTCOME: tuple(
        each for each in DisputeOutcome
        if each not in (DisputeOutcome.REVERSED, DisputeOutcome.TRANSFERRED_BACK)
    ),
    ReasonList.HOLD: tuple(each for each in IneligibleReason if each in HOLDABLE),
}  # fmt: skip
_own: tuple[Reason, ...] = ()


def know(reasons: Iterable[Reason]) -> None:
    """Keep the house's reasons as they are now, in their order."""
    global _own
    _own = tuple(reasons)


def offered(of: ReasonList | str) -> list[tuple[str, str]]:
    """Code and words of the reasons of a list that are offered, in the house's order."""
    of = ReasonList(of)
    if of in CHOSEN:
        return choices(CHOSEN[of])
    return [(one.code, one.label(language())) for one in _own if one.list is of and one.is_offered]


def given(
    form: Form, name: str, of: ReasonList, *, needed: bool = True, most: int = 500
) -> str | None:
    """What ``ui.reason`` sent: a reason of the list, words of one's own, or both."""
    words = dict(offered(of))
    code = form.maybe(f"{name}_of", one_of(words))
    own = text(most)
    added = form.need(name, own) if needed and not code else form.maybe(name, own)
    return ADDED.join(part for part in (words.get(code or ""), added) if part) or None
