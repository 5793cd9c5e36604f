"""Writing the lines of a remittance: stage them, find their debtors, keep them in one statement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

from psycopg import sql
from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio.parties.rules import name_key
from cessio.plumbing.database import copy_rows
from cessio.plumbing.deferred import deferred
from cessio.receivables.bulk.planning import make_room, whole_sets

if TYPE_CHECKING:
    import polars as pl
else:
    pl = deferred("polars")


#: Columns of ``line_staged``, in order. ``faults`` and ``raw`` are JSON texts.
COLUMNS = (
    "line", "kind", "number", "number_key", "debtor_id", "debtor_siren", "debtor_vat",
    "debtor_name", "issue_date", "due_date", "amount_minor", "vat_minor", "currency", "order_ref",
    "original_number", "original_key", "faults", "raw",
)  # fmt: skip

_STAGE = """
    CREATE TEMP TABLE line_staged (
      line bigint NOT NULL, kind text NOT NULL, number text, number_key text, debtor_id bigint,
      debtor_siren text, debtor_vat text, debtor_name text, issue_date date, due_date date,
      amount_minor bigint, vat_minor bigint, currency text, order_ref text,
      original_number text, original_key text, faults jsonb, raw jsonb
    ) ON COMMIT DROP
"""

#: A due date that is not given follows from the debtor's terms, else the contract's, and is said.
_KEEP = """
    INSERT INTO remittance_line (
      remittance_id, line, receivable_id, kind, number, number_key, debtor_id, debtor_siren,
      debtor_vat, debtor_name, issue_date, due_date, amount_minor, vat_minor, currency, order_ref,
      original_number, original_key, faults, raw)
    SELECT :remittance_id, found.line, nextval('receivable_id_seq'),
           found.kind, found.number, found.number_key, found.debtor, found.debtor_siren,
           found.debtor_vat, coalesce(found.debtor_name, found.company_name), found.issue_date,
           coalesce(found.due_date, found.issue_date + CASE found.kind
             WHEN 'invoice' THEN found.terms_days ELSE 0 END),
           found.amount_minor, found.vat_minor, found.currency, found.order_ref,
           found.original_number, found.original_key,
           CASE WHEN found.due_date IS NULL AND found.issue_date IS NOT NULL
                     AND found.kind = 'invoice'
                     AND NOT coalesce(found.faults @> '[{"field": "due_date"}]', false)
                THEN coalesce(found.faults, '[]') || jsonb_build_array(jsonb_build_object(
                       'code', 'due_date_assumed', 'days', found.terms_days))
                ELSE found.faults END,
           found.raw
      FROM (
        SELECT staged.*, debtor.id AS debtor, company.name AS company_name,
               coalesce(debtor.payment_terms_days, :terms_days)::int AS terms_days
          FROM line_staged AS staged
          LEFT JOIN company AS by_siren ON by_siren.siren = staged.debtor_siren
          LEFT JOIN company AS by_vat ON by_vat.vat_number = staged.debtor_vat
          LEFT JOIN debtor AS given ON given.id = staged.debtor_id
          LEFT JOIN company
            ON company.id = coalesce(given.company_id, by_siren.id, by_vat.id)
          LEFT JOIN debtor ON debtor.company_id = company.id
         ORDER BY staged.line
      ) AS found
"""


_BY_NAME = """
    SELECT company.name_key, min(debtor.id) FROM debtor
      JOIN company ON company.id = debtor.company_id
     WHERE company.name_key = ANY(:keys)
     GROUP BY company.name_key HAVING count(*) = 1
"""

_UNKNOWN = """
    SELECT DISTINCT ON (debtor_siren, vat) debtor_siren, vat, debtor_name
      FROM (SELECT line, debtor_siren, debtor_name,
                   CASE WHEN debtor_siren IS NULL THEN debtor_vat END AS vat
              FROM remittance_line
             WHERE remittance_id = :remittance_id AND debtor_id IS NULL
               AND verdict <> 'refused') AS unknown
     ORDER BY debtor_siren, vat, line
"""

_GIVE = """
    UPDATE remittance_line AS line
       SET debtor_id = given.debtor_id,
           verdict = CASE WHEN given.debtor_id IS NULL THEN 'refused' ELSE verdict END,
           reasons = CASE WHEN given.debtor_id IS NULL
             THEN reasons || '[{"code": "debtor_unidentified"}]' ELSE reasons END
      FROM unnest(CAST(:sirens AS text[]), CAST(:vats AS text[]), CAST(:debtor_ids AS bigint[]))
           AS given (siren, vat, debtor_id)
     WHERE line.remittance_id = :remittance_id AND line.debtor_id IS NULL
       AND line.verdict <> 'refused'
       AND coalesce(line.debtor_siren, 'vat ' || line.debtor_vat)
           = coalesce(given.siren, 'vat ' || given.vat)
