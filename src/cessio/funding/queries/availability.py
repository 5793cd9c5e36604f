"""The availability of contracts, live or as it was known at the end of a past day.

Every figure comes from the ledger, the open receivables, the limits and the terms; nothing is
stored in between, so nothing can disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio.contracts import queries as contracts
from cessio.contracts.queries import END_OF_TIME
from cessio.contracts.rules import (
    CommissionTiming,
    IneligibleReason,
    ReserveKind,
    Terms,
    most_with_commission,
)
from cessio.funding import bulk
from cessio.funding.queries.prepaid import expected_payments
from cessio.funding.rules import (
    Availability,
    AvailabilityFacts,
    DebtorFacts,
    Reserve,
    funding_limit,
)
from cessio.funding.rules import (
    availability as compute,
)
from cessio.kernel.calendar import end_of_day, value_date
from cessio.ledger import CHARGES
from cessio.limits.queries import EffectiveLimits, LimitAmounts, limit_amounts

Pair = tuple[int, int]
_RESERVE = "reserve:"

#: Contract (none: every one), debtor and reason: excluded, insolvent, of the client's own group.
_FLAGS = """
    SELECT contract_id, debtor_id, 'debtor_excluded' AS said, 0::bigint AS minor, 0::bigint AS place
      FROM excluded_debtor
     WHERE contract_id = ANY(:contracts) AND since_at < :before
       AND (ended_at IS NULL OR ended_at >= :before)
     UNION ALL
    SELECT NULL, id, 'debtor_insolvent', 0, 0 FROM debtor WHERE insolvent_on <= :on
     UNION ALL
    SELECT contract.id, debtor.id, 'related_party', 0, 0
      FROM contract
      JOIN client ON client.id = contract.client_id
      JOIN company AS own ON own.id = client.company_id
      JOIN company AS other ON other.group_id = own.group_id
      JOIN debtor ON debtor.company_id = other.id
     WHERE contract.id = ANY(:contracts)
"""

_RESERVES = """
    SELECT contract_id, NULL, 'reserve:' || kind, amount_minor, id FROM contract_reserve
     WHERE contract_id = ANY(:contracts) AND set_at < :before
       AND (ended_at IS NULL OR ended_at >= :before)
"""

#: Balances of the current account and the fund by kind, and what the former was charged for our
#: services; the rest of FIU is drawings.
_CHARGED_NOW = """
    SELECT contract_id, NULL, 'charges', charged_minor, 0 FROM ledger_account
     WHERE contract_id = ANY(:contracts) AND kind = 'CLIENT_CURRENT'
"""
_CHARGED_BEFORE = """
    SELECT account.contract_id, NULL, 'charges', sum(entry.amount_minor)::bigint, 0
      FROM ledger_account AS account
      JOIN ledger_entry AS entry ON entry.account_id = account.id
      JOIN ledger_transaction AS head ON head.id = entry.transaction_id
      LEFT JOIN ledger_transaction AS undone ON undone.id = head.reverses_id
     WHERE account.contract_id = ANY(:contracts) AND account.kind = 'CLIENT_CURRENT'
       AND coalesce(undone.kind, head.kind) = ANY(:charges) AND head.recorded_at < :before
     GROUP BY account.contract_id
"""
_HELD_NOW = """
    SELECT contract_id, NULL, kind, balance_minor, 0 FROM ledger_account
     WHERE contract_id = ANY(:contracts) AND kind IN ('CLIENT_CURRENT', 'RETENTION_FUND')
"""
_HELD_BEFORE = """
    SELECT account.contract_id, NULL, account.kind, sum(entry.amount_minor)::bigint, 0
      FROM ledger_account AS account
      JOIN ledger_entry AS entry ON entry.account_id = account.id
      JOIN ledger_transaction AS head ON head.id = entry.transaction_id
     WHERE account.contract_id = ANY(:contracts) AND head.recorded_at < :before
       AND account.kind IN ('CLIENT_CURRENT', 'RETENTION_FUND')
     GROUP BY account.contract_id, account.kind
