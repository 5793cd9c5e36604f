"""Assigning a whole remittance by sets: receivables, set-offs, ledger lines, receipt.

The steps share the temporary table ``assigning`` (a row per document to assign), made by
``gather`` and dropped by ``finish``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from cessio.contracts.rules import Terms
from cessio.kernel.errors import Conflict
from cessio.kernel.money import apply_rate
from cessio.receivables.bulk.planning import make_room, whole_sets
from cessio.receivables.queries.facts import ContractFacts

_ATTEMPTS = 6
_DEADLOCK = "40P01"


class Contended(Conflict):
    """Others kept assigning the same invoices at the same instant; trying again will tell."""


_GATHER = (
    """
    CREATE TEMP TABLE assigning ON COMMIT DROP AS
    SELECT line.line, line.receivable_id, line.kind, line.number, line.number_key, line.debtor_id,
           line.issue_date, line.due_date, line.amount_minor, line.vat_minor, line.order_ref,
           line.original_key, line.must_verify,
           receivable_fingerprint(line.debtor_id, line.number_key, line.issue_date,
                                  line.amount_minor, :currency) AS fingerprint
      FROM remittance_line AS line
     WHERE line.remittance_id = :remittance_id AND line.verdict <> 'refused'
    """,
    "ANALYZE assigning (line, receivable_id, debtor_id, fingerprint, original_key)",
)

#: Lines whose document was assigned since they were checked, here or by anyone else.
_FIND_LATE = """
    CREATE TEMP TABLE assigning_late ON COMMIT DROP AS
    SELECT one.line, other.assigned_on, other.client_id, other.remittance_id,
           NULL::bigint AS first_line
      FROM assigning AS one
      JOIN receivable AS other ON other.fingerprint = one.fingerprint
     WHERE other.reversed_at IS NULL AND other.fingerprint IS NOT NULL
    UNION ALL
    SELECT line, NULL, NULL, NULL, first_line
      FROM (SELECT line, min(line) OVER (PARTITION BY fingerprint) AS first_line
              FROM assigning WHERE fingerprint IN (
                SELECT fingerprint FROM assigning GROUP BY 1 HAVING count(*) > 1)) AS twice
     WHERE line > first_line
"""

_REFUSE_LATE = (
    """
    UPDATE remittance_line AS line
       SET verdict = 'refused',
           reasons = line.reasons || jsonb_build_array(jsonb_strip_nulls(CASE
             WHEN late.first_line IS NULL THEN jsonb_build_object(
               'code', 'duplicate_assigned', 'on', late.assigned_on, 'staff',
               jsonb_build_object('client_id', late.client_id,
                                  'remittance_id', late.remittance_id))
             ELSE jsonb_build_object('code', 'duplicate_in_file', 'line', late.first_line) END))
      FROM assigning_late AS late
     WHERE line.remittance_id = :remittance_id AND line.line = late.line
    """,
    "DELETE FROM assigning USING assigning_late AS late WHERE assigning.line = late.line",
)

_INSERT = """
    INSERT INTO receivable (
      id, contract_id, client_id, debtor_id, remittance_id, kind, number, number_key, fingerprint,
      issue_date, due_date, amount_minor, vat_minor, open_minor, order_ref, assigned_on,
      assigned_at)
    SELECT receivable_id, :contract_id, :client_id, debtor_id, :remittance_id, kind, number,
           number_key, fingerprint, issue_date, due_date, amount_minor, vat_minor, amount_minor,
           order_ref, :on, :at
      FROM assigning
"""

_SUM = """
    SELECT count(*), coalesce(sum(amount_minor), 0),
           coalesce(sum(CASE
             WHEN amount_minor > 0
               THEN greatest(round(amount_minor * CAST(:rate AS numeric)), :minimum)
             WHEN CAST(:on_credit_notes AS boolean)
               THEN round(-amount_minor * CAST(:rate AS numeric))
             ELSE 0 END), 0)
      FROM {source}