"""

_REMOVE = "DELETE FROM remittance_line WHERE remittance_id = :id AND line = ANY(:lines) RETURNING 1"

#: What a later check or a person said is forgotten; what could not be read still can not be.
_AGAIN = """
    INSERT INTO line_staged (
      line, kind, number, number_key, debtor_id, debtor_siren, debtor_vat, debtor_name,
      issue_date, due_date, amount_minor, vat_minor, currency, order_ref, original_number,
      original_key, faults, raw)
    SELECT row_number() OVER (ORDER BY line), kind, number, number_key, debtor_id, debtor_siren,
           debtor_vat, debtor_name, issue_date, due_date, amount_minor, vat_minor, currency,
           order_ref, original_number, original_key,
           nullif((SELECT coalesce(jsonb_agg(fault), '[]')
                     FROM jsonb_array_elements(coalesce(faults, '[]')) AS fault
                    WHERE fault ->> 'code' NOT IN ('withheld', 'withheld_for')), '[]'), raw
      FROM remittance_line
     WHERE remittance_id = :id AND (verdict = 'refused' OR NOT CAST(:refused_only AS boolean))
"""


def stage(session: Session) -> None:
    """Make the empty staging table of this database transaction."""
    session.execute(text(_STAGE))


def stage_rows(session: Session, rows: Iterable[tuple[Any, ...]]) -> int:
    """Stage lines given as tuples of ``COLUMNS``; returns how many."""
    stage(session)
    return copy_rows(session, "line_staged", COLUMNS, rows)


def stage_frame(session: Session, frame: pl.DataFrame) -> int:
    """Stage the lines of a frame whose columns are ``COLUMNS``; returns how many."""
    stage(session)
    buffer = BytesIO()
    told = [name for name in COLUMNS if frame[name].null_count() < frame.height]
    frame.select(told).write_csv(buffer, include_header=False)
    driver: Any = session.connection().connection.driver_connection
    statement = sql.SQL("COPY line_staged ({}) FROM STDIN (FORMAT csv)").format(
        sql.SQL(", ").join(map(sql.Identifier, told))
    )
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(buffer.getbuffer())
    return frame.height


def debtors_by_name(session: Session, names: Sequence[str]) -> dict[str, int]:
    """The debtor of each name that exactly one debtor bears, spelling aside."""
    keys = {name: name_key(name) for name in names}
    wanted = sorted({key for key in keys.values() if key})
    rows = session.execute(text(_BY_NAME), {"keys": wanted})
    found: dict[str, int] = {row[0]: row[1] for row in rows}
    return {name: found[key] for name, key in keys.items() if key in found}


def keep_staged(session: Session, *, remittance_id: int, terms_days: int) -> None:
    """Write the staged lines, each with its debtor if we know it, and drop the staging table."""
    make_room(session)
    session.execute(text("ANALYZE line_staged (debtor_id, debtor_siren, debtor_vat)"))
    session.execute(text(_KEEP), {"remittance_id": remittance_id, "terms_days": terms_days})
    session.execute(text("DROP TABLE line_staged"))


def unknown_debtors(
    session: Session, remittance_id: int
) -> list[tuple[str | None, str | None, str]]:
    """SIREN, else VAT number, and name of the debtors that have no record yet."""
    rows = session.execute(text(_UNKNOWN), {"remittance_id": remittance_id})
    return [(siren, vat, name) for siren, vat, name in rows]


def give_debtors(
    session: Session, *, remittance_id: int,
    identities: Sequence[tuple[str | None, str | None]], debtor_ids: Sequence[int | None],
) -> None:  # fmt: skip
    """Write the debtor of each identity on its lines; none refuses them."""
    given = {
        "remittance_id": remittance_id, "sirens": [siren for siren, _ in identities],
        "vats": [vat for _, vat in identities], "debtor_ids": list(debtor_ids),
    }  # fmt: skip
    with whole_sets(session):
        session.execute(text(_GIVE), given)


def forget(session: Session, remittance_id: int) -> None:
    """Delete the lines of a draft (they were never more than a draft)."""
    session.execute(
        text("DELETE FROM remittance_line WHERE remittance_id = :id"), {"id": remittance_id}
    )


def remove(session: Session, remittance_id: int, lines: Sequence[int]) -> int:
    """Delete some lines of a draft; returns how many there were."""
    gone = session.execute(text(_REMOVE), {"id": remittance_id, "lines": list(lines)})
    return len(gone.all())


def stage_again(session: Session, *, remittance_id: int, refused_only: bool) -> None:
    """Stage the lines of a former remittance as they were sent, numbered from one."""
    stage(session)
    session.execute(text(_AGAIN), {"id": remittance_id, "refused_only": refused_only})
