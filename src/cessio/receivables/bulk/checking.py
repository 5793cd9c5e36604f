"""The verdict of every line of a remittance, with all its reasons, in a few statements.

``_RULES`` is the list of what is said and when; a line's reasons are those whose condition holds,
after what reading it already found (``faults``). Only lines whose verdict changes are written.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio.contracts.rules import RecourseMode
from cessio.kernel.calendar import add_years
from cessio.receivables.bulk.planning import make_room, whole_sets
from cessio.receivables.queries.facts import ContractFacts
from cessio.receivables.rules import HOLDING, REFUSING

_HAS_UNKNOWN = """
    SELECT EXISTS (SELECT FROM remittance_line
                    WHERE remittance_id = :remittance_id AND debtor_id IS NULL)
"""

#: Debtors may have been created since the lines were written.
_RESOLVE = """
    UPDATE remittance_line AS line SET debtor_id = found.debtor_id
      FROM (SELECT unknown.line, debtor.id AS debtor_id
              FROM remittance_line AS unknown
              JOIN company ON company.siren = unknown.debtor_siren
              JOIN debtor ON debtor.company_id = company.id
             WHERE unknown.remittance_id = :remittance_id AND unknown.debtor_id IS NULL
            UNION ALL
            SELECT unknown.line, debtor.id
              FROM remittance_line AS unknown
              JOIN company ON company.vat_number = unknown.debtor_vat
              JOIN debtor ON debtor.company_id = company.id
             WHERE unknown.remittance_id = :remittance_id AND unknown.debtor_id IS NULL
               AND unknown.debtor_siren IS NULL) AS found
     WHERE line.remittance_id = :remittance_id AND line.line = found.line
