"""The two maps of the product: what the back office and the portal offer, in which order.

An entry whose address the application does not answer is not shown, nor is one closed to the
reader's role; so a capability appears in the menu the day its page exists.
"""

from __future__ import annotations

from dataclasses import dataclass

from cessio.plumbing.i18n import Lazy, lazy
from cessio.web import page as pages

EVERYONE: frozenset[str] = frozenset()


#: After ``g``, the letter that goes to an entry of the back office, by its key.
LETTERS = {
    "today": "t", "portfolio": "p", "approvals": "a", "clients": "c", "debtors": "d",
    "contracts": "k", "remittances": "m", "receivables": "r", "verifications": "v",
    "signals": "w", "limits": "l", "disputes": "i", "funding": "f", "bank": "b",
    "collections": "o", "settlement": "s", "reports": "h", "audit": "j", "users": "u",
    "settings": "x", "notifications": "n",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Item:
    """One entry: a key for shortcuts, its address, its words, its icon, the roles that see it,
    a short word for narrow bars, other addresses that are part of it."""

    key: str
    path: str
    label: Lazy
    icon: str
    roles: frozenset[str] = EVERYONE
    short: Lazy | None = None
    also: tuple[str, ...] = ()

    @property
    def letter(self) -> str:
        """The letter that goes here after ``g``, if it has one."""
        return LETTERS.get(self.key, "")

    @property
    def current(self) -> bool:
        page = pages.current()
        if self.key == "today":
            return page.path == self.path
        return any(page.here(path) for path in (self.path, *self.also))


@dataclass(frozen=True, slots=True)
class Group:
    """Entries under one heading (none: the first)."""

    label: Lazy | None
    items: tuple[Item, ...]


BACKOFFICE = (
    Group(None, (
        Item("today", "/backoffice", lazy("Today"), "inbox"),
        Item("portfolio", "/backoffice/portfolio", lazy("Portfolio"), "chart-line"),
        Item("approvals", "/backoffice/approvals", lazy("Approvals"), "shield-check"),
    )),
    Group(lazy("Book"), (
        Item("clients", "/backoffice/clients", lazy("Clients"), "users"),
        Item("debtors", "/backoffice/debtors", lazy("Debtors"), "building"),
        Item("contracts", "/backoffice/contracts", lazy("Contracts"), "file-description"),
        Item("remittances", "/backoffice/remittances", lazy("Remittances"), "files"),
        Item("receivables", "/backoffice/receivables", lazy("Receivables"), "file-invoice"),
        Item("verifications", "/backoffice/verifications", lazy("Verifications"),
             "shield-check"),
        Item("signals", "/backoffice/signals", lazy("Signals"), "alert-triangle"),
        Item("screening", "/backoffice/screening", lazy("Screening"), "shield-check",
             frozenset({"account_manager", "credit_analyst", "treasury", "auditor"})),
        Item("limits", "/backoffice/limits", lazy("Limits"), "shield-half",
             also=("/backoffice/groups",)),
        Item("disputes", "/backoffice/disputes", lazy("Disputes"), "message"),
        Item("replies", "/backoffice/replies", lazy("Debtors’ replies"), "mail",
             also=("/backoffice/letters",)),
    )),
    Group(lazy("Cash"), (
        Item("funding", "/backoffice/funding", lazy("Funding and payouts"), "transfer-out"),
        Item("bank", "/backoffice/bank", lazy("Bank and matching"), "arrows-join"),
        Item("collections", "/backoffice/collections", lazy("Collections"), "phone"),
    )),
    Group(lazy("Books"), (
        Item("settlement", "/backoffice/settlement", lazy("Settlement and close"),
             "calendar-check"),
        Item("reports", "/backoffice/reports", lazy("Reports"), "chart-bar"),
        Item("audit", "/backoffice/audit", lazy("Audit"), "history"),
        Item("users", "/backoffice/users", lazy("People with access"), "key",
             frozenset({"admin"})),
        Item("settings", "/backoffice/settings", lazy("Settings"), "settings"),
    )),
)  # fmt: skip

PORTAL = (
    Item("today", "/portal", lazy("Today"), "home"),
    Item(
        "invoices",
        "/portal/invoices",
        lazy("Invoices"),
        "file-invoice",
        also=("/portal/remittances",),
    ),
    Item(
        "debtors", "/portal/debtors", lazy("Debtors and limits"), "building", short=lazy("Debtors")
    ),
    Item(
        "funding",
        "/portal/funding",
        lazy("Funding"),
        "cash-banknote",
        also=("/portal/bank-details",),
    ),
    Item("statements", "/portal/statements", lazy("Statements"), "report-money"),
    Item("costs", "/portal/costs", lazy("Costs"), "percentage"),
    Item("indicators", "/portal/indicators", lazy("Indicators"), "chart-line"),
    Item("documents", "/portal/documents", lazy("Documents"), "file-text"),
    Item("sharing", "/portal/sharing", lazy("Sharing"), "share"),
    Item("users", "/portal/users", lazy("Users and security"), "key", short=lazy("Users")),
)


def _open_to_reader(item: Item) -> bool:
    page = pages.current()
    role_fits = not item.roles or page.viewer.role in item.roles
    return role_fits and page.reachable(item.path)


def backoffice() -> list[Group]:
    """The groups of the back office that hold something for this reader."""
    groups = [
        Group(group.label, tuple(item for item in group.items if _open_to_reader(item)))
        for group in BACKOFFICE
    ]
    return [group for group in groups if group.items]


def portal() -> list[Item]:
    """The portal's entries for this reader."""
    return [item for item in PORTAL if _open_to_reader(item)]
