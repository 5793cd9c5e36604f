"""Choosing by hand what a bank line pays: what may be meant, what was picked, what was typed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from cessio.cash import Chosen
from cessio.cash.queries import StoredProposal, WorkbenchLine
from cessio.kernel.errors import CessioError, Invalid
from cessio.kernel.paging import PageRequest
from cessio.parties import queries as parties
from cessio.plumbing import formats
from cessio.receivables import queries as receivables
from cessio.receivables.queries import Order, ReceivableFilter, ReceivableRow
from cessio.web.forms import Form, amount, one_of
from cessio.web.requests import AnyRequest

#: Documents offered at once; a narrower search finds the rest.
OFFERED = 12
#: Documents one payment is spread over by hand at the most.
PICKED = 60


@dataclass(frozen=True, slots=True)
class Offer:
    """A receivable that may be meant, and the address that picks it."""

    row: ReceivableRow
    href: str


@dataclass(frozen=True, slots=True)
class Picked:
    """A receivable the clerk picked, the amount to start from, and how to put it back."""

    row: ReceivableRow
    href: str


@dataclass(frozen=True, slots=True)
class Choice:
    """The whole of the panel: what is searched, offered and picked; where money may be held.

    ``homes`` are (value, text) of the contract and debtor that money on account may be held for;
    ``left_minor`` is what of the line's money the documents picked would leave.
    """

    words: str
    offers: tuple[Offer, ...]
    picked: tuple[Picked, ...]
    homes: tuple[tuple[str, str], ...]
    left_minor: int = 0

    @property
    def is_used(self) -> bool:
        """Whether the clerk began to choose."""
        return bool(self.words or self.picked)


def choice(
    request: AnyRequest, session: Session, line: WorkbenchLine, *,
    proposals: Sequence[StoredProposal], on: date, ids: Sequence[int] | None = None,
) -> Choice:  # fmt: skip
    """What the address (or ``ids``, of a form sent) says of a line's panel."""
    words = request.query_params.get("q", "").strip()[:60]
    wanted = _picked_ids(request) if ids is None else list(ids)[:PICKED]
    known = {row.id: row for row in receivables.rows_of(session, wanted)}
    rows = [known[one] for one in wanted if one in known]
    taken = sum(row.open_minor for row in rows)
    offered = _search(session, words, on) if words else _of_payer(session, proposals, on)
    offered = [row for row in offered if row.id not in known and row.currency == line.currency]

    def address(ids: Sequence[int], words: str) -> str:
        place = [("queue", one) for one in request.query_params.getall("queue", [])[:1]]
        fields = [("pick", str(one)) for one in ids] + ([("q", words)] if words else [])
        # No fragment: a browser gives the focus to nothing where an address names a place.
        asked = urlencode([*place, *(fields or [("open", "hand")])])
        return f"/backoffice/bank/lines/{line.line_id}?{asked}"

    return Choice(
        words=words,
        offers=tuple(Offer(row, address([*wanted, row.id], "")) for row in offered),
        picked=tuple(
            Picked(row, address([one for one in wanted if one != row.id], words)) for row in rows
        ),
        homes=_homes([*rows, *offered]),
        left_minor=max(0, line.open_minor - taken),
    )


def starting(picked: Sequence[Picked], line: WorkbenchLine) -> Iterator[tuple[ReceivableRow, int]]:
    """Amounts to start from: credits whole, then invoices until the line's money is used."""
    left = line.open_minor - sum(one.row.open_minor for one in picked if one.row.open_minor < 0)
    for one in picked:
        minor = one.row.open_minor
        if minor > 0:
            minor = min(minor, max(0, left))
            left -= minor
        yield one.row, minor


def started(choice: Choice, line: WorkbenchLine, *, on_account: bool) -> dict[str, str]:
    """The same as a form's fields; with ``on_account``, the rest held for the likeliest."""
    shown = {
        f"amount_{row.id}": _plain(minor, line.currency)
        for row, minor in starting(choice.picked, line)
    }
    shown["client_amount"] = _plain(line.open_minor, line.currency)
    if on_account and choice.homes:
        shown |= {"home": choice.homes[0][0], "held": _plain(choice.left_minor, line.currency)}
    return shown


