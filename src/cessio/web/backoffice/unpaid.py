"""Invoices nobody paid: what the contract lets become of each, what was done, and what follows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio.agreeing.deeds.book import WriteOff
from cessio.cash import queries as cash
from cessio.cash.queries import LineFilter, LineOrder, LineRow, LineState
from cessio.cash.rules import LossCash
from cessio.identity import Permission, Signed
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import CessioError, NotFound
from cessio.kernel.paging import PageRequest
from cessio.plumbing import formats
from cessio.settlement import operations, queries
from cessio.settlement.queries import UnpaidReceivable
from cessio.settlement.rules import borne_by
from cessio.web.actors import actors
from cessio.web.backoffice import lists
from cessio.web.backoffice.second import put
from cessio.web.exports import Column, export
from cessio.web.forms import Form, amount, chosen, integer, text
from cessio.web.guards import proven, staff
from cessio.web.render import N_, _, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, On, Sent, Who
from cessio.web.words import label

PATH = "/backoffice/settlement/unpaid"
SEE = staff(Permission.SEE_LEDGER)
ACT = staff(Permission.TRANSFER_BACK)
BOOK = staff(Permission.APPLY_CASH)
#: Invoices of one page and of one act, and settlements shown.
MOST = 200
DONE = 30
#: Bank lines offered to be booked on a loss.
OFFERED = 25


@get(PATH, guards=[SEE], include_in_schema=False, sync_to_thread=True)
def list_unpaid(request: AnyRequest, session: Db, signed: Who, at: At, on: On) -> Response[Any]:
    """What is due today, invoice by invoice, and what was done before."""
    return _page(request, session, signed, Form(), at, on, 200)


@post(PATH, guards=[ACT, proven], include_in_schema=False, sync_to_thread=True)
def settle_ticked(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent
) -> Response[Any]:
    """Ask to indemnify and give back the ticked ones, each as its contract says."""
    form = Form(submitted)
    ids = form.many("id", integer())
    if form.flag("all"):
        ids = [one.receivable_id for one in _due(request, session, on)[:MOST]]
    if ids and form.valid():
        try:
            return put(session, WriteOff(tuple(sorted(set(ids[:MOST]))), on), signed, at)
        except CessioError as error:
            form.refuse(error)
    elif not ids:
        form.refuse(NotFound("nothing_ticked", "tick the invoices first"))
    return _page(request, session, signed, form, at, on, 422)


@get(f"{PATH}/{{settlement_id:int}}", guards=[SEE], include_in_schema=False, sync_to_thread=True)
def show_settlement(
    request: AnyRequest, session: Db, signed: Who, at: At, settlement_id: Id
) -> Response[Any]:
    """One of them: who bore what, the claim on the insurer, what came in afterwards."""
    return _file(request, session, signed, Form(), at, settlement_id, 200)


@post(f"{PATH}/{{settlement_id:int}}/undo", guards=[ACT], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def undo_settlement(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, settlement_id: Id
) -> Response[Any]:
    """Take it back: the invoice is open again."""
    form = Form(submitted)
    reason = form.need("reason", text(300))

    def act() -> None:
        operations.undo_unpaid(session, settlement_id=settlement_id, reason=reason,
                               by=signed.by, at=at)  # fmt: skip

    return _acted(request, session, signed, form, at, settlement_id, act,
                  N_("Undone: all is as before."))  # fmt: skip


@post(f"{PATH}/{{settlement_id:int}}/claim", guards=[ACT], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def declare_claim(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, settlement_id: Id
) -> Response[Any]:
    """Declare the indemnity to our insurer."""
    form = Form(submitted)
    insurer, reference = form.need("insurer", text(120)), form.maybe("reference", text(120))
    deductible = form.maybe("deductible", amount()) or 0

    def act() -> None:
        operations.declare_to_insurer(
            session, settlement_id=settlement_id, insurer=insurer, reference=reference,
            deductible_minor=deductible, by=signed.by, at=at,
        )  # fmt: skip

    return _acted(request, session, signed, form, at, settlement_id, act,
                  N_("Declared to the insurer."))  # fmt: skip


@post(f"{PATH}/{{settlement_id:int}}/answer", guards=[ACT], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def note_answer(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, settlement_id: Id
) -> Response[Any]:
    """What the insurer agrees to, nothing included."""
    form = Form(submitted)
    agreed = form.need("agreed", amount())

    def act() -> None:
        operations.answer_claim(session, settlement_id=settlement_id, agreed_minor=agreed,
                                by=signed.by, at=at)  # fmt: skip

    return _acted(request, session, signed, form, at, settlement_id, act,
                  N_("The insurer’s answer is noted and booked."))  # fmt: skip


@post(f"{PATH}/{{settlement_id:int}}/withdraw", guards=[ACT], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def withdraw_claim(
    request: AnyRequest, session: Db, signed: Who, at: At, settlement_id: Id
) -> Response[Any]:
    """Take the claim back."""

    def act() -> None:
        operations.withdraw_claim(session, settlement_id=settlement_id, by=signed.by, at=at)

    return _acted(request, session, signed, Form(), at, settlement_id, act,
                  N_("The claim is withdrawn."))  # fmt: skip


@post(f"{PATH}/{{settlement_id:int}}/cash", guards=[BOOK], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def book_cash(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, settlement_id: Id
) -> Response[Any]:
    """Book a bank line, or a part of it, on the loss."""
    form = Form(submitted)
    line_id, kind = form.need("line", integer()), form.need("kind", chosen(LossCash))
    reference, minor = form.need("reference", text(140)), form.maybe("amount", amount())

    def act() -> None:
        book = {LossCash.INSURER: operations.book_insurer_cash,
                LossCash.RECOVERY: operations.book_recovery}[kind]  # fmt: skip
        book(session, settlement_id=settlement_id, line_id=line_id, reference=reference,
             amount_minor=minor, by=signed.by, at=at)  # fmt: skip

    return _acted(request, session, signed, form, at, settlement_id, act,
                  N_("Booked, at the value date of the bank."))  # fmt: skip


@post(f"{PATH}/{{settlement_id:int}}/movements/{{movement_id:int}}/undo", guards=[BOOK],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def undo_cash(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, settlement_id: Id,
    movement_id: Id,
) -> Response[Any]:  # fmt: skip
    """Take a booking back; its bank line waits again."""
    form = Form(submitted)
    reason = form.need("reason", text(300))

    def act() -> None:
        operations.undo_loss_movement(session, movement_id=movement_id, reason=reason,
                                      by=signed.by, at=at)  # fmt: skip

    return _acted(request, session, signed, form, at, settlement_id, act,
                  N_("Undone: all is as before."))  # fmt: skip


def _acted(
    request: AnyRequest, session: Session, signed: Signed, form: Form, at: datetime,
    settlement_id: int, act: Callable[[], None], said: str,
) -> Response[Any]:  # fmt: skip
    """Do it and show the file again, with what is wrong if it was refused."""
    if form.valid():
        try:
            with session.begin_nested():
                act()
            return redirect(f"{PATH}/{settlement_id}", said)
        except CessioError as error:
            form.refuse(error)
    return _file(request, session, signed, form, at, settlement_id, 422)


def _due(request: AnyRequest, session: Session, on: date) -> list[UnpaidReceivable]:
    """What is due, the largest first, under ``?contract=`` and for ``?q=`` if they are asked."""
    found = queries.unpaid(session, on=on, contract_id=lists.asked_number(request, "contract"))
    words = (lists.asked_text(request, "q") or "").casefold()
    kept = [one for one in found
            if words in f"{one.debtor_name} {one.client_name} {one.number}".casefold()]  # fmt: skip
    kept.sort(key=lambda one: (-one.open_minor, one.receivable_id))
    return lists.in_order(request, kept, {
        "debtor": lambda one: one.debtor_name.casefold(), "due": lambda one: one.due_date,
        "amount": lambda one: one.open_minor,
    })  # fmt: skip


def _page(
    request: AnyRequest, session: Session, signed: Signed, form: Form, at: datetime, on: date,
    status: int,
) -> Response[Any]:  # fmt: skip
    rows = _due(request, session, on)
    if wanted := lists.file_format(request):
        columns = [
            Column(_("Invoice")), Column(_("Debtor")), Column(_("Client")), Column(_("Contract")),
            Column(_("Due date"), "date"), Column(_("Why")), Column(_("Currency")),
            Column(_("Open amount"), "money"), Column(_("Indemnity"), "money"),
            Column(_("Client’s own share"), "money"), Column(_("Given back"), "money"),
            Column(_("Waits"), "money"),
        ]  # fmt: skip
        cells = (
            (one.number, one.debtor_name, one.client_name, one.contract_reference, one.due_date,
             label(one.cause), one.currency, one.open_minor, one.outcome.indemnity_minor,
             one.outcome.own_share_minor, one.outcome.transfer_back_minor,
             one.outcome.waiting_minor) for one in rows
        )  # fmt: skip
        return export(request, wanted, "unpaid", columns, cells, at=at,
                      title=_("Unpaid invoices"))  # fmt: skip
    before = lists.asked_number(request, "before")
    done = queries.settlements(session, before_id=before, limit=DONE + 1)
    return render(
        request, "backoffice/settlement/list_unpaid.html", status=status, form=form, on=on,
        rows=rows[:MOST], count=len(rows), sums=_sums(rows), most=MOST,
        all_words=_("All {n} that are due", n=formats.number(len(rows)))
        if len(rows) > MOST else None,
        done=done[:DONE], more=done[DONE - 1].id if len(done) > DONE else None,
        names=actors(session, [one.settled_by for one in done]),
        may_act=signed.may(Permission.TRANSFER_BACK),
    )  # fmt: skip


def _sums(rows: Sequence[UnpaidReceivable]) -> dict[str, tuple[int, int, int, int]]:
    """Open, indemnity, own share and given back by currency."""
    sums: dict[str, tuple[int, int, int, int]] = {}
    for one in rows:
        due, held = one.outcome, sums.get(one.currency, (0, 0, 0, 0))
        parts = (one.open_minor, due.indemnity_minor, due.own_share_minor, due.transfer_back_minor)
        sums[one.currency] = tuple(  # type: ignore[assignment]
            was + part for was, part in zip(held, parts, strict=True)
        )
    return sums


def _file(
    request: AnyRequest, session: Session, signed: Signed, form: Form, at: datetime,
    settlement_id: int, status: int,
) -> Response[Any]:  # fmt: skip
    found = queries.settlements(session, settlement_id=settlement_id)
    if not found:
        raise NotFound("settlement_unknown", "there is no such settlement", id=settlement_id)
    one, claim = found[0], queries.open_claim(session, settlement_id)
    moved = queries.loss_movements(session, settlement_id)
    standing = [each for each in moved if each.undone_at is None]
    recovered = sum(each.amount_minor for each in standing
                    if each.kind == LossCash.RECOVERY.value)  # fmt: skip
    agreed = (claim.agreed_minor or 0) if claim else 0
    books = signed.may(Permission.APPLY_CASH) and one.undone_at is None and one.indemnity_minor
    words = lists.asked_text(request, "payer")
    return render(
        request, "backoffice/settlement/show_unpaid.html", status=status, form=form, one=one,
        claim=claim, moved=moved, last=standing[-1].id if standing else None,
        recovered=recovered, borne=borne_by(one.indemnity_minor, one.own_share_minor, agreed),
        lines=_offered(session, business_date(at), one.currency, words) if books else [],
        kinds=[(each.value, label(each)) for each in LossCash], books=books,
        may_act=signed.may(Permission.TRANSFER_BACK),
        names=actors(session, [one.settled_by, one.undone_by, *(each.by for each in moved),
                               claim.declared_by if claim else None,
                               claim.agreed_by if claim else None]),
    )  # fmt: skip


def _offered(session: Session, on: date, currency: str, payer: str | None) -> list[tuple[str, str]]:
    """Bank lines nobody has applied, the largest in and out first, as choices."""
    found: dict[int, LineRow] = {}
    for order in (LineOrder.LARGEST, LineOrder.SMALLEST):
        asked = LineFilter(on=on, state=LineState.OPEN, order=order, payer=payer)
        page = cash.lines(session, PageRequest(OFFERED), asked)
        found |= {row.line_id: row for row in page.rows if row.currency == currency}
    return [
        (str(row.line_id), " · ".join((
            formats.date(row.booked_on), row.party_name or _("Unknown payer"),
            formats.money(row.open_minor, row.currency),
        )))
        for row in sorted(found.values(), key=lambda row: -row.open_minor)
    ]  # fmt: skip


HANDLERS = [
    list_unpaid, settle_ticked, show_settlement, undo_settlement, declare_claim, note_answer,
    withdraw_claim, book_cash, undo_cash,
]  # fmt: skip
