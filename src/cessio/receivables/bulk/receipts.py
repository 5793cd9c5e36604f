"""The subrogation receipt: canonical UTF-8 text, hashed, written once with the assignment.

First the facts of the whole, a ``name<TAB>value`` line each; an empty line; then a line per
document: line, kind, number, debtor's SIREN or VAT number, debtor's name, issue date, due date,
amount in minor units. Tabs and line breaks inside a value are written as spaces. The receipt is
what the client was paid for: nothing in it is computed again when it is shown or printed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

FORMAT = "cessio-subrogation-receipt-1"

_WRITE = r"""
    WITH party AS MATERIALIZED (
      SELECT debtor.id, concat_ws(
               E'\t', coalesce(company.siren, company.vat_number, company.registration_number, ''),
               translate(company.name, E'\t\r\n', '   ')) AS written
        FROM debtor JOIN company ON company.id = debtor.company_id
       WHERE debtor.id IN (SELECT debtor_id FROM assigning)
    ), body AS (
      SELECT coalesce(string_agg(concat_ws(
               E'\t', one.line, one.kind, translate(one.number, E'\t\r\n', '   '), party.written,
               one.issue_date, one.due_date, one.amount_minor || E'\n'), '' ORDER BY one.line), '')
               AS lines
        FROM assigning AS one JOIN party ON party.id = one.debtor_id
    ), written AS MATERIALIZED (
      SELECT convert_to(CAST(:head AS text) || lines, 'UTF8') AS content FROM body
    )
    INSERT INTO subrogation_receipt (remittance_id, number, assigned_at, document_count,
                                     amount_minor, content_sha256, content, signed_by)
    SELECT :remittance_id, :number, :at, :document_count, :amount_minor, sha256(content), content,
           :by
      FROM written
"""


def head(values: Mapping[str, str]) -> str:
    """The first part of a receipt's text."""
    lines = [f"{name}\t{_plain(value)}\n" for name, value in values.items()]
    return "".join(lines) + "\n"


def _plain(value: str) -> str:
    return " ".join(value.split())


def write(
    session: Session, *, remittance_id: int, number: str, facts: Mapping[str, str],
    document_count: int, amount_minor: int, by: str, at: datetime,
) -> None:  # fmt: skip
    """Write the receipt of the documents in ``assigning``."""
    session.execute(
        text(_WRITE),
        {
            "head": head({"format": FORMAT, "number": number, **facts}), "number": number,
            "remittance_id": remittance_id, "at": at, "document_count": document_count,
            "amount_minor": amount_minor, "by": by,
        },
    )  # fmt: skip