"""

_GATHER = (
    """
    CREATE TEMP TABLE checking ON COMMIT DROP AS
    SELECT line.line, line.kind, line.number, line.number_key, line.original_key,
           line.debtor_id, line.debtor_siren, line.debtor_vat, line.debtor_name,
           line.issue_date, line.due_date, line.amount_minor, line.vat_minor, line.currency,
           line.faults, line.verdict, line.reasons,
           coalesce(line.debtor_id::text, line.debtor_siren, line.debtor_vat) AS debtor_key
      FROM remittance_line AS line WHERE line.remittance_id = :remittance_id
    """,
    "ANALYZE checking (line, number_key, debtor_key, debtor_id, issue_date, amount_minor)",
    """
    CREATE TEMP TABLE checking_repeated ON COMMIT DROP AS
    SELECT line, first_value(line) OVER same AS first_line,
           min(line) OVER (PARTITION BY debtor_key, number_key, kind) AS first_similar
      FROM (SELECT checking.* FROM checking
             JOIN (SELECT debtor_key, number_key FROM checking
                    WHERE number_key IS NOT NULL AND debtor_key IS NOT NULL
                    GROUP BY 1, 2 HAVING count(*) > 1) AS twice USING (debtor_key, number_key)
           ) AS suspect
    WINDOW same AS (PARTITION BY debtor_key, number_key, issue_date, amount_minor ORDER BY line)
    """,
    """
    CREATE TEMP TABLE checking_assigned ON COMMIT DROP AS
    SELECT DISTINCT ON (checking.line) checking.line, other.assigned_on, other.client_id,
           other.remittance_id, other.number, other.issue_date, other.amount_minor,
           other.issue_date = checking.issue_date
             AND other.amount_minor = checking.amount_minor AS is_same
      FROM checking JOIN receivable AS other
        ON other.number_key = checking.number_key AND other.debtor_id = checking.debtor_id
     WHERE other.reversed_at IS NULL AND other.kind = checking.kind
     ORDER BY checking.line, is_same DESC, other.id
    """,
    """
    CREATE TEMP TABLE checking_alike ON COMMIT DROP AS
    SELECT DISTINCT ON (checking.line) checking.line, other.assigned_on, other.client_id,
           other.number
      FROM checking JOIN receivable AS other
        ON other.debtor_id = checking.debtor_id AND other.issue_date = checking.issue_date
       AND other.amount_minor = checking.amount_minor
     WHERE other.closed_on IS NULL AND other.number_key <> checking.number_key
       AND other.kind = 'invoice'
     ORDER BY checking.line, other.id
    """,
    """
    CREATE TEMP TABLE checking_note ON COMMIT DROP AS
    SELECT line, debtor_id, debtor_key, original_key FROM checking
     WHERE kind = 'credit_note' AND original_key IS NOT NULL
    """,
    "ANALYZE checking_note",
    """
    CREATE TEMP TABLE checking_original ON COMMIT DROP AS
    SELECT DISTINCT ON (line) line, open_minor
      FROM (SELECT note.line, invoice.open_minor, invoice.issue_date
              FROM checking_note AS note JOIN receivable AS invoice
                ON invoice.number_key = note.original_key AND invoice.debtor_id = note.debtor_id
             WHERE invoice.contract_id = :contract_id AND invoice.kind = 'invoice'
               AND invoice.reversed_at IS NULL
            UNION ALL
            SELECT note.line, invoice.amount_minor, invoice.issue_date
              FROM checking_note AS note JOIN checking AS invoice
                ON invoice.number_key = note.original_key AND invoice.debtor_key = note.debtor_key
             WHERE invoice.kind = 'invoice' AND invoice.amount_minor > 0) AS named
     ORDER BY line, issue_date DESC NULLS LAST
    """,
    """
    CREATE TEMP TABLE checking_debtor ON COMMIT DROP AS
    SELECT debtor.id AS debtor_id, debtor.insolvent_on, debtor.company_id, company.group_id,
           excluded.id IS NOT NULL AS is_excluded,
           CASE WHEN named.debtor_id IS NULL THEN :blanket ELSE named.limit_minor END AS limit_minor
      FROM debtor JOIN company ON company.id = debtor.company_id
      LEFT JOIN excluded_debtor AS excluded ON excluded.contract_id = :contract_id
            AND excluded.debtor_id = debtor.id AND excluded.ended_at IS NULL
      LEFT JOIN (SELECT debtor_id, max(amount_minor) FILTER (
                          WHERE (valid_to IS NULL OR valid_to >= :on)
                            AND (ended_on IS NULL OR ended_on > :on)) AS limit_minor
                   FROM credit_limit
                  WHERE contract_id = :contract_id AND kind = 'cover' AND valid_from <= :on
                  GROUP BY debtor_id) AS named ON named.debtor_id = debtor.id
     WHERE debtor.id IN (SELECT debtor_id FROM checking)
    """,
    # Told how few lines they say something of, else the planner would hash all lines for each.
    """
    ANALYZE checking_debtor, checking_repeated (line), checking_assigned (line),
            checking_alike (line), checking_original (line)
    """,
)


def _unread(field: str) -> str:
    """The field is empty, and not because it could not be read."""
    return f"""l.{field} IS NULL
        AND NOT coalesce(l.faults @> '[{{"field": "{field}"}}]', false)"""


#: (code, when, values of its sentence). ``l`` is the line, ``d`` its debtor, ``repeated``,
#: ``assigned``, ``alike`` and ``original`` what the tables above found.
_RULES: tuple[tuple[str, str, str], ...] = (
    ("number_missing", f"{_unread('number')} OR l.number_key = ''", ""),
    ("number_too_long", "length(l.number) > 64", ""),
    ("debtor_missing", f"""l.debtor_key IS NULL AND l.debtor_name IS NULL
        AND {_unread("debtor_siren")} AND {_unread("debtor_vat")}""", ""),
    ("debtor_unidentified", f"""l.debtor_key IS NULL AND l.debtor_name IS NOT NULL
        AND {_unread("debtor_siren")} AND {_unread("debtor_vat")}""", ""),
    ("debtor_name_missing", """l.debtor_id IS NULL AND l.debtor_key IS NOT NULL
        AND l.debtor_name IS NULL""", ""),
    ("amount_missing", _unread("amount_minor"), ""),
    ("amount_zero", "l.amount_minor = 0", ""),
    ("date_missing", _unread("issue_date"), "'field', 'issue_date'"),
    ("currency_mismatch", "l.currency <> :currency",
     "'currency', l.currency, 'expected', CAST(:currency AS text)"),
    ("due_before_issue", "l.due_date < l.issue_date",
     "'issue_date', l.issue_date, 'due_date', l.due_date"),
    ("issued_in_future", "l.issue_date > :on", "'issue_date', l.issue_date"),
    ("limitation_passed", "l.kind = 'invoice' AND l.due_date < :limitation",
     "'due_date', l.due_date"),
    ("debtor_is_client", "d.company_id = :company_id", ""),
    ("duplicate_in_file", "repeated.first_line < l.line", "'line', repeated.first_line"),
    ("duplicate_assigned", "assigned.is_same",
     """'on', assigned.assigned_on, 'staff', jsonb_build_object(
        'client_id', assigned.client_id, 'remittance_id', assigned.remittance_id)"""),
    ("similar_number", """NOT assigned.is_same
        OR (repeated.first_similar < l.line AND repeated.first_line = l.line)""",
     """'number', coalesce(assigned.number, l.number), 'on', assigned.assigned_on,
        'line', CASE WHEN assigned.line IS NULL THEN repeated.first_similar END,
        'staff', jsonb_build_object('client_id', assigned.client_id,
          'issue_date', assigned.issue_date, 'amount_minor', assigned.amount_minor)"""),
    ("similar_amount", "l.kind = 'invoice' AND alike.line IS NOT NULL",
     """'on', alike.assigned_on, 'staff', jsonb_build_object(
        'client_id', alike.client_id, 'number', alike.number)"""),
    ("debtor_insolvent", "d.insolvent_on <= :on", "'since', d.insolvent_on"),
    ("related_party", "d.group_id = :group_id AND d.company_id <> :company_id", ""),
    ("vat_implausible", """l.vat_minor <> 0 AND l.amount_minor <> 0
        AND ((l.vat_minor < 0) <> (l.amount_minor < 0)
             OR abs(l.vat_minor) * 4 > abs(l.amount_minor))""", "'vat_minor', l.vat_minor"),
    ("debtor_excluded", "d.is_excluded", ""),
    ("new_debtor", "l.debtor_id IS NULL AND l.debtor_key IS NOT NULL",
     "'siren', coalesce(l.debtor_siren, l.debtor_vat)"),
    ("no_cover", """:is_guaranteed AND l.kind = 'invoice' AND (coalesce(d.limit_minor, 0) = 0
        AND l.debtor_id IS NOT NULL)""", ""),
    ("already_overdue", "l.kind = 'invoice' AND l.due_date < :on AND l.due_date >= l.issue_date",
     "'days', :on - l.due_date"),
    ("invoice_too_old", "l.kind = 'invoice' AND l.issue_date < :oldest",
     "'days', :on - l.issue_date"),
    ("term_too_long", "l.kind = 'invoice' AND l.due_date - l.issue_date > :term_days",
     "'days', l.due_date - l.issue_date, 'most', CAST(:term_days AS int)"),
    ("term_beyond_legal", """l.due_date > l.issue_date + 60 AND l.kind = 'invoice'
        AND l.due_date > greatest(
          (date_trunc('month', l.issue_date) + interval '1 month - 1 day')::date + 45,
          (date_trunc('month', l.issue_date + 45) + interval '1 month - 1 day')::date)""",
     "'days', l.due_date - l.issue_date"),
    ("original_not_named", "l.kind = 'credit_note' AND l.original_key IS NULL", ""),
    ("original_unknown", """l.kind = 'credit_note' AND l.original_key IS NOT NULL
        AND original.line IS NULL""", ""),
    ("exceeds_original", "l.kind = 'credit_note' AND -l.amount_minor > original.open_minor",
     "'open_minor', original.open_minor"),
)  # fmt: skip

_TESTS = " OR ".join(f"({condition})" for _, condition, _ in _RULES)
_SAID = ",\n".join(
    f"CASE WHEN {condition} THEN jsonb_strip_nulls(jsonb_build_object('code', '{code}'"
    f"{', ' + values if values else ''})) END"
    for code, condition, values in _RULES
)

_JUDGE = f"""
    CREATE TEMP TABLE checking_verdict ON COMMIT DROP AS
    SELECT judged.line, judged.reasons, CASE
             WHEN judged.codes && CAST(:refusing AS text[]) THEN 'refused'
             WHEN judged.codes = '{{}}' THEN 'accepted' ELSE 'warning' END AS verdict
      FROM (
        SELECT said.line, said.reasons, ARRAY(
                 SELECT one ->> 'code' FROM jsonb_array_elements(said.reasons) AS one) AS codes
          FROM (
            SELECT l.line, coalesce(l.faults, '[]')
                   || to_jsonb(array_remove(ARRAY[{_SAID}]::jsonb[], NULL)) AS reasons
              FROM checking AS l
              LEFT JOIN checking_debtor AS d ON d.debtor_id = l.debtor_id
              LEFT JOIN checking_repeated AS repeated ON repeated.line = l.line
              LEFT JOIN checking_assigned AS assigned ON assigned.line = l.line
              LEFT JOIN checking_alike AS alike ON alike.line = l.line
              LEFT JOIN checking_original AS original ON original.line = l.line
             WHERE {_TESTS} OR l.faults IS NOT NULL OR l.reasons <> '[]'
          ) AS said
      ) AS judged
