"""Where a movement of the books came from: the page that tells its story."""

from __future__ import annotations

from cessio.funding.rules import LineKind

_PAGES = {
    "remittance": "/backoffice/remittances",
    "drawdown": "/backoffice/funding",
    "cash_application": "/backoffice/bank/applications",
    "bank_statement": "/backoffice/bank/statements",
}


def page_of(source_kind: str, source_id: int) -> str | None:
    """The page of what a transaction came from, where it has one."""
    return f"{_PAGES[source_kind]}/{source_id}" if source_kind in _PAGES else None


def pages_of(contract_id: int, *, sees_ledger: bool) -> dict[LineKind, str]:
    """What stands behind the lines of a contract's availability that withhold no invoice."""
    pages = {LineKind.OUTSTANDING: f"/backoffice/receivables?contract={contract_id}"}
    if sees_ledger:
        statement = f"/backoffice/contracts/{contract_id}/statement"
        booked = (LineKind.RETENTION_FUND, LineKind.CHARGES, LineKind.DRAWINGS)
        pages |= dict.fromkeys(booked, statement)
    return pages
