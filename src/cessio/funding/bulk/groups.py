"""Open receivables read as groups: sums by debtor and by a mask of what dates decide.

One statement sums everything open; the few invoices with a dispute or a hold are read one by one,
taken out of their sums and kept apart. As of a past day what was open follows from the ledger.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio.contracts.rules import CoverOrderKey, IneligibleReason, Terms
from cessio.funding.bulk.reasons import Group
from cessio.receivables.bulk.planning import planned_for
from cessio.receivables.queries.due_dates import MOVED_SINCE

#: An age limit a contract does not have: no invoice is that old.
_NEVER = date(1900, 1, 1)
_ENDLESS = 100_000
_NOT_DELIVERED = 8
#: Not a reason but a sign: a credit, told apart by the group's key, for a second sum costs more.
_CREDIT = 16

#: The condition of each bit of the mask; ``{cut}`` carries the contract's limits.
_BITS = {
    1: "due_date < {cut}due_before",
    2: "issue_date < {cut}issued_before",
    4: "due_date - issue_date > {cut}term_days",
    _NOT_DELIVERED: "issue_date > :on",
}

_OF_ONE = """
    SELECT debtor_id, {mask} + {credit} * (open_minor < 0)::int AS mask, sum(open_minor)::bigint,
           NULL::date, NULL::date, NULL::bigint, NULL::bigint, NULL::text[]
      FROM receivable
     WHERE closed_on IS NULL AND contract_id = :contract
     GROUP BY 1, 2
     UNION ALL
    SELECT debtor_id, NULL, NULL, due_date, issue_date, open_minor, disputed_minor, reasons
      FROM ({marked}) AS marked JOIN receivable ON receivable.id = marked.receivable_id
     WHERE closed_on IS NULL AND contract_id = :contract
"""

#: A column a mask: to group by the mask itself, the planner would expect a group an invoice.
_OF_MANY = """
    SELECT receivable.contract_id, debtor_id,
           coalesce(sum(open_minor) FILTER (WHERE open_minor < 0), 0)::bigint, {sums}
      FROM receivable
      JOIN {cutoff} ON cutoff.contract_id = receivable.contract_id
     WHERE closed_on IS NULL
     GROUP BY 1, 2
"""
_SUM = "coalesce(sum(open_minor) FILTER (WHERE open_minor > 0{having}), 0)::bigint"
_CUTOFF = """
    unnest(CAST(:contracts AS bigint[]), CAST(:due_before AS date[]),
           CAST(:issued_before AS date[]), CAST(:term_days AS int[]))
      AS cutoff (contract_id, due_before, issued_before, term_days)
"""
_NAMES = ("due_before", "issued_before", "term_days")

#: The date that orders a contract's invoices.
ORDER_COLUMNS = {
    CoverOrderKey.DUE_DATE: "due_date",
    CoverOrderKey.ASSIGNMENT_DATE: "assigned_on",
    CoverOrderKey.ISSUE_DATE: "issue_date",
}

#: Two cores of a small server are worth it for a million rows; hashes stay in memory.
_SETTINGS = {"work_mem": "64MB", "parallel_tuple_cost": "0.01", "parallel_setup_cost": "100",
             "enable_sort": "off", "enable_mergejoin": "off"}  # fmt: skip

_MARKED = """
    SELECT receivable_id, sum(disputed_minor)::bigint AS disputed_minor,
           array_remove(array_agg(reason ORDER BY reason), NULL) AS reasons
      FROM (SELECT receivable_id, amount_minor AS disputed_minor, NULL AS reason
              FROM dispute WHERE {dispute_open} {of_contracts}
            UNION ALL
            SELECT receivable_id, 0, reason FROM hold WHERE {hold_open} {of_contracts}) AS mark
     GROUP BY receivable_id
"""

_MARKED_NOW = """
    SELECT contract_id, debtor_id, due_date, issue_date, open_minor,
           marked.disputed_minor, marked.reasons
      FROM ({marked}) AS marked JOIN receivable ON receivable.id = marked.receivable_id
     WHERE closed_on IS NULL
