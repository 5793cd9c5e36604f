"""Finding what each bank line may pay: by the numbers in its text, by its payer, by its amount."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio.cash.bulk.ordering import Ordered, kept_orders, merged
from cessio.cash.rules import Candidate, LineFacts, Proposal, Slot, mentions, propose, said
from cessio.parties.rules import name_key

#: Open receivables read for one payer at the most; the oldest come first.
PER_DEBTOR_MAX = 400
#: Lines looked up by likeness of name in one run; the rest wait for a person.
FUZZY_MAX = 200
FUZZY_LEAST = 0.6

_NOT_GIVEN = frozenset({"NOTPROVIDED", "NOT PROVIDED", "NONREF", "NONE", "N/A", ""})


@dataclass(frozen=True, slots=True)
class OpenLine:
    """A bank line with money in that is not applied; ``open_minor`` is what is left of it."""

    line_id: int
    bank_account_id: int
    currency: str
    open_minor: int
    value_date: date
    party_name: str | None
    party_iban: str | None
    texts: tuple[str, ...]
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What a line says: numbers it may mention (by key, as written), and its payer's name key.

    ``structured`` are the keys that stand in structured references.
    """

    keys: dict[str, str]
    structured: frozenset[str]
    name: str

    @property
    def is_plain(self) -> bool:
        """Whether no two keys are written alike."""
        return len(set(self.keys.values())) == len(self.keys)


@dataclass(slots=True)
class _Found:
    """What is known of a line while candidates are collected."""

    read: Reading
    currency: str
    by_iban: frozenset[int] = frozenset()
    by_name: frozenset[int] = frozenset()
    candidates: dict[int, Candidate] = field(default_factory=dict)

    @property
    def pairs(self) -> set[tuple[int, int]]:
        """Contracts and debtors of whom the line pays something, it does not say what."""
        if not (self.by_iban or self.by_name):
            return set()
        if any(candidate.mentioned for candidate in self.candidates.values()):
            return set()
        return {(one.contract_id, one.debtor_id) for one in self.candidates.values()}

    def order(self, orders: Mapping[tuple[int, int], Ordered]) -> dict[int, tuple[Slot, ...]]:
        """By debtor, what the line pays first."""
        found: dict[int, Ordered] = {}
        for pair in sorted(self.pairs):
            if pair in orders:
                found[pair[1]] = merged(found.get(pair[1], ()), orders[pair])
        return {debtor_id: tuple(slot for _, slot in one) for debtor_id, one in found.items()}


_LINES = """
    SELECT line.id, line.account_id, account.currency, line.amount_minor - line.applied_minor,
           line.value_date, line.party_name, line.party_iban, line.remittance_text,
           line.end_to_end_id, line.structured_references
      FROM bank_line AS line JOIN factor_account AS account ON account.id = line.account_id
      {waiting}
     WHERE line.amount_minor > line.applied_minor AND line.amount_minor > 0
       {which}
     ORDER BY line.id
"""


def open_lines(
    session: Session, *, line_ids: Collection[int] | None = None, statement_id: int | None = None
) -> list[OpenLine]:
    """Credit lines not (wholly) applied: all, some, or a statement's.

    Money that came back (``return_code``) is no payment of a debtor: only lines asked for by
    name are given all the same.
    """
    which, waiting = "AND line.return_code IS NULL", ""
    if line_ids is not None:
        which = "AND line.id = ANY(:ids)"
    elif statement_id is not None:
        which += " AND line.statement_id = :statement"
    else:
        waiting = "JOIN waiting_line ON bank_line_id = line.id"
    rows = session.execute(
        text(_LINES.format(which=which, waiting=waiting)),
        {"ids": sorted(line_ids or ()), "statement": statement_id},
    )
    return [
        OpenLine(
            line_id=row[0], bank_account_id=row[1], currency=row[2], open_minor=row[3],
            value_date=row[4], party_name=row[5], party_iban=row[6],
            texts=tuple(part for part in (row[7], _given(row[8])) if part),
            references=tuple(row[9] or ()),
        )
        for row in rows
    ]  # fmt: skip


def read_lines(lines: Iterable[OpenLine]) -> dict[int, Reading]:
    """What each line says, by its id."""
    names: dict[str | None, str] = {None: ""}
    found = {}
    for line in lines:
        if line.party_name not in names:
            names[line.party_name] = name_key(line.party_name or "")
        structured = mentions(line.references) if line.references else {}
        found[line.line_id] = Reading(
            {**structured, **mentions(line.texts)}, frozenset(structured), names[line.party_name]
        )
    return found


