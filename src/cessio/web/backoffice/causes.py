"""Why an availability is not what it was: by cause, adding up to the difference to the cent.

Seen from the current account: what was credited and debited on it, by kind of movement, and what
is withheld more or less than then, by reason (domain.md §2, account view).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cessio.funding.rules import Availability, Line, LineKind
from cessio.ledger import TransactionKind
from cessio.plumbing.i18n import gettext as _
from cessio.plumbing.i18n import lazy
from cessio.reporting.queries import MovedKind
from cessio.statements.formats.words import KINDS
from cessio.web import explaining
from cessio.web.words import label


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause and what it gave or took; ``href`` opens the movements or invoices behind it."""

    words: str
    amount_minor: int
    href: str | None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """The causes of a difference, those of money first, each group by weight."""

    before_minor: int
    after_minor: int
    money: tuple[Cause, ...]
    withheld: tuple[Cause, ...]

    @property
    def delta_minor(self) -> int:
        """After less before: the sum of all causes."""
        return self.after_minor - self.before_minor

    @property
    def causes(self) -> tuple[Cause, ...]:
        """All of them, the weightiest first."""
        return tuple(sorted((*self.money, *self.withheld), key=_weight))


def difference(
    before: Availability, after: Availability, moved: Sequence[MovedKind], *, page: str,
    lines_url: str,
) -> Difference:  # fmt: skip
    """What changed between two availabilities; ``page`` lists the movements between them."""
    money = [Cause(_moved(one), one.current_minor, f"{page}#moved", one.count)
             for one in moved if one.current_minor]  # fmt: skip
    known = sum(one.amount_minor for one in money)
    rest = after.current_account_minor - before.current_account_minor - known
    if rest:
        money.append(Cause(_("Other movements"), rest, f"{page}#moved"))
    withheld = list(_withheld(before, after, lines_url, page))
    return Difference(
        before.available_minor, after.available_minor, tuple(sorted(money, key=_weight)),
        tuple(sorted(withheld, key=_weight)),
    )  # fmt: skip


def _weight(cause: Cause) -> tuple[int, str]:
    return -abs(cause.amount_minor), cause.words


#: Where the words of a client's statement speak to the client.
_OURS = {
    TransactionKind.DRAWDOWN: lazy("Drawdowns granted"),
    TransactionKind.DIRECT_PAYMENT: lazy("Payments the client received directly"),
    TransactionKind.CASH_FROM_CLIENT: lazy("Payments from the client"),
}


def _moved(one: MovedKind) -> str:
    found = _OURS.get(one.kind) or KINDS.get(one.kind)
    words = str(found) if found is not None else label(one.kind)
    return _("Undone: {what}", what=words) if one.undone else words


def _withheld(
    before: Availability, after: Availability, lines_url: str, page: str
) -> Iterable[Cause]:
    old, new = (_lines(found) for found in (before, after))
    for key in {**new, **old}:
        was, now = old.get(key), new.get(key)
        delta = (now.amount_minor if now else 0) - (was.amount_minor if was else 0)
        line = now or was
        if delta and line is not None:
            href = explaining.href(now, lines_url) if now else None
            yield Cause(explaining.words(line), delta, href or page)


def _lines(found: Availability) -> dict[tuple[LineKind, str], Line]:
    return {
        (line.kind, line.reason.value if line.reason else ""): line
        for line in found.account_lines if line.kind is not LineKind.CURRENT_ACCOUNT
    }  # fmt: skip
