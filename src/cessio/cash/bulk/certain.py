"""Lines whose words settle them to the cent, found and applied set by set.

A line is *certain* when every number in it that is open in the book names one receivable, these
sum to what is left of the line, and nobody else is known under the payer's account or name. It is
what ``rules.propose`` gives its highest confidence (``CERTAIN``) and no second proposal; a property
test holds the two together. Two lines that want the same receivable are never certain: which one
has it is decided in order, one by one, with all others.

``find_certain`` stages them, ``withdraw`` takes back those that others contest, ``hold`` locks
what they settle, ``stage_postings`` and ``settle`` apply them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio.cash.bulk.finding import OpenLine, Reading
from cessio.cash.rules import CERTAIN, NUMBERS_MAX, ReasonCode
from cessio.kernel.calendar import value_date
from cessio.plumbing.database import copy_rows

_STAGE = (
    """
    CREATE TEMP TABLE cash_read (
      line_id bigint NOT NULL, account_id bigint NOT NULL, currency text NOT NULL,
      open_minor bigint NOT NULL, value_date date NOT NULL, iban text, name text
    ) ON COMMIT DROP
    """,
    """
    CREATE TEMP TABLE cash_key (
      line_id bigint NOT NULL, currency text NOT NULL, key text COLLATE "C" NOT NULL,
      structured boolean NOT NULL
    ) ON COMMIT DROP
    """,
)

_FIND = (
    "ANALYZE cash_read",
    "ANALYZE cash_key",
    """
    CREATE TEMP TABLE cash_hit ON COMMIT DROP AS
    SELECT written.line_id, written.key, written.structured, receivable.id AS receivable_id,
           receivable.contract_id, receivable.debtor_id, receivable.number,
           receivable.open_minor, receivable.due_date
      FROM cash_key AS written JOIN receivable ON receivable.number_key = written.key
      JOIN contract ON contract.id = receivable.contract_id
       AND contract.currency = written.currency
     WHERE receivable.closed_on IS NULL
    """,
    "ANALYZE cash_hit",
    # A number inside a longer one that is open too is no number of its own.
    """
    DELETE FROM cash_hit AS hit USING cash_hit AS longer
     WHERE longer.line_id = hit.line_id AND length(longer.key) > length(hit.key)
       AND strpos(longer.key, hit.key) > 0
    """,
    """
    CREATE TEMP TABLE cash_payer ON COMMIT DROP AS
    WITH by_iban AS (
      SELECT line_id, debtor.id AS debtor_id
        FROM cash_read AS line JOIN party_account AS account ON account.iban = line.iban
        JOIN debtor ON debtor.company_id = account.company_id
       WHERE account.ended_at IS NULL
       UNION
      SELECT line_id, alias.debtor_id
        FROM cash_read AS line JOIN payer_alias AS alias ON alias.key = line.iban
       WHERE alias.kind = 'iban' AND alias.ended_at IS NULL
    )
    SELECT line_id, debtor_id FROM by_iban
     UNION ALL
    SELECT line_id, debtor_id FROM (
      SELECT line_id, debtor.id AS debtor_id
        FROM cash_read AS line JOIN company ON company.name_key = line.name
        JOIN debtor ON debtor.company_id = company.id
       UNION ALL
      SELECT line_id, alias.debtor_id
        FROM cash_read AS line JOIN payer_alias AS alias ON alias.key = line.name
       WHERE alias.kind = 'name' AND alias.ended_at IS NULL) AS by_name
     WHERE line_id NOT IN (SELECT line_id FROM by_iban)
    """,
    """
    CREATE TEMP TABLE cash_certain (
      line_id bigint NOT NULL,
      application_id bigint NOT NULL DEFAULT nextval('cash_application_id_seq'),
      account_id bigint NOT NULL, currency text NOT NULL, open_minor bigint NOT NULL,
      value_date date NOT NULL, receivables bigint NOT NULL, structured boolean NOT NULL
    ) ON COMMIT DROP
    """,
    """
    INSERT INTO cash_certain (line_id, account_id, currency, open_minor, value_date, receivables,
                              structured)
    SELECT line.line_id, line.account_id, line.currency, line.open_minor, line.value_date,
           named.receivables, named.structured
      FROM cash_read AS line
      JOIN (SELECT line_id, count(*) AS receivables, count(DISTINCT key) AS keys,
                   sum(open_minor) AS open_minor, bool_and(structured) AS structured
              FROM cash_hit GROUP BY line_id) AS named USING (line_id)
      LEFT JOIN (SELECT payer.line_id, bool_or(hit.line_id IS NOT NULL) AS is_named
                   FROM cash_payer AS payer
                   LEFT JOIN cash_hit AS hit USING (line_id, debtor_id)
                  GROUP BY payer.line_id) AS known USING (line_id)
     WHERE named.keys = named.receivables AND named.open_minor = line.open_minor
       AND coalesce(known.is_named, true)
     ORDER BY line.line_id
    """,
    """
    CREATE TEMP TABLE cash_claim ON COMMIT DROP AS
    SELECT certain.line_id, certain.application_id, hit.receivable_id, hit.contract_id,
           hit.debtor_id, hit.number, hit.open_minor,
           row_number() OVER (PARTITION BY hit.line_id
                                  ORDER BY hit.due_date, hit.number, hit.receivable_id) AS place
      FROM cash_hit AS hit JOIN cash_certain AS certain USING (line_id)
    """,
    "ANALYZE cash_certain",
    "ANALYZE cash_claim",
    """
    DELETE FROM cash_certain WHERE line_id IN (
      SELECT line_id FROM cash_claim WHERE receivable_id IN (
        SELECT receivable_id FROM cash_claim GROUP BY receivable_id HAVING count(*) > 1))
    """,
    "DELETE FROM cash_claim WHERE line_id NOT IN (SELECT line_id FROM cash_certain)",
    "DROP TABLE cash_read, cash_key, cash_hit, cash_payer",
)


@dataclass(frozen=True, slots=True)
class Locked:
    """A receivable under lock: whose it is and what is open of it."""

    receivable_id: int
    contract_id: int
    debtor_id: int
    open_minor: int


@dataclass(frozen=True, slots=True)
class Settled:
    """What was applied as certain: money, and the debtors whose open receivables changed."""

    lines: int
    money_minor: int
    debtor_ids: frozenset[int]


def find_certain(
    session: Session, lines: Sequence[OpenLine], read: Mapping[int, Reading]
) -> set[int]:
    """Stage the certain ones among lines as read; returns their ids."""
    for statement in _STAGE:
        session.execute(text(statement))
    copy_rows(
        session, "cash_read",
        ("line_id", "account_id", "currency", "open_minor", "value_date", "iban", "name"),
        [
            (line.line_id, line.bank_account_id, line.currency, line.open_minor, line.value_date,
             line.party_iban or None, read[line.line_id].name or None)
            for line in lines
        ],
        types=("int8", "int8", "text", "int8", "date", "text", "text"),
    )  # fmt: skip
    copy_rows(
        session, "cash_key", ("line_id", "currency", "key", "structured"),
        [
            (line.line_id, line.currency, key, key in read[line.line_id].structured)
            for line in lines if read[line.line_id].is_plain
            for key in read[line.line_id].keys
        ],
        types=("int8", "text", "text", "bool"),
    )  # fmt: skip
    usual = session.scalar(text("SELECT current_setting('work_mem')"))
    session.execute(_MEMORY, {"size": "64MB"})
    for statement in _FIND:
        session.execute(text(statement))
    session.execute(_MEMORY, {"size": usual})
    return {row[0] for row in session.execute(text("SELECT line_id FROM cash_certain")).all()}


_WITHDRAW = """
    WITH gone AS (
      DELETE FROM cash_certain WHERE line_id IN (
        SELECT line_id FROM cash_claim WHERE receivable_id = ANY(:ids)) RETURNING line_id
    ), freed AS (
      DELETE FROM cash_claim USING gone WHERE cash_claim.line_id = gone.line_id
    )
    SELECT line_id FROM gone