def _plain(minor: int, currency: str) -> str:
    parts = formats.money_parts(minor, currency)
    return f"{'-' if minor < 0 else ''}{parts[1]}{parts[2]}"


def typed(form: Form, line: WorkbenchLine) -> tuple[list[Chosen], list[int]]:
    """What was typed, as parts of the line's money, and the receivables it was typed for."""
    ids = sorted(
        int(name.removeprefix("amount_")) for name in form.submitted.fields
        if name.startswith("amount_") and name.removeprefix("amount_").isdecimal()
    )[:PICKED]  # fmt: skip
    parts: list[Chosen] = []
    for one in ids:
        minor = form.maybe(f"amount_{one}", amount(line.currency, minimum_minor=None))
        difference = form.maybe(f"difference_{one}", amount(line.currency))
        if minor or difference:
            parts.append(Chosen(minor or 0, one, difference or 0))
    held = form.maybe("held", amount(line.currency))
    home = form.maybe("home", _home)
    if held is not None and home is None:
        form.refuse(Invalid("home_missing", "say whom the money is held for", field="home"))
    if held is not None and home is not None:
        parts.append(Chosen(held, contract_id=home[0], debtor_id=home[1]))
    return parts, ids


def _home(raw: str) -> tuple[int, int]:
    contract, _, debtor = raw.partition(":")
    if not (contract.isdecimal() and debtor.isdecimal() and len(raw) < 38):
        one_of(())(raw)
    return int(contract), int(debtor)


def _picked_ids(request: AnyRequest) -> list[int]:
    found = dict.fromkeys(request.query_params.getall("pick", []))
    return [int(one) for one in found if one.isdecimal() and len(one) < 19][:PICKED]


def _of_payer(
    session: Session, proposals: Sequence[StoredProposal], on: date
) -> list[ReceivableRow]:
    """The open documents of the debtor the matcher thinks of, oldest first."""
    debtors = [label.debtor_id for stored in proposals for label in stored.receivables]
    if not debtors:
        return []
    wanted = ReceivableFilter(on=on, order=Order.DUE, debtor_id=debtors[0])
    return list(receivables.receivables(session, PageRequest(OFFERED), wanted).rows)


def _search(session: Session, words: str, on: date) -> list[ReceivableRow]:
    """Open documents by amount, number, or the name of their debtor or client."""
    filters: list[ReceivableFilter] = []
    minor = _amount(words)
    if minor is not None:
        filters.append(ReceivableFilter(on=on, order=Order.DUE, amount_minor=minor))
    if any(sign.isalnum() for sign in words):
        filters.append(ReceivableFilter(on=on, order=Order.DUE, number=words))
    if sum(sign.isalpha() for sign in words) >= 3 or len(words) == 9:
        for hit in parties.search(session, words, limit=4):
            if hit.debtor_id is not None:
                filters.append(ReceivableFilter(on=on, order=Order.DUE, debtor_id=hit.debtor_id))
            if hit.client_id is not None:
                filters.append(ReceivableFilter(on=on, order=Order.DUE, client_id=hit.client_id))
    found: dict[int, ReceivableRow] = {}
    for wanted in filters:
        if len(found) < OFFERED:
            for row in receivables.receivables(session, PageRequest(OFFERED), wanted).rows:
                found.setdefault(row.id, row)
    return list(found.values())[:OFFERED]


def _amount(words: str) -> int | None:
    try:
        return amount()(words)
    except CessioError:
        return None


def _homes(rows: Sequence[ReceivableRow]) -> tuple[tuple[str, str], ...]:
    found = {
        f"{row.contract_id}:{row.debtor_id}": f"{row.debtor_name} · {row.client_name}"
        f" ({row.contract_reference})"
        for row in rows
    }
    return tuple(found.items())
