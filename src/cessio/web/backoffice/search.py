"""Search everywhere: one field for a client, a debtor, a number, an amount or a reference.

Every group reads an index, so the answer does not slow down with the book. What a person may not
see is not searched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get
from litestar.response import Redirect
from sqlalchemy.orm import Session

from cessio.banking import queries as bank
from cessio.contracts import queries as contracts
from cessio.funding.queries import finding as funding
from cessio.identity import Permission, Signed
from cessio.identity import queries as identity
from cessio.kernel.errors import CessioError
from cessio.kernel.paging import PageRequest
from cessio.parties import queries as parties
from cessio.plumbing.i18n import Lazy, lazy
from cessio.receivables import queries as receivables
from cessio.receivables.queries import ReceivableFilter, ReceivableRow, Status
from cessio.web import navigation
from cessio.web import page as pages
from cessio.web.backoffice.lists import asked_text
from cessio.web.forms import amount
from cessio.web.guards import staff
from cessio.web.render import render
from cessio.web.requests import AnyRequest, Db, On, Who
from cessio.web.words import label

PATH = "/backoffice/search"
#: Answers shown of each group; the group's own list has the rest.
SHOWN = 8
FEWEST_CHARACTERS = 2


#: Pages that the menu does not name.
PLACES: tuple[tuple[str, Lazy], ...] = (
    ("/backoffice/limits/in-force", lazy("Limits in force")),
    ("/backoffice/limits/watch", lazy("Limits that end or are not used")),
    ("/backoffice/bank/matching", lazy("Matching")),
    ("/backoffice/settlement/fixings", lazy("Index fixings")),
    ("/backoffice/jobs", lazy("Background work")),
    ("/backoffice/notifications", lazy("Notifications")),
    ("/backoffice/keys", lazy("Keyboard")),
)


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found: where it is, what it is called, and what tells it from the others."""

    href: str
    name: str
    note: str = ""
    when: date | None = None
    minor: int | None = None
    currency: str = "EUR"
    state: Any = None


@dataclass(frozen=True, slots=True)
class Found:
    """What one kind of thing answered; ``more`` opens its own list with the same question."""

    title: Lazy
    icon: str
    hits: list[Hit] = field(default_factory=list)
    more: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """The words as typed, and the amount and the IBAN they may be."""

    words: str
    minor: int | None
    iban: str | None


@get(PATH, guards=[staff()], include_in_schema=False, sync_to_thread=True)
def search(request: AnyRequest, session: Db, signed: Who, on: On) -> Response[Any] | Redirect:
    """Everything that is called so; a single answer opens at once."""
    words = asked_text(request, "q") or ""
    found = list(_found(session, signed, read(words), on)) if _long_enough(words) else []
    hits = [hit for group in found for hit in group.hits]
    if request.headers.get("hx-target") == "found":
        return render(request, "backoffice/search/quick.html", found=found)
    if len(hits) == 1 and request.headers.get("hx-request") != "true":
        return Redirect(hits[0].href, status_code=303)
    return render(
        request, "backoffice/search/show_results.html", words=words, found=found,
        count=len(hits), too_short=bool(words) and not _long_enough(words),
    )  # fmt: skip


def read(words: str) -> Asked:
    """What a text may mean besides a name or a number."""
    compact = re.sub(r"\s", "", words).upper()
    return Asked(
        words=words,
        minor=_amount(words),
        iban=compact if re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", compact) else None,
    )


def _amount(words: str) -> int | None:
    try:
        return amount("EUR")(words.replace("€", "")) or None
    except CessioError:
        return None


def _long_enough(words: str) -> bool:
    return len(words) >= FEWEST_CHARACTERS


def _found(session: Session, signed: Signed, asked: Asked, on: date) -> Iterator[Found]:
    """The groups that answered, in the order people look for things."""
    sources: tuple[tuple[Permission, Callable[[], list[Found]]], ...] = (
        (Permission.SEE_PARTIES, lambda: _parties(session, asked)),
        (Permission.SEE_CONTRACTS, lambda: [_contracts(session, asked)]),
        (Permission.SEE_RECEIVABLES, lambda: _documents(session, asked, on)),
        (Permission.SEE_FUNDING, lambda: _payouts(session, asked)),
        (Permission.SEE_CASH, lambda: [_movements(session, asked)]),
    )
    for permission, groups in sources:
        if signed.may(permission):
            yield from (group for group in groups() if group.hits)
    if signed.may(Permission.MANAGE_PEOPLE):
        yield from (group for group in [_people(session, asked)] if group.hits)
    yield from (group for group in [_pages(asked)] if group.hits)


def _people(session: Session, asked: Asked) -> Found:
    """Those who have access, by a part of their name or address."""
    words = asked.words.casefold()
    rows = [one for one in identity.people(session)
            if words in one.name.casefold() or words in one.email][:SHOWN]  # fmt: skip
    hits = [
        Hit(
            f"/backoffice/users?{urlencode({'side': one.audience.value, 'q': one.email})}",
            one.name, f"{one.email} · {label(one.role)}",
        )
        for one in rows
    ]  # fmt: skip
    return Found(lazy("People with access"), "key", hits)


