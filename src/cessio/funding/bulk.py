"""The open book set by set: each debtor's euros by what its invoices' dates and marks say.

One statement reads all open receivables of a contract (or of every contract) and sums them by
debtor and by a mask of the reasons that dates decide; invoices with a dispute or a hold stay
apart, one row each. ``attribute_groups`` then gives every ineligible euro its first reason, as
``receivables.rules.attribute`` does invoice by invoice (a test proves them equal).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio.contracts.rules import IneligibleReason, Terms

#: What dates alone decide, and its bit in a group's mask.
DATED = (
    IneligibleReason.OVERDUE,
    IneligibleReason.TOO_OLD,
    IneligibleReason.TERM_TOO_LONG,
    IneligibleReason.NOT_YET_DELIVERED,
)
_OVERDUE_BIT = 1
#: An age limit a contract does not have: no invoice is that old.
_NEVER = date(1900, 1, 1)
_ENDLESS = 100_000


@dataclass(frozen=True, slots=True)
class Group:
    """Open euros of one debtor alike in what is ineligible about them.

    ``invoices_minor`` > 0, ``credits_minor`` < 0; ``cross_minor`` is the part of the invoices
    past the contract's overdue days. A marked invoice is a group of its own.
    """

    debtor_id: int
    mask: int
    invoices_minor: int
    credits_minor: int
    disputed_minor: int
    flags: frozenset[IneligibleReason]


_OPEN_NOW = """
    SELECT id, contract_id, debtor_id, due_date, issue_date, open_minor
      FROM receivable WHERE closed_on IS NULL {one_contract}
"""

_OPEN_BEFORE = """
    SELECT receivable.id, receivable.contract_id, receivable.debtor_id, receivable.due_date,
           receivable.issue_date, sum(entry.amount_minor)::bigint AS open_minor
      FROM ledger_entry AS entry
      JOIN ledger_transaction AS head ON head.id = entry.transaction_id
      JOIN receivable ON receivable.id = entry.receivable_id
     WHERE head.recorded_at < :before {one_contract}
     GROUP BY receivable.id HAVING sum(entry.amount_minor) <> 0
"""

_MARKED = """
    SELECT receivable_id, sum(disputed_minor)::bigint AS disputed_minor,
           array_remove(array_agg(reason ORDER BY reason), NULL) AS reasons
      FROM (SELECT receivable_id, amount_minor AS disputed_minor, NULL AS reason
              FROM dispute WHERE {dispute_open} {one_contract}
            UNION ALL
            SELECT receivable_id, 0, reason FROM hold WHERE {hold_open} {one_contract}) AS mark
     GROUP BY receivable_id
"""

_GROUPS = """
    WITH open AS ({open}), marked AS ({marked})
    SELECT open.contract_id, open.debtor_id, {by},
           (open.due_date < cutoff.due_before)::int
             + 2 * (open.issue_date < cutoff.issued_before)::int
             + 4 * (open.due_date - open.issue_date > cutoff.term_days)::int
             + 8 * (open.issue_date > :on)::int AS mask,
           coalesce(sum(open.open_minor) FILTER (WHERE open.open_minor > 0), 0)::bigint,
           coalesce(sum(open.open_minor) FILTER (WHERE open.open_minor < 0), 0)::bigint,
           coalesce(min(marked.disputed_minor), 0), min(marked.reasons)
      FROM open
      JOIN unnest(CAST(:contracts AS bigint[]), CAST(:due_before AS date[]),
                  CAST(:issued_before AS date[]), CAST(:term_days AS int[]))
             AS cutoff (contract_id, due_before, issued_before, term_days)
        ON cutoff.contract_id = open.contract_id
      LEFT JOIN marked ON marked.receivable_id = open.id
     GROUP BY 1, 2, 3, 4