"""

_SOME_NOW = """
    SELECT receivable.id, debtor_id, due_date, issue_date, open_minor,
           coalesce(marked.disputed_minor, 0), marked.reasons
      FROM receivable LEFT JOIN ({marked}) AS marked ON marked.receivable_id = receivable.id
     WHERE closed_on IS NULL AND contract_id = :contract AND debtor_id = ANY(:debtors)
"""

#: What debtors are due to pay of one contract, by the stretch of days it falls in: without what is
#: in dispute or held, and what is too late to be counted on.
_DUE = """
    SELECT debtor_id, {mask} AS mask, width_bucket(due_date, CAST(:from_days AS date[])),
           sum(open_minor)::bigint
      FROM receivable
     WHERE closed_on IS NULL AND contract_id = :contract AND open_minor > 0
       AND due_date >= :late_before AND due_date < :until
       AND NOT EXISTS (SELECT FROM dispute WHERE dispute.receivable_id = receivable.id
                                             AND dispute.ended_at IS NULL)
       AND NOT EXISTS (SELECT FROM hold WHERE hold.receivable_id = receivable.id
                                          AND hold.ended_at IS NULL)
     GROUP BY 1, 2, 3
"""

#: Of one debtor, what comes before an invoice in the contract's order and what after it, summed;
#: then its marked invoices and the invoice itself, each alone.
_AROUND = """
    WITH mine AS (
      SELECT id, ({order}, number, id) < (:at, :number, :id) AS earlier, due_date, issue_date,
             open_minor
        FROM receivable
       WHERE closed_on IS NULL AND contract_id = :contract AND debtor_id = :debtor
         AND open_minor > 0
    ), alone AS (
      SELECT mine.*, marked.disputed_minor, marked.reasons
        FROM mine LEFT JOIN ({marked}) AS marked ON marked.receivable_id = mine.id
       WHERE mine.id = :id OR marked.receivable_id IS NOT NULL
    )
    SELECT NULL::bigint, earlier, {mask}, sum(open_minor)::bigint, NULL::date, NULL::date,
           NULL::bigint, NULL::text[]
      FROM mine WHERE NOT EXISTS (SELECT FROM alone WHERE alone.id = mine.id)
     GROUP BY 2, 3
     UNION ALL
    SELECT id, earlier, NULL, open_minor, due_date, issue_date, coalesce(disputed_minor, 0), reasons
      FROM alone
"""

#: What is open now less what was recorded since: the cost is that of the days between.
_OPEN_BEFORE = """
    WITH since AS MATERIALIZED (
      SELECT entry.receivable_id AS id, sum(entry.amount_minor)::bigint AS minor
        FROM ledger_transaction AS head
        JOIN ledger_entry AS entry ON entry.transaction_id = head.id
       WHERE head.recorded_at >= :before AND head.contract_id = ANY(:contracts)
         AND entry.receivable_id IS NOT NULL
       GROUP BY entry.receivable_id
    ), now AS (
      SELECT id, contract_id, debtor_id, due_date, issue_date, open_minor
        FROM receivable
       WHERE closed_on IS NULL
         AND contract_id IN (SELECT unnest(CAST(:contracts AS bigint[])))
    ), known AS (
      SELECT id, contract_id, debtor_id, due_date, issue_date,
             now.open_minor - coalesce(since.minor, 0) AS open_minor
        FROM now LEFT JOIN since USING (id)
       UNION ALL
      SELECT id, contract_id, debtor_id, due_date, issue_date, -since.minor
        FROM since JOIN receivable USING (id) WHERE closed_on IS NOT NULL
    ), open AS (
      SELECT known.id, contract_id, debtor_id, coalesce(moved.from_on, due_date) AS due_date,
             issue_date, open_minor
        FROM known LEFT JOIN ({moved}) AS moved ON moved.receivable_id = known.id
       WHERE open_minor <> 0
    )