def match_lines(
    session: Session, lines: Sequence[OpenLine], read: Mapping[int, Reading], *,
    tolerance_minor: int, on: date,
) -> dict[int, tuple[Proposal, ...]]:  # fmt: skip
    """Proposals of every line, surest first; a line nothing speaks for has none.

    Only receivables in the line's own currency are looked at.
    """
    if not lines:
        return {}
    found = {line.line_id: _Found(read[line.line_id], line.currency) for line in lines}
    _by_number(session, found)
    _by_payer_account(session, lines, found)
    _by_payer_name(session, lines, found)
    _payers_books(session, lines, found)
    _by_amount(session, lines, found)
    orders = kept_orders(session, {pair for one in found.values() for pair in one.pairs}, on=on)
    return {
        line.line_id: propose(
            LineFacts(
                line.line_id, line.open_minor, found[line.line_id].by_iban,
                found[line.line_id].by_name, found[line.line_id].order(orders), said(line.texts),
            ),
            list(found[line.line_id].candidates.values()),
            tolerance_minor=tolerance_minor,
        )
        for line in lines
    }  # fmt: skip


def _given(value: str | None) -> str | None:
    return None if value is None or value.upper() in _NOT_GIVEN else value


_BY_NUMBER = """
    SELECT receivable.number_key, contract.currency, receivable.id, receivable.contract_id,
           receivable.debtor_id, receivable.number, receivable.open_minor, receivable.due_date
      FROM unnest(CAST(:keys AS text[])) AS written (key)
      JOIN receivable ON receivable.number_key = written.key
      JOIN contract ON contract.id = receivable.contract_id
     WHERE receivable.closed_on IS NULL
"""


def _by_number(session: Session, found: Mapping[int, _Found]) -> None:
    keys = sorted({key for one in found.values() for key in one.read.keys})
    by_key: dict[tuple[str, str], list[tuple[int, int, int, str, int, date]]] = {}
    for row in session.execute(text(_BY_NUMBER), {"keys": keys}).all():
        by_key.setdefault((row[0], row[1]), []).append(tuple(row[2:]))
    for one in found.values():
        read, currency = one.read, one.currency
        for key in _longest(key for key in read.keys if (key, currency) in by_key):
            for receivable in by_key[key, currency]:
                one.candidates[receivable[0]] = Candidate(
                    *receivable, mentioned=read.keys[key], structured=key in read.structured
                )


def _longest(keys: Iterable[str]) -> list[str]:
    """Keys that are no part of a longer one found: ``2026`` is not an invoice in ``fa2026042``."""
    ordered = sorted(keys, key=len, reverse=True)
    kept: list[str] = []
    for key in ordered:
        if not any(key in longer for longer in kept):
            kept.append(key)
    return kept


_BY_IBAN = """
    SELECT account.iban, debtor.id
      FROM party_account AS account JOIN debtor ON debtor.company_id = account.company_id
     WHERE account.iban = ANY(:ibans) AND account.ended_at IS NULL
    UNION
    SELECT key, debtor_id FROM payer_alias
     WHERE kind = 'iban' AND key = ANY(:ibans) AND ended_at IS NULL
"""


def _by_payer_account(
    session: Session, lines: Sequence[OpenLine], found: Mapping[int, _Found]
) -> None:
    ibans = sorted({line.party_iban for line in lines if line.party_iban})
    known = _debtors_by(session, _BY_IBAN, {"ibans": ibans})
    for line in lines:
        if line.party_iban in known:
            found[line.line_id].by_iban = frozenset(known[line.party_iban])


_BY_NAME = """
    SELECT company.name_key, debtor.id
      FROM company JOIN debtor ON debtor.company_id = company.id
     WHERE company.name_key = ANY(:names)
    UNION
    SELECT key, debtor_id FROM payer_alias
     WHERE kind = 'name' AND key = ANY(:names) AND ended_at IS NULL
"""

_LIKE_NAME = """
    SELECT wanted.key, best.id
      FROM unnest(CAST(:names AS text[])) AS wanted (key)
     CROSS JOIN LATERAL (
       SELECT debtor.id, similarity(company.name_key, wanted.key) AS likeness
         FROM company JOIN debtor ON debtor.company_id = company.id
        WHERE company.name_key % wanted.key
        ORDER BY likeness DESC LIMIT 1
     ) AS best
     WHERE best.likeness >= :least
"""


