"""Clients that sell to each other, in twos and threes, read by sets."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio.vigilance.rules import Circle

#: What was assigned so lately belongs to one turn of goods, or of none.
TURN_DAYS = 60

_CIRCLES = """
    WITH edge AS (
      SELECT invoice.client_id AS seller, buyer.id AS buyer, min(contract.currency) AS currency,
             sum(invoice.amount_minor)::bigint AS minor,
             (array_agg(invoice.id ORDER BY invoice.id DESC))[1:60] AS documents
        FROM client AS buyer
        JOIN debtor ON debtor.company_id = buyer.company_id
        JOIN receivable AS invoice ON invoice.debtor_id = debtor.id
        JOIN contract ON contract.id = invoice.contract_id
       WHERE invoice.kind = 'invoice' AND invoice.reversed_at IS NULL
         AND invoice.assigned_on >= :since
       GROUP BY 1, 2
    ), ring AS (
      SELECT ARRAY[a.seller, b.seller] AS sellers, a.currency, a.minor + b.minor AS minor,
             a.documents || b.documents AS documents
        FROM edge AS a JOIN edge AS b ON b.seller = a.buyer AND b.buyer = a.seller
       WHERE a.seller < b.seller
      UNION ALL
      SELECT ARRAY[a.seller, b.seller, c.seller], a.currency, a.minor + b.minor + c.minor,
             a.documents || b.documents || c.documents
        FROM edge AS a JOIN edge AS b ON b.seller = a.buyer
        JOIN edge AS c ON c.seller = b.buyer AND c.buyer = a.seller
       WHERE a.seller < b.seller AND a.seller < c.seller AND b.seller <> c.seller
    )
    SELECT sellers, currency, minor, documents,
           ARRAY(SELECT company.name FROM unnest(sellers) WITH ORDINALITY AS one (id, place)
                   JOIN client ON client.id = one.id
                   JOIN company ON company.id = client.company_id ORDER BY place)
      FROM ring ORDER BY sellers
"""


def circles(session: Session, *, on: date) -> list[Circle]:
    """Each circle of two or three clients whose invoices on each other were assigned lately."""
    rows = session.execute(text(_CIRCLES), {"since": on - timedelta(days=TURN_DAYS)})
    return [
        Circle(client_ids=tuple(row[0]), currency=row[1], amount_minor=row[2],
               document_ids=tuple(row[3]), names=tuple(row[4]))
        for row in rows
    ]  # fmt: skip