"""
OPEN_BEFORE = _OPEN_BEFORE.format(moved=MOVED_SINCE)
_BEFORE = """
    {open}, marked AS ({marked})
    SELECT open.contract_id, open.debtor_id, marked.receivable_id, {mask} AS mask,
           coalesce(sum(open.open_minor) FILTER (WHERE open.open_minor > 0), 0)::bigint,
           coalesce(sum(open.open_minor) FILTER (WHERE open.open_minor < 0), 0)::bigint,
           coalesce(min(marked.disputed_minor), 0), min(marked.reasons)
      FROM open
      JOIN {cutoff} ON cutoff.contract_id = open.contract_id
      LEFT JOIN marked ON marked.receivable_id = open.id
     GROUP BY 1, 2, 3, 4
"""


@dataclass(frozen=True, slots=True)
class _Cutoffs:
    """The dates and days that decide the mask of a contract's invoices on a day."""

    on: date
    due_before: date
    issued_before: date
    term_days: int

    def mask(self, due_on: date, issued_on: date) -> int:
        """What the dates of one document say, as the statements read them."""
        return (
            (due_on < self.due_before)
            + 2 * (issued_on < self.issued_before)
            + 4 * ((due_on - issued_on).days > self.term_days)
            + _NOT_DELIVERED * (issued_on > self.on)
        )


def open_groups(
    session: Session, *, terms: Mapping[int, Terms], on: date, before: datetime | None = None
) -> dict[int, list[Group]]:
    """The open book of the contracts in ``terms``, grouped; as recorded before an instant."""
    cutoffs = {contract: _cutoffs(its, on) for contract, its in sorted(terms.items())}
    if before is not None:
        return _groups_before(session, cutoffs, before)
    if len(terms) == 1:
        sums, marked = _read_one(session, cutoffs)
    else:
        sums, marked = _sums_of_many(session, cutoffs), _marked(session, cutoffs)
    for contract, group in marked:
        held = sums[contract][group.debtor_id]
        invoices, lent = held.get(group.mask, (0, 0))
        held[group.mask] = (invoices - group.invoices_minor, lent - group.credits_minor)
    found = {
        contract: [
            Group(debtor, mask, *amounts)
            for debtor, held in debtors.items()
            for mask, amounts in held.items()
            if amounts != (0, 0)
        ]
        for contract, debtors in sums.items()
    }
    for contract, group in marked:
        found[contract].append(group)
    return found


def open_invoices(
    session: Session, *, contract_id: int, terms: Terms, debtor_ids: Sequence[int], on: date
) -> dict[int, Group]:
    """The open receivables of some debtors under a contract, each as a group of its own, by id."""
    cutoffs = _cutoffs(terms, on)
    statement = _SOME_NOW.format(marked=_marks(one_contract=True))
    rows = session.execute(
        text(statement), {"contract": contract_id, "debtors": list(debtor_ids)}
    )  # fmt: skip
    return {row[0]: _group_of_row(row, cutoffs) for row in rows}


def due_groups(
    session: Session, *, contract_id: int, terms: Terms, on: date, until: Sequence[date]
) -> list[list[Group]]:
    """What debtors are due to pay before each of some days, in order, beyond the days before.

    Of invoices that nobody contests; each group is part of one of ``open_groups``.
    """
    its = _cutoffs(terms, on)
    statement = _DUE.format(mask=_mask(_bits_used([its]), ":"))
    late = terms.overdue_days_ineligible
    facts = {
        "contract": contract_id, "on": on, "from_days": list(until[:-1]), "until": until[-1],
        "late_before": _cutoff(on, late), **{name: getattr(its, name) for name in _NAMES},
    }  # fmt: skip
    found: list[list[Group]] = [[] for _ in until]
    for debtor, mask, stretch, minor in session.execute(text(statement), facts):
        found[stretch].append(Group(debtor, mask, minor, 0))
    return found


@dataclass(frozen=True, slots=True)
class Placed:
    """A group of one debtor's invoices, and where it is in the contract's order.

    ``earlier`` than the invoice asked about, or later; that invoice itself ``is_own``.
    """

    group: Group
    earlier: bool
    is_own: bool = False