def _by_payer_name(
    session: Session, lines: Sequence[OpenLine], found: Mapping[int, _Found]
) -> None:
    names = {line.line_id: found[line.line_id].read.name for line in lines if line.party_name}
    known = _debtors_by(session, _BY_NAME, {"names": sorted(set(names.values()) - {""})})
    unknown = {
        names[line.line_id] for line in lines
        if names.get(line.line_id) and names[line.line_id] not in known
        and not found[line.line_id].by_iban and not found[line.line_id].candidates
    }  # fmt: skip
    if unknown:
        wanted = {"names": sorted(unknown)[:FUZZY_MAX], "least": FUZZY_LEAST}
        known |= _debtors_by(session, _LIKE_NAME, wanted)
    for line_id, key in names.items():
        found[line_id].by_name = frozenset(known.get(key, ()))


def _debtors_by(session: Session, query: str, facts: Mapping[str, object]) -> dict[str, set[int]]:
    known: dict[str, set[int]] = {}
    for key, debtor_id in session.execute(text(query), dict(facts)):
        known.setdefault(key, set()).add(debtor_id)
    return known


_BOOKS = """
    SELECT currency, id, contract_id, debtor_id, number, open_minor, due_date
      FROM (SELECT contract.currency, receivable.id, contract_id, debtor_id, number, open_minor,
                   due_date, row_number() OVER (PARTITION BY debtor_id, contract.currency
                                                    ORDER BY due_date, number) AS place
              FROM receivable JOIN contract ON contract.id = contract_id
             WHERE debtor_id = ANY(:debtors) AND closed_on IS NULL) AS book
     WHERE place <= :most
"""


def _payers_books(session: Session, lines: Sequence[OpenLine], found: Mapping[int, _Found]) -> None:
    """Add the open books of payers where references do not settle the line to the cent."""
    wanted: dict[int, set[int]] = {}
    for line in lines:
        one = found[line.line_id]
        named = sum(candidate.open_minor for candidate in one.candidates.values())
        if one.candidates and named == line.open_minor:
            continue
        debtors = {candidate.debtor_id for candidate in one.candidates.values()}
        for debtor_id in debtors or one.by_iban or one.by_name:
            wanted.setdefault(debtor_id, set()).add(line.line_id)
    if not wanted:
        return
    facts = {"debtors": sorted(wanted), "most": PER_DEBTOR_MAX}
    for currency, *row in session.execute(text(_BOOKS), facts).all():
        candidate = Candidate(*row)
        for line_id in wanted[candidate.debtor_id]:
            if found[line_id].currency == currency:
                found[line_id].candidates.setdefault(candidate.receivable_id, candidate)


#: What is open has no index; what an invoice was has one, and so have those paid in part.
_BY_AMOUNT = """
    SELECT currency, id, contract_id, debtor_id, number, open_minor, due_date
      FROM (SELECT contract.currency, receivable.id, contract_id, debtor_id, number, open_minor,
                   due_date, row_number() OVER (PARTITION BY open_minor, contract.currency
                                                    ORDER BY due_date, number) AS place
              FROM (SELECT * FROM receivable
                     WHERE amount_minor = ANY(:amounts) AND open_minor = amount_minor
                       AND closed_on IS NULL
                     UNION ALL
                    SELECT * FROM receivable
                     WHERE open_minor = ANY(:amounts) AND open_minor <> amount_minor
                       AND closed_on IS NULL) AS receivable
              JOIN contract ON contract.id = contract_id) AS equal
     WHERE place <= 3
"""


def _by_amount(session: Session, lines: Sequence[OpenLine], found: Mapping[int, _Found]) -> None:
    lost = [
        line for line in lines
        if not found[line.line_id].candidates
        and not found[line.line_id].by_iban and not found[line.line_id].by_name
    ]  # fmt: skip
    if not lost:
        return
    equal: dict[tuple[int, str], list[Candidate]] = {}
    amounts = sorted({line.open_minor for line in lost})
    for currency, *row in session.execute(text(_BY_AMOUNT), {"amounts": amounts}).all():
        candidate = Candidate(*row)
        equal.setdefault((candidate.open_minor, currency), []).append(candidate)
    for line in lost:
        for candidate in equal.get((line.open_minor, line.currency), ()):
            found[line.line_id].candidates[candidate.receivable_id] = candidate