"""
_SUM_ASSIGNING = _SUM.format(source="assigning")
_SUM_PLANNED = _SUM.format(
    source="remittance_line WHERE remittance_id = :remittance_id AND verdict <> 'refused'"
)

_GATHER_NOTES = (
    """
    CREATE TEMP TABLE assigning_note ON COMMIT DROP AS
    SELECT receivable_id, debtor_id, original_key FROM assigning
     WHERE kind = 'credit_note' AND original_key IS NOT NULL
    """,
    "ANALYZE assigning_note",
)

_NAME_ORIGINALS = """
    UPDATE receivable AS note SET original_id = named.original_id
      FROM (SELECT DISTINCT ON (one.receivable_id) one.receivable_id, invoice.id AS original_id
              FROM assigning_note AS one JOIN receivable AS invoice
                ON invoice.number_key = one.original_key AND invoice.debtor_id = one.debtor_id
             WHERE invoice.contract_id = :contract_id AND invoice.kind = 'invoice'
               AND invoice.reversed_at IS NULL
             ORDER BY one.receivable_id, (invoice.open_minor > 0) DESC, invoice.issue_date DESC,
                      invoice.id DESC) AS named
     WHERE note.id = named.receivable_id
"""

_LOCK_ORIGINALS = """
    SELECT id FROM receivable
     WHERE id IN (SELECT note.original_id FROM receivable AS note
                   WHERE note.remittance_id = :remittance_id AND note.original_id IS NOT NULL)
     ORDER BY id FOR UPDATE
