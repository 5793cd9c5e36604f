"""Giving every line its debtor's record before it is assigned."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from cessio.parties.bulk import ensure_debtors as ensure
from cessio.parties.rules import CompanyDetails
from cessio.receivables.bulk import lines


def ensure_debtors(session: Session, *, remittance_id: int, by: str, at: datetime) -> None:
    """Create the debtors that the remittance is the first to name, and give them to its lines.

    A line whose debtor's identity contradicts what is known is refused (``debtor_unidentified``).
    """
    unknown = lines.unknown_debtors(session, remittance_id)
    if not unknown:
        return
    details = [
        CompanyDetails(name=name, siren=siren, vat_number=vat, country=_country(siren, vat))
        for siren, vat, name in unknown
    ]
    ensured = ensure(session, rows=details, by=by, at=at)
    lines.give_debtors(
        session, remittance_id=remittance_id,
        identities=[(siren, vat) for siren, vat, _ in unknown], debtor_ids=ensured.debtor_ids,
    )  # fmt: skip


def _country(siren: str | None, vat: str | None) -> str:
    if siren is not None or vat is None:
        return "FR"
    return {"EL": "GR", "XI": "GB"}.get(vat[:2], vat[:2])