def groups_around(
    session: Session, *, contract_id: int, debtor_id: int, receivable_id: int, number: str,
    order_on: date, terms: Terms, on: date,
) -> list[Placed]:  # fmt: skip
    """What a debtor owes under a contract before and after one invoice; ``order_on`` is its date.

    Credits are left out.
    """
    its = _cutoffs(terms, on)
    statement = _AROUND.format(
        order=ORDER_COLUMNS[terms.cover_order_key],
        marked=_marks(one_contract=True),
        mask=_mask(_bits_used([its]), ":"),
    )
    facts = {
        "contract": contract_id, "debtor": debtor_id, "id": receivable_id, "number": number,
        "at": order_on, "on": on, **{name: getattr(its, name) for name in _NAMES},
    }  # fmt: skip
    found = []
    for key, earlier, mask, minor, *single in session.execute(text(statement), facts):
        if key is None:
            found.append(Placed(Group(debtor_id, mask, minor, 0), earlier))
        else:
            due_on, issued_on, disputed, reasons = single
            row = (key, debtor_id, due_on, issued_on, minor, disputed, reasons)
            found.append(Placed(_group_of_row(row, its), earlier, key == receivable_id))
    return found


def group_of(
    debtor_id: int, amount_minor: int, *, issued_on: date, due_on: date, terms: Terms, on: date,
    flags: frozenset[IneligibleReason] = frozenset(),
) -> Group:  # fmt: skip
    """A document that is not in the book yet as its group: the same reading of its dates."""
    mask = _cutoffs(terms, on).mask(due_on, issued_on)
    return Group(debtor_id, mask, max(0, amount_minor), min(0, amount_minor), 0, flags)


#: Of one contract: by debtor and mask, euros of invoices and of credits.
Sums = dict[int, dict[int, tuple[int, int]]]


#: Receivables in dispute or held, each as a group of its own, by contract.
Marked = list[tuple[int, Group]]


def _read_one(session: Session, cutoffs: Mapping[int, _Cutoffs]) -> tuple[dict[int, Sums], Marked]:
    """The sums of one contract and its marked receivables, in one statement."""
    [(contract, its)] = cutoffs.items()
    statement = _OF_ONE.format(
        mask=_mask(_bits_used([its]), ":"), credit=_CREDIT, marked=_marks(one_contract=True)
    )
    facts = {"contract": contract, "on": its.on, **{name: getattr(its, name) for name in _NAMES}}
    sums: Sums = {}
    marked: Marked = []
    for debtor, mask, total, *single in session.execute(text(statement), facts).all():
        if mask is None:
            marked.append((contract, _group_of_row((None, debtor, *single), its)))
            continue
        held = sums.setdefault(debtor, {})
        invoices, lent = held.get(mask % _CREDIT, (0, 0))
        if mask >= _CREDIT:
            held[mask - _CREDIT] = (invoices, lent + total)
        else:
            held[mask] = (invoices + total, lent)
    return {contract: sums}, marked


def _sums_of_many(session: Session, cutoffs: Mapping[int, _Cutoffs]) -> dict[int, Sums]:
    bits = _bits_used(cutoffs.values())
    masks = _masks(bits)
    columns = ", ".join(_SUM.format(having=_only(mask, bits)) for mask in masks)
    statement = text(_OF_MANY.format(sums=columns, cutoff=_CUTOFF))
    sums: dict[int, Sums] = {contract: {} for contract in cutoffs}
    with planned_for(session, _SETTINGS):
        rows = session.execute(statement, _facts(cutoffs)).all()
    for contract, debtor, lent, *invoices in rows:
        held = {mask: (minor, 0) for mask, minor in zip(masks, invoices, strict=True) if minor}
        if lent:
            held[0] = (held[0][0] if 0 in held else 0, lent)
        sums[contract][debtor] = held
    return sums


def _marked(session: Session, cutoffs: Mapping[int, _Cutoffs]) -> Marked:
    """Open receivables in dispute or held, each a group of its own."""
    statement = text(_MARKED_NOW.format(marked=_marks(one_contract=False)))
    rows = session.execute(statement, {"contracts": list(cutoffs)})
    return [(row[0], _group_of_row(row, cutoffs[row[0]])) for row in rows]