"""  # noqa: S608 - the parts are the constants above

_WRITE = """
    UPDATE remittance_line AS line SET verdict = checked.verdict, reasons = checked.reasons
      FROM checking_verdict AS checked
     WHERE line.remittance_id = :remittance_id AND line.line = checked.line
       AND (line.verdict, line.reasons) IS DISTINCT FROM (checked.verdict, checked.reasons)
"""

_DROP = """
    DROP TABLE checking, checking_repeated, checking_assigned, checking_alike, checking_note,
               checking_original, checking_debtor, checking_verdict
"""

_TOTALS = """
    SELECT count(*), count(*) FILTER (WHERE verdict = 'accepted'),
           count(*) FILTER (WHERE verdict = 'warning'),
           count(*) FILTER (WHERE verdict = 'refused'),
           coalesce(sum(amount_minor) FILTER (WHERE verdict <> 'refused' AND kind = 'invoice'), 0),
           coalesce(sum(amount_minor) FILTER (WHERE verdict <> 'refused' AND kind <> 'invoice'), 0)
      FROM remittance_line WHERE remittance_id = :remittance_id
"""

_WITHHOLD = """
    UPDATE remittance_line SET faults = coalesce(faults, '[]') || CAST(:said AS jsonb)
     WHERE remittance_id = :remittance_id AND line = ANY(:lines)
       AND NOT coalesce(faults @> '[{"code": "withheld"}]', false)
       AND NOT coalesce(faults @> '[{"code": "withheld_for"}]', false)
