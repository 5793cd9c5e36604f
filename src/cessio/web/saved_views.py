"""The lists whose filters can be kept under a name, and what of their address is kept.

A list page joins by one line here: its parameters, without the position in it. The layout then
shows the views over it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from litestar import Request
from litestar.response import Redirect

from cessio.preferences import View, kept_query

#: Of each list: the fields of its address that are filters or its order.
LISTS: Mapping[str, tuple[str, ...]] = {
    "/backoffice": ("scope", "kind", "later", "all"),
    "/backoffice/portfolio": ("q", "scope", "waiting", "sort"),
    "/backoffice/clients": ("q", "mine", "sort"),
    "/backoffice/debtors": ("q", "segment", "insolvent", "sort"),
    "/backoffice/contracts": ("q", "product", "state", "sort"),
    "/backoffice/remittances": ("state", "contract", "q", "faulty", "order", "sort"),
    "/backoffice/verifications": (
        "state", "reason", "age", "from", "contract", "client", "debtor", "order", "sort",
    ),
    "/backoffice/signals": (
        "state", "level", "kind", "client", "debtor", "contract", "remittance", "document",
        "sort",
    ),
    "/backoffice/replies": ("state", "kind", "client", "debtor", "contract", "receivable", "sort"),
    "/backoffice/groups": ("q", "show", "sort"),
    "/backoffice/receivables": (
        "reason", "amount", "amount_from", "amount_to", "siren", "status", "order", "sort",
        "contract", "reference", "client", "manager", "follower", "debtor", "who", "remittance",
        "number", "age", "kind", "dispute", "uncovered", "sum", "issued_from",
        "issued_to", "due_from", "due_to", "assigned_from", "assigned_to",
    ),
    "/backoffice/limits": ("contract", "due", "q", "state", "sort"),
    "/backoffice/limits/in-force": ("contract", "queued", "q", "sort"),
    "/backoffice/limits/watch": ("days",),
    "/backoffice/collections/promises": ("q", "state", "mine", "due_from", "due_to", "sort"),
    "/backoffice/disputes": (
        "state", "reason", "contract", "client", "who", "number", "owner", "manager", "deadline",
        "older", "amount_from", "amount_to", "sort",
    ),
    "/backoffice/bank/lines": (
        "state", "account", "from", "to", "amount", "payer", "owner", "sort",
    ),
    "/backoffice/bank/matching/payers": ("q", "state", "sort"),
    "/backoffice/funding/drawdowns": (
        "q", "state", "amount", "from", "to", "debited", "sent", "sort",
    ),
    "/backoffice/audit": ("person", "subject", "from", "to", "sort"),
    "/backoffice/jobs": ("kind", "state", "sort"),
    "/backoffice/users": ("side", "q", "sort"),
    "/backoffice/notifications": ("kind", "unread"),
}  # fmt: skip

#: The field of an address that names the view it came from; ``all`` asks for no view.
VIEW = "view"
EVERYTHING = "all"


def kept(page: str, pairs: Iterable[tuple[str, str]]) -> str:
    """What a view of a list keeps of an address; empty for a page that is no such list."""
    return kept_query(pairs, LISTS.get(page, ()))


def address(page: str, view: View) -> str:
    """Where a view opens."""
    return f"{page}?{view.query}&{urlencode({VIEW: view.id})}"


def opening(request: Request[Any, Any, Any]) -> Redirect | None:
    """To the view a person opens this list with, when its address asks for nothing else."""
    if request.method != "GET" or request.scope["query_string"]:
        return None
    if request.headers.get("hx-request") == "true":
        return None
    views: tuple[View, ...] = request.scope.get("state", {}).get("views", ())
    chosen = next((view for view in views if view.is_default), None)
    return None if chosen is None else Redirect(address(request.scope["path"], chosen))