"""


def withdraw(session: Session, receivable_ids: Collection[int]) -> set[int]:
    """No longer take as certain what wants one of these receivables; returns the lines' ids."""
    if not receivable_ids:
        return set()
    return set(session.scalars(text(_WITHDRAW), {"ids": list(receivable_ids)}))


_HOLD = """
    CREATE TEMP TABLE cash_held ON COMMIT DROP AS
    SELECT id, contract_id, debtor_id, open_minor FROM receivable
     WHERE closed_on IS NULL
       AND id IN (SELECT receivable_id FROM cash_claim UNION ALL
                  SELECT unnest(CAST(:ids AS bigint[])))
     ORDER BY id FOR UPDATE
"""

_MOVED = """
    SELECT claim.receivable_id
      FROM cash_claim AS claim LEFT JOIN cash_held AS held ON held.id = claim.receivable_id
     WHERE held.open_minor IS DISTINCT FROM claim.open_minor
"""


def hold(session: Session, ids: Collection[int]) -> tuple[dict[int, Locked], set[int]]:
    """Lock what is certain and some more receivables, in id order, all at once.

    Returns these other ones as far as they are open, and the lines that are no longer certain
    because what they settle moved meanwhile.
    """
    session.execute(text(_HOLD), {"ids": sorted(ids)})
    rows = session.execute(
        text("SELECT id, contract_id, debtor_id, open_minor FROM cash_held WHERE id = ANY(:ids)"),
        {"ids": sorted(ids)},
    ).all()
    moved = withdraw(session, session.scalars(text(_MOVED)).all())
    session.execute(text("DROP TABLE cash_held"))
    return {row[0]: Locked(*row) for row in rows}, moved