def _group_of_row(row: Any, cutoffs: _Cutoffs) -> Group:
    _, debtor, due_on, issued_on, minor, disputed, reasons = row
    flags = frozenset(_flag(reason) for reason in reasons or ())
    mask = cutoffs.mask(due_on, issued_on)
    return Group(debtor, mask, max(0, minor), min(0, minor), disputed, flags)


def _groups_before(
    session: Session, cutoffs: Mapping[int, _Cutoffs], before: datetime
) -> dict[int, list[Group]]:
    """What was open at an instant, from the entries recorded before it."""
    one = len(cutoffs) == 1
    statement = _BEFORE.format(
        marked=_marks(one_contract=one, before=before), cutoff=_CUTOFF,
        mask=_mask(tuple(_BITS), "cutoff."), open=OPEN_BEFORE,
    )  # fmt: skip
    facts = {**_facts(cutoffs), "contract": next(iter(cutoffs), 0), "before": before}
    found: dict[int, list[Group]] = {contract: [] for contract in cutoffs}
    with nullcontext() if one else planned_for(session, _SETTINGS):
        rows = session.execute(text(statement), facts).all()
    for contract, debtor, _, mask, invoices, lent, disputed, reasons in rows:
        flags = frozenset(_flag(reason) for reason in reasons or ())
        found[contract].append(Group(debtor, mask, invoices, lent, disputed, flags))
    return found


def _marks(*, one_contract: bool, before: datetime | None = None) -> str:
    return _MARKED.format(
        dispute_open=_open_at("opened_at", before), hold_open=_open_at("placed_at", before),
        of_contracts="AND contract_id = " + (":contract" if one_contract else "ANY(:contracts)"),
    )  # fmt: skip


def _open_at(since: str, before: datetime | None) -> str:
    if before is None:
        return "ended_at IS NULL"
    return f"{since} < :before AND (ended_at IS NULL OR ended_at >= :before)"


def _facts(cutoffs: Mapping[int, _Cutoffs]) -> dict[str, Any]:
    columns = {name: [getattr(its, name) for its in cutoffs.values()] for name in _NAMES}
    on = next((its.on for its in cutoffs.values()), _NEVER)
    return {**columns, "on": on, "contracts": list(cutoffs)}


def _cutoffs(terms: Terms, on: date) -> _Cutoffs:
    return _Cutoffs(
        on, _cutoff(on, _late_days(terms)), _cutoff(on, terms.invoice_age_days_ineligible),
        _ENDLESS if terms.payment_term_days_max is None else terms.payment_term_days_max,
    )  # fmt: skip


def _late_days(terms: Terms) -> int | None:
    """After how many days late an invoice counts as overdue; cross-ageing alone counts from one."""
    if terms.overdue_days_ineligible is None and terms.cross_ageing_rate is not None:
        return 0
    return terms.overdue_days_ineligible


def _cutoff(on: date, days: int | None) -> date:
    return _NEVER if days is None else on - timedelta(days=days)


def _bits_used(cutoffs: Iterable[_Cutoffs]) -> tuple[int, ...]:
    """The bits that the limits of some contract can set."""
    used = {_NOT_DELIVERED}
    for its in cutoffs:
        used |= {1} if its.due_before > _NEVER else set()
        used |= {2} if its.issued_before > _NEVER else set()
        used |= {4} if its.term_days < _ENDLESS else set()
    return tuple(sorted(used))


def _masks(bits: Sequence[int]) -> list[int]:
    masks = [0]
    for bit in bits:
        masks += [mask | bit for mask in masks]
    return masks


def _only(mask: int, bits: Sequence[int]) -> str:
    """The condition of exactly this mask, of the bits used."""
    return "".join(
        f" AND {'' if mask & bit else 'NOT '}({_BITS[bit].format(cut='cutoff.')})" for bit in bits
    )


def _mask(bits: Sequence[int], cut: str) -> str:
    return " + ".join(f"{bit} * ({_BITS[bit].format(cut=cut)})::int" for bit in bits)


def _flag(reason: str) -> IneligibleReason:
    """The ineligible reason of a hold: its own name, or held by a person for another cause."""
    try:
        return IneligibleReason(reason)
    except ValueError:
        return IneligibleReason.ON_HOLD