def _pages(asked: Asked) -> Found:
    """The pages of the menu and the settings, by a part of their name."""
    words = asked.words.casefold()
    hits = [
        Hit(item.path, str(item.label), str(group.label or ""))
        for group in navigation.backoffice() for item in group.items
        if words in str(item.label).casefold()
    ]  # fmt: skip
    page = pages.current()
    known = {hit.href for hit in hits}
    hits += [
        Hit(path, str(name)) for path, name in PLACES
        if path not in known and page.reachable(path) and words in str(name).casefold()
    ]  # fmt: skip
    return Found(lazy("Pages"), "list-details", hits[:SHOWN])


def _parties(session: Session, asked: Asked) -> list[Found]:
    rows = parties.search(session, asked.words, limit=2 * SHOWN)
    query = urlencode({"q": asked.words})
    clients = Found(lazy("Clients"), "users", more=f"/backoffice/clients?{query}")
    debtors = Found(lazy("Debtors"), "building", more=f"/backoffice/debtors?{query}")
    for row in rows:
        note = " · ".join(part for part in (row.siren, row.city) if part)
        if row.client_id is not None:
            coded = " · ".join(part for part in (row.client_code, note) if part)
            clients.hits.append(Hit(f"/backoffice/clients/{row.client_id}", row.name, coded))
        if row.debtor_id is not None:
            debtors.hits.append(Hit(f"/backoffice/debtors/{row.debtor_id}", row.name, note))
    return [clients, debtors]


def _contracts(session: Session, asked: Asked) -> Found:
    rows = contracts.contracts_called(session, asked.words, limit=SHOWN)
    hits = [Hit(f"/backoffice/contracts/{row.id}", row.reference, row.client_name)
            for row in rows]  # fmt: skip
    return Found(lazy("Contracts"), "file-description", hits)


def _documents(session: Session, asked: Asked, on: date) -> list[Found]:
    """Remittances by reference; receivables by the beginning of their number, then by amount."""
    remittances = [
        Hit(f"/backoffice/remittances/{row.id}", row.reference, row.client_name,
            row.created_at.date(), row.total_minor, row.currency, row.state)
        for row in receivables.remittances_called(session, asked.words)
    ]  # fmt: skip
    page = PageRequest(SHOWN)
    groups = [Found(lazy("Remittances"), "files", remittances)]
    if any(each.isdigit() for each in asked.words):
        called = receivables.receivables(
            session, page, ReceivableFilter(on=on, status=Status.ANY, number=asked.words)
        )
        groups.append(
            Found(lazy("Receivables"), "file-invoice", [_receivable(row) for row in called.rows],
                  _receivables_list(number=asked.words))
        )  # fmt: skip
    if asked.minor is not None:
        worth = receivables.receivables(
            session, page, ReceivableFilter(on=on, status=Status.ANY, amount_minor=asked.minor)
        )
        groups.append(
            Found(lazy("Receivables of this amount"), "file-invoice",
                  [_receivable(row) for row in worth.rows], _receivables_list(amount=asked.words))
        )  # fmt: skip
    return groups


def _receivable(row: ReceivableRow) -> Hit:
    state = "reversed" if row.reversed_at else "closed" if row.closed_on else "open"
    return Hit(
        f"/backoffice/receivables/{row.id}", row.number,
        f"{row.debtor_name} · {row.client_name}", row.due_date, row.amount_minor, row.currency,
        Status(state),
    )  # fmt: skip


def _receivables_list(**asked: str) -> str:
    return "/backoffice/receivables?" + urlencode({"status": Status.ANY.value, **asked})


def _payouts(session: Session, asked: Asked) -> list[Found]:
    drawn = [
        Hit(f"/backoffice/funding/{row.drawdown_id}", row.end_to_end_id or row.contract_reference,
            row.client_name, row.requested_on, row.amount_minor, row.currency, row.state)
        for row in funding.drawdowns_found(
            session, reference=asked.words, amount_minor=asked.minor, limit=SHOWN
        )
    ]  # fmt: skip
    orders = [
        Hit(f"/backoffice/funding/orders/{row.order_id}", row.message_id, row.account_name,
            row.execute_on, row.total_minor, row.currency)
        for row in bank.orders_called(session, asked.words)
    ]  # fmt: skip
    return [
        Found(lazy("Drawdowns and payouts"), "cash-banknote", drawn),
        Found(lazy("Payment orders"), "transfer-out", orders),
    ]


def _movements(session: Session, asked: Asked) -> Found:
    rows = bank.lines_found(
        session, reference=asked.words.strip(), iban=asked.iban, amount_minor=asked.minor,
        limit=SHOWN,
    )  # fmt: skip
    hits = [
        Hit(f"/backoffice/bank/lines/{row.line_id}", row.party_name or row.account_name,
            row.text or row.party_iban or "", row.booked_on, row.amount_minor, row.currency)
        for row in rows
    ]  # fmt: skip
    return Found(lazy("Bank movements"), "arrows-join", hits)


@get("/backoffice/keys", guards=[staff()], include_in_schema=False, sync_to_thread=False)
def show_keys(request: AnyRequest) -> Response[Any]:
    """Every key, for those whose browser shows no help of its own."""
    return render(request, "backoffice/search/show_keys.html")


HANDLERS = [search, show_keys]
