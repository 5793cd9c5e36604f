"""What a client owes its factor an answer to: the third question it comes with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from cessio.contracts.rules import IneligibleReason
from cessio.funding.rules import Availability
from cessio.kernel.calendar import business_date
from cessio.kernel.paging import PageRequest
from cessio.plumbing.i18n import gettext as _
from cessio.plumbing.i18n import ngettext
from cessio.receivables import queries as receivables
from cessio.receivables.queries import RemittanceRow
from cessio.receivables.rules import RemittanceState, Source
from cessio.web import explaining

#: Refused lines are asked for this long after their remittance was assigned.
RECENT = timedelta(days=30)
#: Reasons that only the client can lift: by proof, an answer, or a corrected document.
ASKED = frozenset(
    {
        IneligibleReason.DISPUTED,
        IneligibleReason.REFUSED_BY_DEBTOR,
        IneligibleReason.DUPLICATE_SUSPECTED,
        IneligibleReason.NOT_VERIFIED,
        IneligibleReason.DOCUMENT_MISSING,
    }
)


@dataclass(frozen=True, slots=True)
class Need:
    """One thing to answer: what, what to do, the euros that wait for it, where it is done."""

    words: str
    detail: str | None
    amount_minor: int | None
    href: str


def needs(
    session: Session, found: Availability, *, client_id: int, contract_id: int, lines_url: str,
    on: date,
) -> list[Need]:  # fmt: skip
    """Drafts to confirm, lines to correct, then what keeps invoices from being funded."""
    page = receivables.remittances(
        session, PageRequest(20), client_id=client_id, contract_id=contract_id,
        states=(RemittanceState.DRAFT, RemittanceState.ASSIGNED),
    )  # fmt: skip
    recent = [row for row in page.rows if business_date(row.created_at) >= on - RECENT]
    drafts = [row for row in page.rows if row.state is RemittanceState.DRAFT]
    resent = {row.filename for row in recent if row.source is Source.RESENT}
    refused = [
        row for row in recent
        if row.state is RemittanceState.ASSIGNED and row.refused_count
        and row.filename not in resent
    ]  # fmt: skip
    held = [
        Need(explaining.words(line), explaining.advice(line), -line.amount_minor,
             explaining.href(line, lines_url) or lines_url)
        for line in found.lines if line.reason in ASKED and line.amount_minor < 0
    ]  # fmt: skip
    return [*map(_draft, drafts), *map(_refused, refused), *held]


def _draft(row: RemittanceRow) -> Need:
    return Need(
        _("Remittance {reference} to confirm", reference=row.reference),
        _("Nothing is assigned before you confirm."), row.total_minor,
        f"/portal/remittances/{row.id}",
    )  # fmt: skip


def _refused(row: RemittanceRow) -> Need:
    return Need(
        ngettext("{n} refused line to correct", "{n} refused lines to correct", row.refused_count),
        _("Remittance {reference}: correct and send again, under the same numbers.",
          reference=row.reference),
        None, f"/portal/remittances/{row.id}?verdict=refused",
    )  # fmt: skip