"""
_SAID_NOW = text(" UNION ALL ".join((_FLAGS, _RESERVES, _CHARGED_NOW, _HELD_NOW)))
_SAID_BEFORE = text(" UNION ALL ".join((_FLAGS, _RESERVES, _CHARGED_BEFORE, _HELD_BEFORE)))

#: A debtor is first assigned under a contract when its account there is opened.
_FIRST = text("""
    SELECT account.contract_id, account.debtor_id, head.booked_on
      FROM ledger_account AS account
      JOIN ledger_entry AS entry ON entry.account_id = account.id AND entry.account_version = 1
      JOIN ledger_transaction AS head ON head.id = entry.transaction_id
     WHERE account.kind = 'RECEIVABLE' AND account.contract_id = ANY(:contracts)
""")


@dataclass(frozen=True, slots=True)
class BookChange:
    """What a what-if changes in the book of one contract, in the client's sign.

    ``groups`` makes its open groups after the change out of those before; ``flags`` are reasons
    that catch debtors who are not in the book yet.
    """

    contract_id: int
    groups: Callable[[list[bulk.Group]], list[bulk.Group]]
    current_minor: int
    retention_minor: int
    charges_minor: int
    flags: Mapping[int, frozenset[IneligibleReason]]


@dataclass(frozen=True, slots=True)
class _Balances:
    """Ledger balances of one contract in the client's sign, and what it was charged."""

    current_minor: int = 0
    retention_minor: int = 0
    charges_minor: int = 0

    def moved(self, change: BookChange) -> _Balances:
        """The balances after a change."""
        return _Balances(
            self.current_minor + change.current_minor,
            self.retention_minor + change.retention_minor,
            self.charges_minor + change.charges_minor,
        )


def availability(
    session: Session, *, contract_id: int, on: date, as_of: date | None = None,
    terms: Terms | None = None, limits_changed: Mapping[int, EffectiveLimits] | None = None,
    counts_on: date | None = None,
) -> Availability:  # fmt: skip
    """One contract's availability, explained.

    ``as_of`` answers as known at the end of that day (its date decides ages too). ``terms`` and
    ``limits_changed`` (by debtor) put hypothetical ones in place of those in force: a what-if.
    ``counts_on`` is the day for which a drawdown asked for now counts, past a cut-off not ``on``.
    Raises ``ContractUnknown``, ``TermsMissing``.
    """
    day, before = (on, None) if as_of is None else (as_of, end_of_day(as_of))
    try:
        in_force = terms or contracts.terms_in_force(
            session, contract_id, day, recorded_before=before
        )
    except contracts.TermsMissing:
        contracts.contract(session, contract_id)  # which may be what is not there
        raise
    found = compute_book(session, {contract_id: in_force}, day, before, limits_changed or {},
                         counts_on=counts_on)  # fmt: skip
    return found[contract_id]


def book_availability(
    session: Session, *, on: date, contract_ids: Sequence[int] | None = None,
    counts_on: date | None = None, terms: Mapping[int, Terms] | None = None,
) -> dict[int, Availability]:  # fmt: skip
    """The availability of every contract, or of some, in a fixed number of statements.

    ``terms`` are those in force of just these contracts, where a caller has read them.
    """
    if terms is None:
        terms = contracts.terms_of_all(session, on, contract_ids=contract_ids)
    return compute_book(session, terms, on, None, {}, counts_on=counts_on)


def book_at_end_of(session: Session, on: date) -> tuple[dict[int, Terms], dict[int, Availability]]:
    """Every contract's terms and availability as they were known at the end of a past day."""
    before = end_of_day(on)
    terms = contracts.terms_of_all(session, on, recorded_before=before)
    return terms, compute_book(session, terms, on, before, {})


def compute_book(
    session: Session, terms: Mapping[int, Terms], on: date, before: datetime | None,
    changed: Mapping[int, EffectiveLimits], changes: Sequence[BookChange] = (), *,
    counts_on: date | None = None,
) -> dict[int, Availability]:  # fmt: skip
    book = read_book(session, terms, on, before, changed)
    change_of = {change.contract_id: change for change in changes}
    found = {
        contract_id: book.found(contract_id, change_of.get(contract_id)) for contract_id in terms
    }
    if before is not None:
        return found
    return _with_commission(session, terms, found, on, counts_on or on)


