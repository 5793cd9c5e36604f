"""Where a movement of the books came from: the page that tells its story."""

from __future__ import annotations

_PAGES = {
    "remittance": "/backoffice/remittances",
    "drawdown": "/backoffice/funding",
    "cash_application": "/backoffice/bank/applications",
    "bank_statement": "/backoffice/bank/statements",
}


def page_of(source_kind: str, source_id: int) -> str | None:
    """The page of what a transaction came from, where it has one."""
    return f"{_PAGES[source_kind]}/{source_id}" if source_kind in _PAGES else None