"""


def open_groups(
    session: Session, *, terms: Mapping[int, Terms], on: date, before: datetime | None = None
) -> dict[int, list[Group]]:
    """The open book of the contracts in ``terms``, grouped; as recorded before an instant."""
    one_contract = "AND contract_id = :contract" if len(terms) == 1 else ""
    marked = _MARKED.format(
        dispute_open=_open_at("opened_at", before), hold_open=_open_at("placed_at", before),
        one_contract=one_contract,
    )  # fmt: skip
    source = _OPEN_NOW if before is None else _OPEN_BEFORE
    opened = source.format(
        one_contract="AND receivable.contract_id = :contract" if len(terms) == 1 else ""
    )
    statement = _GROUPS.format(open=opened, marked=marked, by="marked.receivable_id")
    found: dict[int, list[Group]] = {contract: [] for contract in terms}
    for row in session.execute(text(statement), _facts(terms, on, before)):
        found[row[0]].append(_group(row))
    return found


def open_invoices(
    session: Session, *, contract_id: int, terms: Terms, debtor_ids: Sequence[int], on: date
) -> dict[int, Group]:
    """The open receivables of some debtors under a contract, each as a group of its own, by id."""
    marked = _MARKED.format(
        dispute_open=_open_at("opened_at", None), hold_open=_open_at("placed_at", None),
        one_contract="AND contract_id = :contract",
    )  # fmt: skip
    opened = _OPEN_NOW.format(
        one_contract="AND contract_id = :contract AND debtor_id = ANY(:debtors)"
    )
    statement = _GROUPS.format(open=opened, marked=marked, by="open.id")
    facts = {**_facts({contract_id: terms}, on, None), "debtors": list(debtor_ids)}
    return {row[2]: _group(row) for row in session.execute(text(statement), facts)}


def group_of(
    debtor_id: int, amount_minor: int, *, issued_on: date, due_on: date, terms: Terms, on: date,
    flags: frozenset[IneligibleReason] = frozenset(),
) -> Group:  # fmt: skip
    """A document that is not in the book yet as its group: the same reading of its dates."""
    mask = (
        (due_on < _cutoff(on, _late_days(terms)))
        + 2 * (issued_on < _cutoff(on, terms.invoice_age_days_ineligible))
        + 4 * ((due_on - issued_on).days > _or_endless(terms.payment_term_days_max))
        + 8 * (issued_on > on)
    )
    return Group(debtor_id, mask, max(0, amount_minor), min(0, amount_minor), 0, flags)


def _facts(terms: Mapping[int, Terms], on: date, before: datetime | None) -> dict[str, Any]:
    contracts = sorted(terms)
    return {
        "on": on, "before": before, "contract": contracts[0] if contracts else 0,
        "contracts": contracts,
        "due_before": [_cutoff(on, _late_days(terms[c])) for c in contracts],
        "issued_before": [_cutoff(on, terms[c].invoice_age_days_ineligible) for c in contracts],
        "term_days": [_or_endless(terms[c].payment_term_days_max) for c in contracts],
    }  # fmt: skip


def _group(row: Any) -> Group:
    flags = frozenset(_flag(reason) for reason in row[7] or ())
    return Group(row[1], row[3], row[4], row[5], row[6], flags)


def attribute_groups(
    groups: Sequence[Group],
    terms: Terms,
    *,
    debtor_flags: frozenset[IneligibleReason],
    contra_minor: int = 0,
) -> tuple[tuple[IneligibleReason, int], ...]:
    """One debtor's ineligible euros by reason, in the contract's order.

    ``debtor_flags`` are the reasons that catch the whole debtor (insolvent, excluded, related).
    """
    caught: dict[IneligibleReason, int] = {}
    for reasons in attribute_each(
        groups, terms, debtor_flags=debtor_flags, contra_minor=contra_minor
    ):
        for reason, amount in reasons:
            caught[reason] = caught.get(reason, 0) + amount
    return tuple(
        (reason, caught[reason]) for reason in terms.ineligible_reasons if reason in caught
    )


def attribute_each(
    groups: Sequence[Group],
    terms: Terms,
    *,
    debtor_flags: frozenset[IneligibleReason],
    contra_minor: int = 0,
) -> Iterator[tuple[tuple[IneligibleReason, int], ...]]:
    """The ineligible euros of each group of one debtor; ``attribute_groups`` is their sum."""
    cross_aged = _is_cross_aged(groups, terms)
    overdue_counts = terms.overdue_days_ineligible is not None
    for group in groups:
        left, caught = group.invoices_minor, []
        if not overdue_counts:  # then the bit serves cross-ageing alone
            group = replace(group, mask=group.mask & ~_OVERDUE_BIT)
        for reason in terms.ineligible_reasons:
            amount = min(left, _caught(reason, group, debtor_flags, cross_aged, contra_minor))
            if amount > 0:
                caught.append((reason, amount))
                left -= amount
                contra_minor -= amount if reason is IneligibleReason.CONTRA else 0
        yield tuple(caught)


def _caught(
    reason: IneligibleReason,
    group: Group,
    debtor_flags: frozenset[IneligibleReason],
    cross_aged: bool,
    contra_minor: int,
) -> int:
    if reason is IneligibleReason.DISPUTED:
        return group.disputed_minor
    if reason is IneligibleReason.CONTRA:
        return contra_minor
    if reason is IneligibleReason.CROSS_AGED:
        return group.invoices_minor if cross_aged else 0
    dated = reason in DATED and group.mask & (1 << DATED.index(reason))
    applies = dated or reason in group.flags or reason in debtor_flags
    return group.invoices_minor if applies else 0


def _is_cross_aged(groups: Iterable[Group], terms: Terms) -> bool:
    if terms.cross_ageing_rate is None:
        return False
    total = sum(group.invoices_minor for group in groups)
    overdue = sum(group.invoices_minor for group in groups if group.mask & _OVERDUE_BIT)
    return total > 0 and Fraction(overdue, total) >= Fraction(terms.cross_ageing_rate)


def _late_days(terms: Terms) -> int | None:
    """After how many days late an invoice counts as overdue; cross-ageing alone counts from one."""
    if terms.overdue_days_ineligible is None and terms.cross_ageing_rate is not None:
        return 0
    return terms.overdue_days_ineligible


def _cutoff(on: date, days: int | None) -> date:
    return _NEVER if days is None else on - timedelta(days=days)


def _or_endless(days: int | None) -> int:
    return _ENDLESS if days is None else days


def _open_at(since: str, before: datetime | None) -> str:
    if before is None:
        return "ended_at IS NULL"
    return f"{since} < :before AND (ended_at IS NULL OR ended_at >= :before)"


def _flag(reason: str) -> IneligibleReason:
    """The ineligible reason of a hold: its own name, or held by a person for another cause."""
    try:
        return IneligibleReason(reason)
    except ValueError:
        return IneligibleReason.ON_HOLD