def contracts_of(session: Session) -> set[int]:
    """The contracts of what is certain."""
    return set(session.scalars(text("SELECT DISTINCT contract_id FROM cash_claim")))


_POSTINGS = (
    """
    CREATE TEMP TABLE cash_part ON COMMIT DROP AS
    SELECT (SELECT coalesce(max(ref), -1) FROM posting_staged)
             + row_number() OVER (ORDER BY claim.line_id, min(claim.place)) AS ref,
           claim.line_id, claim.contract_id, sum(claim.open_minor)::bigint AS amount_minor
      FROM cash_claim AS claim GROUP BY claim.line_id, claim.contract_id
    """,
    """
    INSERT INTO posting_staged (ref, kind, source_kind, source_id, effect, contract_id, value_date)
    SELECT part.ref, 'CASH_APPLICATION', 'cash_application', certain.application_id,
           'apply:' || part.contract_id, part.contract_id, dated.value_date
      FROM cash_part AS part JOIN cash_certain AS certain USING (line_id)
      JOIN unnest(CAST(:contracts AS bigint[]), CAST(:days AS bigint[]))
           AS terms (contract_id, days) USING (contract_id)
      JOIN unnest(CAST(:received AS date[]), CAST(:within AS bigint[]), CAST(:dated AS date[]))
           AS dated (received_on, days, value_date)
        ON dated.received_on = certain.value_date AND dated.days = terms.days
     ORDER BY part.ref
    """,
    """
    INSERT INTO posting_line_staged (ref, position, kind, currency, contract_id, debtor_id, bank_id,
                                     amount_minor, receivable_id)
    SELECT part.ref, 0, 'SUSPENSE_CASH', certain.currency, NULL, NULL, certain.account_id,
           part.amount_minor, NULL
      FROM cash_part AS part JOIN cash_certain AS certain USING (line_id)
     WHERE part.amount_minor <> 0
     UNION ALL
    SELECT part.ref, claim.place, 'RECEIVABLE', certain.currency, claim.contract_id,
           claim.debtor_id, NULL, -claim.open_minor, claim.receivable_id
      FROM cash_claim AS claim JOIN cash_certain AS certain USING (line_id)
      JOIN cash_part AS part USING (line_id, contract_id)
    """,
    "DROP TABLE cash_part",
)