"""

_HOLDING = """
    SELECT DISTINCT one ->> 'code'
      FROM remittance_line, jsonb_array_elements(reasons) AS one
     WHERE remittance_id = :remittance_id AND verdict = 'warning'
       AND one ->> 'code' = ANY(:holding)
"""


@dataclass(frozen=True, slots=True)
class Totals:
    """What a remittance is made of. Amounts are of the lines that would be assigned, signed."""

    line_count: int
    accepted_count: int
    warning_count: int
    refused_count: int
    invoices_minor: int
    credit_notes_minor: int

    @property
    def assignable_count(self) -> int:
        """Lines that would be assigned."""
        return self.accepted_count + self.warning_count


def judge(
    session: Session, *, remittance_id: int, facts: ContractFacts, on: date, lines: int
) -> None:
    """Write the verdict and reasons of every line as of a date; ``lines`` is about how many."""
    terms = facts.terms
    values = {
        "remittance_id": remittance_id, "contract_id": facts.contract_id,
        "company_id": facts.company_id, "group_id": facts.group_id, "currency": facts.currency,
        "on": on, "limitation": add_years(on, -5), "blanket": terms.blanket_cover_minor,
        "term_days": terms.payment_term_days_max,
        "is_guaranteed": terms.recourse_mode is RecourseMode.WITHOUT_RECOURSE,
        "oldest": oldest_issue(on, terms.invoice_age_days_ineligible), "refusing": list(REFUSING),
    }  # fmt: skip
    make_room(session)
    with whole_sets(session, lines):
        if session.scalar(text(_HAS_UNKNOWN), values):
            session.execute(text(_RESOLVE), values)
        for statement in (*_GATHER, _JUDGE, _WRITE, _DROP):
            session.execute(text(statement), values)


def withhold(session: Session, *, remittance_id: int, lines: list[int], why: str | None) -> None:
    """Refuse lines by hand; later checks keep it."""
    said = {"code": "withheld_for", "why": why} if why else {"code": "withheld"}
    session.execute(
        text(_WITHHOLD),
        {"remittance_id": remittance_id, "lines": lines, "said": json.dumps([said])},
    )


def oldest_issue(on: date, age_days: int | None) -> date:
    """The issue date before which an invoice is too old to be eligible."""
    return date.min if age_days is None else date.fromordinal(on.toordinal() - age_days)


def totals(session: Session, remittance_id: int) -> Totals:
    """Counts by verdict and the amounts that would be assigned."""
    row = session.execute(text(_TOTALS), {"remittance_id": remittance_id}).one()
    return Totals(*(int(value) for value in row))


def holding_codes(session: Session, remittance_id: int) -> list[str]:
    """Codes of warnings that make the remittance wait for a person."""
    values = {"remittance_id": remittance_id, "holding": list(HOLDING)}
    return list(session.scalars(text(_HOLDING), values))