def read_book(
    session: Session, terms: Mapping[int, Terms], on: date, before: datetime | None = None,
    changed: Mapping[int, EffectiveLimits] | None = None,
) -> Book:  # fmt: skip
    """What availabilities are computed from, read once for as many what-ifs as are wanted."""
    return Book(
        terms, on, changed or {},
        groups=bulk.open_groups(session, terms=terms, on=on, before=before),
        said=_said(session, list(terms), on, before),
        granted=limit_amounts(session, on=on, recorded_before=before, terms=terms),
        first_assigned=_first_assigned(session, terms),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Book:
    """The books of some contracts as they were read; each what-if is computed from them."""

    terms: Mapping[int, Terms]
    on: date
    changed: Mapping[int, EffectiveLimits]
    groups: Mapping[int, list[bulk.Group]]
    said: _Said
    granted: Mapping[Pair, LimitAmounts]
    first_assigned: Mapping[Pair, date]

    def found(self, contract_id: int, change: BookChange | None = None) -> Availability:
        """A contract's availability as the book is, or as a change would make it."""
        terms, groups = self.terms[contract_id], self.groups[contract_id]
        held, flags = self.said.held(contract_id), self.said.flags
        if change is not None:
            groups, held = change.groups(groups), held.moved(change)
            flags = flags | {(contract_id, one): found for one, found in change.flags.items()}
        debtors, blanket = [], LimitAmounts(terms.blanket_cover_minor, None)
        for debtor_id, its_groups in _by_debtor(groups).items():
            pair = (contract_id, debtor_id)
            limit = self.changed.get(debtor_id) or self.granted.get(pair, blanket)
            debtors.append(
                _debtor(
                    terms, debtor_id, its_groups, flags.get(pair, frozenset()), limit,
                    self.first_assigned.get(pair), self.on,
                )
            )  # fmt: skip
        facts = _facts(held, debtors, self.said.reserves.get(contract_id, ()))
        return compute(terms, facts)


def _with_commission(
    session: Session, terms: Mapping[int, Terms], found: dict[int, Availability], on: date,
    counts_on: date,
) -> dict[int, Availability]:  # fmt: skip
    """What may be drawn, less its commission, where that is taken at the drawdown.

    Without a fixing of the index no advance can be priced, nor drawn.
    """
    advance = {
        c: t for c, t in terms.items() if t.commission_timing is CommissionTiming.PRE_COUNTED
    }
    if not advance:
        return found
    expected = expected_payments(session, advance, on)
    for contract_id, its in advance.items():
        now = found[contract_id]
        try:
            index_rate = contracts.fixing_on(session, its.interest_index, on).rate
        except contracts.FixingMissing:
            found[contract_id] = replace(now, most_payable_minor=0)
            continue
        most = most_with_commission(
            its, expected[contract_id], in_use_minor=now.funds_in_use_minor,
            from_on=value_date(counts_on, its.value_days_out), index_rate=index_rate,
            available_minor=now.available_minor, most_minor=now.payable_now_minor,
        )  # fmt: skip
        found[contract_id] = replace(now, most_payable_minor=most)
    return found


def _facts(
    held: _Balances, debtors: Sequence[DebtorFacts], reserves: Sequence[Reserve]
) -> AvailabilityFacts:
    outstanding = sum(debtor.outstanding_minor for debtor in debtors)
    return AvailabilityFacts(
        current_account_minor=held.current_minor,
        retention_minor=held.retention_minor,
        drawings_net_minor=(
            outstanding - held.current_minor - held.retention_minor - held.charges_minor
        ),
        debtors=tuple(debtors),
        reserves=tuple(reserves),
    )


def _by_debtor(groups: Sequence[bulk.Group]) -> dict[int, list[bulk.Group]]:
    found: dict[int, list[bulk.Group]] = {}
    for group in groups:
        found.setdefault(group.debtor_id, []).append(group)
    return {debtor_id: found[debtor_id] for debtor_id in sorted(found)}


def _debtor(
    terms: Terms, debtor_id: int, groups: Sequence[bulk.Group],
    flags: frozenset[IneligibleReason], limit: EffectiveLimits | LimitAmounts,
    first_assigned_on: date | None, on: date,
) -> DebtorFacts:  # fmt: skip
    return DebtorFacts(
        debtor_id=debtor_id,
        outstanding_minor=sum(group.invoices_minor + group.credits_minor for group in groups),
        ineligible=bulk.attribute_groups(groups, terms, debtor_flags=flags),
        funding_limit_minor=funding_limit(
            terms,
            explicit_minor=limit.named_funding_minor,
            cover_limit_minor=limit.cover_minor,
            first_assigned_on=first_assigned_on,
            on=on,
        ),
    )


@dataclass(slots=True)
class _Said:
    """What is said of contracts besides their open invoices, by contract."""

    balances: dict[int, dict[str, int]] = field(default_factory=dict)
    reserves: dict[int, list[Reserve]] = field(default_factory=dict)
    flags: dict[Pair, frozenset[IneligibleReason]] = field(default_factory=dict)

    def held(self, contract_id: int) -> _Balances:
        """The contract's balances in the client's sign."""
        found = self.balances.get(contract_id, {})
        return _Balances(
            -found.get("CLIENT_CURRENT", 0), -found.get("RETENTION_FUND", 0),
            found.get("charges", 0),
        )  # fmt: skip


def _said(
    session: Session, contract_ids: Sequence[int], on: date, before: datetime | None
) -> _Said:
    """Balances, reserves and flags of contracts in one statement."""
    facts = {
        "contracts": list(contract_ids), "on": on, "before": before or END_OF_TIME,
        "charges": [kind.value for kind in CHARGES],
    }  # fmt: skip
    rows = session.execute(_SAID_NOW if before is None else _SAID_BEFORE, facts).all()
    said = _Said()
    for contract_id, debtor_id, what, minor, _ in sorted(rows, key=lambda row: row[4]):
        if debtor_id is not None:
            _flag(said.flags, contract_ids, contract_id, debtor_id, what)
        elif what.startswith(_RESERVE):
            reserve = Reserve(ReserveKind(what.removeprefix(_RESERVE)), minor)
            said.reserves.setdefault(contract_id, []).append(reserve)
        else:
            held = said.balances.setdefault(contract_id, {})
            held[what] = held.get(what, 0) + minor
    return said


def debtor_flags(
    session: Session, contract_ids: Sequence[int], on: date, before: datetime | None
) -> dict[Pair, frozenset[IneligibleReason]]:
    """Reasons that catch all of a debtor, by contract and debtor."""
    flags: dict[Pair, frozenset[IneligibleReason]] = {}
    facts = {"contracts": list(contract_ids), "on": on, "before": before or END_OF_TIME}
    for contract_id, debtor_id, reason, _, _ in session.execute(text(_FLAGS), facts):
        _flag(flags, contract_ids, contract_id, debtor_id, reason)
    return flags


def _flag(
    flags: dict[Pair, frozenset[IneligibleReason]], contract_ids: Sequence[int],
    contract_id: int | None, debtor_id: int, reason: str,
) -> None:  # fmt: skip
    """Note a reason for a debtor's pair, or for all its pairs."""
    said = frozenset({IneligibleReason(reason)})
    for contract in contract_ids if contract_id is None else (contract_id,):
        pair = (contract, debtor_id)
        flags[pair] = flags[pair] | said if pair in flags else said


def _first_assigned(session: Session, terms: Mapping[int, Terms]) -> dict[Pair, date]:
    """First assignment by pair, for the contracts that have a limit for new debtors."""
    ramped = [c for c, t in terms.items() if t.new_debtor_days and t.new_debtor_limit_minor]
    if not ramped:
        return {}
    rows = session.execute(_FIRST, {"contracts": ramped}).all()
    return {(row[0], row[1]): row[2] for row in rows}