_MEMORY = text("SELECT set_config('work_mem', :size, true)")


def stage_postings(session: Session, days: Mapping[int, int]) -> None:
    """Stage the ledger's side in ``ledger.bulk``; ``days`` are each contract's value days."""
    missing = contracts_of(session) - set(days)
    if missing:
        raise KeyError(f"no terms in force for the contracts {sorted(missing)}")
    received = session.scalars(text("SELECT DISTINCT value_date FROM cash_certain")).all()
    dated = [
        (on, within, value_date(on, within)) for on in received for within in set(days.values())
    ]
    facts = {
        "contracts": list(days), "days": list(days.values()),
        "received": [one[0] for one in dated], "within": [one[1] for one in dated],
        "dated": [one[2] for one in dated],
    }  # fmt: skip
    for statement in _POSTINGS:
        session.execute(text(statement), facts if ":days" in statement else {})


_SETTLE = (
    """
    INSERT INTO cash_application (id, bank_line_id, kind, amount_minor, applied_on, at, by,
                                  confidence, reasons)
    SELECT certain.application_id, certain.line_id, 'auto', certain.open_minor, :on, :at, :by,
           :confidence,
           jsonb_build_array(
             jsonb_build_object(
               'code', CASE WHEN certain.structured THEN :structured ELSE :reference END,
               'numbers', named.numbers
                 || CASE WHEN certain.receivables > :named THEN ', …' ELSE '' END,
               'count', certain.receivables),
             jsonb_build_object(
               'code', CASE WHEN certain.receivables = 1 THEN :exact ELSE :summed END))
      FROM cash_certain AS certain
      JOIN (SELECT line_id, string_agg(number, ', ' ORDER BY place) AS numbers
              FROM cash_claim WHERE place <= :named GROUP BY line_id) AS named USING (line_id)
     ORDER BY certain.line_id
    """,
    """
    INSERT INTO cash_allocation (application_id, receivable_id, amount_minor, kind)
    SELECT application_id, receivable_id, open_minor, 'payment' FROM cash_claim
     ORDER BY line_id, place
    """,
    """
    UPDATE receivable SET open_minor = 0, closed_on = :on
      FROM cash_claim AS claim WHERE receivable.id = claim.receivable_id
    """,
    """
    UPDATE bank_line SET applied_minor = applied_minor + certain.open_minor
      FROM cash_certain AS certain WHERE bank_line.id = certain.line_id
    """,
    "DELETE FROM match_proposal WHERE bank_line_id IN (SELECT line_id FROM cash_certain)",
)


def settle(session: Session, *, on: date, by: str, at: datetime) -> Settled:
    """Write the applications of what is certain and move receivables and lines."""
    facts = {
        "on": on, "by": by, "at": at, "confidence": CERTAIN,
        "structured": ReasonCode.STRUCTURED_REFERENCE.value,
        "reference": ReasonCode.REFERENCE.value, "exact": ReasonCode.EXACT_AMOUNT.value,
        "summed": ReasonCode.SUM_OF_INVOICES.value, "named": NUMBERS_MAX,
    }  # fmt: skip
    for statement in _SETTLE:
        session.execute(text(statement), facts if ":" in statement else {})
    count, money = session.execute(
        text("SELECT count(*), coalesce(sum(open_minor), 0) FROM cash_certain")
    ).one()
    debtors = session.scalars(text("SELECT DISTINCT debtor_id FROM cash_claim")).all()
    session.execute(text("DROP TABLE cash_certain, cash_claim"))
    return Settled(count, int(money), frozenset(debtors))