"""

#: Each credit note takes what its invoice still owes after those before it in the remittance.
_SET_OFF = """
    INSERT INTO set_off (contract_id, credit_id, invoice_id, amount_minor, remittance_id,
                         made_at, made_by)
    SELECT :contract_id, credit_id, invoice_id, least(credit_minor, open_minor - taken_minor),
           :remittance_id, :at, :by
      FROM (SELECT note.id AS credit_id, invoice.id AS invoice_id, -note.open_minor AS credit_minor,
                   invoice.open_minor, coalesce(sum(-note.open_minor) OVER (
                     PARTITION BY invoice.id ORDER BY note.id
                     ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS taken_minor
              FROM receivable AS note JOIN receivable AS invoice ON invoice.id = note.original_id
             WHERE note.remittance_id = :remittance_id AND note.kind = 'credit_note') AS paired
     WHERE open_minor > taken_minor
     ORDER BY credit_id
"""

_MOVE_SET_OFFS = """
    UPDATE receivable AS moved
       SET open_minor = moved.open_minor + change.minor,
           closed_on = CASE WHEN moved.open_minor + change.minor = 0 THEN CAST(:on AS date) END
      FROM (SELECT id, sum(minor) AS minor FROM (
              SELECT invoice_id AS id, -amount_minor AS minor FROM set_off
               WHERE remittance_id = :remittance_id
              UNION ALL
              SELECT credit_id, amount_minor FROM set_off WHERE remittance_id = :remittance_id
            ) AS both_sides GROUP BY id) AS change
     WHERE moved.id = change.id
"""


@dataclass(frozen=True, slots=True)
class Sums:
    """What is being assigned: documents, their signed total, and the commission before VAT."""

    document_count: int
    amount_minor: int
    commission_minor: int


def gather(session: Session, *, remittance_id: int, currency: str) -> None:
    """Make ``assigning`` of the lines that are not refused."""
    make_room(session)
    for statement in _GATHER:
        session.execute(text(statement), {"remittance_id": remittance_id, "currency": currency})


def insert_receivables(
    session: Session, *, remittance_id: int, facts: ContractFacts, on: date, at: datetime
) -> None:
    """Insert a receivable per document; one that was assigned meanwhile becomes a refused line.

    The unique fingerprint decides, also between sessions that assign the same invoice at once:
    the loser waits for the winner, then sees its receivable and tells the line so. The lines were
    checked, so such documents are looked for only once one was met.
    """
    values = {
        "contract_id": facts.contract_id, "client_id": facts.client_id,
        "remittance_id": remittance_id, "on": on, "at": at,
    }  # fmt: skip
    for _ in range(_ATTEMPTS):
        if _insert(session, lambda: session.execute(text(_INSERT), values)):
            return
        _refuse_late(session, remittance_id)
    raise Contended(
        "assignment_contended", "the same invoices are being assigned elsewhere: try again"
    )


def _refuse_late(session: Session, remittance_id: int) -> None:
    session.execute(text(_FIND_LATE))
    if session.scalar(text("SELECT EXISTS (SELECT FROM assigning_late)")):
        with whole_sets(session):
            for statement in _REFUSE_LATE:
                session.execute(text(statement), {"remittance_id": remittance_id})
    session.execute(text("DROP TABLE assigning_late"))


def _insert(session: Session, run: Callable[[], object]) -> bool:
    """Whether the insert held; not when another session assigned one of its documents."""
    try:
        with session.begin_nested():
            run()
    except IntegrityError as error:
        if "uq_receivable_fingerprint" not in str(error.orig):
            raise
        return False
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) != _DEADLOCK:
            raise
        return False
    return True


def sums(session: Session, terms: Terms, *, planned_of: int | None = None) -> Sums:
    """Count, total and commission before VAT (the rule of ``contracts.rules.commission``).

    Of ``assigning``, or of the lines of a remittance that would be assigned (``planned_of``).
    """
    count, amount, net = session.execute(
        text(_SUM_ASSIGNING if planned_of is None else _SUM_PLANNED),
        {
            "rate": terms.commission_rate,
            "minimum": terms.commission_minimum_minor,
            "on_credit_notes": terms.commission_on_credit_notes,
            "remittance_id": planned_of,
        },
    ).one()
    return Sums(count, int(amount), int(net))


def set_off_credit_notes(
    session: Session, *, remittance_id: int, contract_id: int, on: date, by: str, at: datetime
) -> None:
    """Use each credit note that names an open invoice of its debtor against it, at once."""
    values = {"remittance_id": remittance_id, "contract_id": contract_id, "on": on, "by": by,
              "at": at}  # fmt: skip
    for statement in _GATHER_NOTES:
        session.execute(text(statement))
    if session.scalar(text("SELECT EXISTS (SELECT FROM assigning_note)")):
        for statement in (_NAME_ORIGINALS, _LOCK_ORIGINALS, _SET_OFF, _MOVE_SET_OFFS):
            session.execute(text(statement), values)
    session.execute(text("DROP TABLE assigning_note"))


def debtor_ids(session: Session) -> list[int]:
    """Whose receivables are being assigned."""
    return list(session.scalars(text("SELECT DISTINCT debtor_id FROM assigning ORDER BY 1")))


def finish(session: Session) -> None:
    """Drop ``assigning``."""
    session.execute(text("DROP TABLE assigning"))


# -- the ledger ----------------------------------------------------------------------------------

_STAGE_HEADS = """
    INSERT INTO posting_staged (ref, kind, source_kind, source_id, effect, contract_id, value_date)
    VALUES (:ref, :kind, 'remittance', :remittance_id, :effect, :contract_id, :on)
"""

_STAGE_DOCUMENTS = """
    INSERT INTO posting_line_staged (ref, position, kind, currency, contract_id, debtor_id,
                                     amount_minor, receivable_id)
    SELECT 1, line, 'RECEIVABLE', :currency, :contract_id, debtor_id, amount_minor, receivable_id
      FROM assigning
"""

_STAGE_LINE = """
    INSERT INTO posting_line_staged (ref, position, kind, currency, contract_id, amount_minor)
    VALUES (:ref, :position, :kind, :currency, :contract_id, :amount)
"""

_STAGE_SET_OFFS = (
    """
    INSERT INTO posting_staged (ref, kind, source_kind, source_id, effect, contract_id, value_date)
    SELECT 3 + row_number() OVER (ORDER BY id), 'SET_OFF', 'set_off', id, 'set_off', contract_id,
           CAST(:on AS date)
      FROM set_off WHERE remittance_id = :remittance_id
    """,
    """
    INSERT INTO posting_line_staged (ref, position, kind, currency, contract_id, debtor_id,
                                     amount_minor, receivable_id)
    SELECT head.ref, side.position, 'RECEIVABLE', :currency, one.contract_id, credit.debtor_id,
           side.sign * one.amount_minor,
           CASE side.sign WHEN 1 THEN one.credit_id ELSE one.invoice_id END
      FROM set_off AS one
      JOIN posting_staged AS head ON head.source_kind = 'set_off' AND head.source_id = one.id
      JOIN receivable AS credit ON credit.id = one.credit_id
     CROSS JOIN (VALUES (1, -1), (2, 1)) AS side (position, sign)
     WHERE one.remittance_id = :remittance_id
    """,
)


def stage_entries(
    session: Session, *, remittance_id: int, facts: ContractFacts, charges: Charges, on: date
) -> None:
    """Stage the transactions of an assignment: ASSIGNMENT, COMMISSION, RETENTION_CALL, SET_OFFs.

    The caller made the staging tables (``ledger.bulk.stage``) and posts them.
    """
    common = {"contract_id": facts.contract_id, "currency": facts.currency}
    head = {"remittance_id": remittance_id, "contract_id": facts.contract_id, "on": on}
    session.execute(text(_STAGE_HEADS), {**head, "ref": 1, "kind": "ASSIGNMENT",
                                         "effect": "assignment"})  # fmt: skip
    session.execute(text(_STAGE_DOCUMENTS), common)
    _stage_lines(session, 1, facts, [("CLIENT_CURRENT", -charges.amount_minor)])
    for ref, kind, lines in charges.postings():
        if any(amount for _, amount in lines):
            session.execute(text(_STAGE_HEADS), {**head, "ref": ref, "kind": kind,
                                                 "effect": kind.lower()})  # fmt: skip
            _stage_lines(session, ref, facts, lines)
    values = {"remittance_id": remittance_id, "currency": facts.currency, "on": on}
    for statement in _STAGE_SET_OFFS:
        session.execute(text(statement), values)


def _stage_lines(
    session: Session, ref: int, facts: ContractFacts, lines: list[tuple[str, int]]
) -> None:
    of_contract = {"CLIENT_CURRENT", "RETENTION_FUND"}
    for position, (kind, amount) in enumerate(lines):
        if amount:
            session.execute(
                text(_STAGE_LINE),
                {
                    "ref": ref, "position": position, "kind": kind, "currency": facts.currency,
                    "contract_id": facts.contract_id if kind in of_contract else None,
                    "amount": amount,
                },
            )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Charges:
    """What an assignment moves on the client's account: purchase, commission, retention."""

    amount_minor: int
    commission_minor: int
    vat_minor: int
    retention_minor: int

    @classmethod
    def of(cls, total: Sums, terms: Terms, retention_minor: int) -> Charges:
        """VAT is rounded once, on the commission of the whole remittance."""
        vat = apply_rate(total.commission_minor, terms.commission_vat_rate)
        return cls(total.amount_minor, total.commission_minor, vat, retention_minor)

    def postings(self) -> list[tuple[int, str, list[tuple[str, int]]]]:
        """The transactions beside the assignment itself: (ref, kind, (account, amount))."""
        net, vat, retention = self.commission_minor, self.vat_minor, self.retention_minor
        return [
            (2, "COMMISSION", [("CLIENT_CURRENT", net + vat), ("FEE_INCOME", -net),
                               ("VAT_COLLECTED", -vat)]),
            (3, "RETENTION_CALL", [("CLIENT_CURRENT", retention), ("RETENTION_FUND", -retention)]),
        ]  # fmt: skip
