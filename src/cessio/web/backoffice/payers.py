"""What the matcher knows of payers, and how sure it must be to act by itself."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio import cash
from cessio.agreeing.deeds.house import SetMatching
from cessio.cash import queries
from cessio.cash.operations import change_alias
from cessio.cash.queries import AliasView
from cessio.identity import Permission, Signed
from cessio.kernel.errors import CessioError, Invalid, NotFound
from cessio.kernel.paging import Page, PageRequest
from cessio.parties import queries as parties
from cessio.plumbing import formats
from cessio.plumbing.i18n import Lazy, lazy
from cessio.web.actors import actors
from cessio.web.backoffice import lists
from cessio.web.backoffice.second import put
from cessio.web.exports import Column, export
from cessio.web.forms import Form, amount, iban, one_of, rate, text
from cessio.web.guards import proven, staff
from cessio.web.render import N_, _, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, Sent, Who
from cessio.web.words.cash import alias_name

PATH = "/backoffice/bank/matching/payers"
SETTINGS = "/backoffice/bank/matching/settings"
SEE = staff(Permission.SEE_CASH)
APPLY = staff(Permission.APPLY_CASH)
KINDS = ("name", "iban")

#: How sure the matcher is of what, as its rules have it (cash/rules/matching.py).
_SURENESS: tuple[tuple[Lazy, Decimal], ...] = (
    (lazy("The invoice's number, and the exact amount"), Decimal("0.99")),
    (lazy("Several numbers, and exactly their sum"), Decimal("0.99")),
    (lazy("The payer's account, and the exact amount of one invoice"), Decimal("0.96")),
    (lazy("The payer's account, and all it owes"), Decimal("0.95")),
    (lazy("The number, and a part of the amount"), Decimal("0.93")),
    (lazy("A number of another debtor than the payer"), Decimal("0.90")),
    (lazy("The payer, and a sum of some invoices"), Decimal("0.80")),
    (lazy("The number, less a discount"), Decimal("0.79")),
    (lazy("The amount alone"), Decimal("0.35")),
)


@get(PATH, guards=[SEE], include_in_schema=False, sync_to_thread=True)
def list_payers(request: AnyRequest, session: Db, signed: Who, at: At) -> Response[Any]:
    """Names and accounts debtors pay under: learned from confirmed matches, or entered."""
    if wanted := lists.file_format(request):
        return _file(request, session, wanted, at)
    return _payers(request, session, signed, Form(kind="name"), 200)


@post(PATH, guards=[APPLY], include_in_schema=False, sync_to_thread=True)
def add_payer(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent
) -> Response[Any]:
    """Enter a name or an account a debtor pays under."""
    form = Form(submitted)
    kind = form.need("kind", one_of(KINDS))
    seen = form.need("seen", iban() if kind == "iban" else text(140))
    debtor_id = _debtor(session, form)
    if form.valid() and debtor_id is not None:
        cash.add_alias(
            session, debtor_id=debtor_id, kind=kind, seen=seen, by=signed.by, at=at
        )  # fmt: skip
        return redirect(PATH, N_("The payer is known from now on."))
    return _payers(request, session, signed, form, 422)


@get(f"{PATH}/{{alias_id:int}}", guards=[SEE], include_in_schema=False, sync_to_thread=True)
def show_payer(request: AnyRequest, session: Db, signed: Who, alias_id: Id) -> Response[Any]:
    """One: why it was learned, where it was used, and putting it right."""
    found = _alias(session, alias_id)
    form = Form(debtor=found.debtor_name, seen=found.seen)
    return _payer(request, session, signed, found, form, 200)


@post(f"{PATH}/{{alias_id:int}}", guards=[APPLY], include_in_schema=False, sync_to_thread=True)
def change_payer(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, alias_id: Id
) -> Response[Any]:
    """Put it right: another debtor, or as the bank writes it."""
    found = _alias(session, alias_id)
    form = Form(submitted)
    seen = form.need("seen", iban() if found.kind == "iban" else text(140))
    debtor_id = _debtor(session, form)
    if form.valid() and debtor_id is not None:
        try:
            with session.begin_nested():
                change_alias(
                    session, alias_id=alias_id, debtor_id=debtor_id, seen=seen, by=signed.by, at=at
                )
            return redirect(PATH, N_("The payer is known from now on."))
        except CessioError as error:
            form.refuse(error)
    return _payer(request, session, signed, found, form, 422)


@post(f"{PATH}/{{alias_id:int}}/end", guards=[APPLY], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def end_payer(session: Db, signed: Who, at: At, alias_id: Id) -> Response[Any]:
    """Forget a wrong one."""
    cash.end_alias(session, alias_id=alias_id, by=signed.by, at=at)
    return redirect(PATH, N_("The payer is forgotten."))


@get(SETTINGS, guards=[SEE], include_in_schema=False, sync_to_thread=True)
def show_settings(request: AnyRequest, session: Db, signed: Who) -> Response[Any]:
    """From which sureness on a match applies by itself, and which difference is let go."""
    held = queries.matching_settings(session)
    form = Form(
        auto_apply_from=formats.number(held.auto_apply_from * 100, 1),
        tolerance="".join(formats.money_parts(held.tolerance_minor)[1:3]),
    )
    return _settings(request, session, signed, form, 200)


@post(SETTINGS, guards=[staff(Permission.MANAGE_SETTINGS, Permission.SETTLE), proven],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def save_settings(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent
) -> Response[Any]:
    """Ask for others."""
    form = Form(submitted)
    threshold = form.need("auto_apply_from", rate(digits=5))
    tolerance = form.need("tolerance", amount(minimum_minor=0))
    if form.valid():
        try:
            return put(session, SetMatching(threshold, tolerance), signed, at)
        except CessioError as error:
            form.refuse(error)
    return _settings(request, session, signed, form, 422)


def _debtor(session: Session, form: Form) -> int | None:
    """The one debtor that was meant, or a fault beside its field."""
    words = form.need("debtor", text(100))
    if not words:
        return None
    hits = [hit for hit in parties.search(session, words, limit=5) if hit.debtor_id is not None]
    if len(hits) > 1:
        exact = [hit for hit in hits if hit.matched != "name" or hit.name == words]
        hits = exact if len(exact) == 1 else hits
    if len(hits) == 1:
        return hits[0].debtor_id
    if hits:
        names = ", ".join(hit.name for hit in hits)
        form.refuse(
            Invalid("debtor_several", "several debtors are meant: {names}", field="debtor",
                    names=names)
        )  # fmt: skip
    else:
        form.refuse(Invalid("debtor_none", "no debtor is called so", field="debtor"))
    return None


def _payers(
    request: AnyRequest, session: Session, signed: Signed, form: Form, status: int
) -> Response[Any]:
    found = _rows(request, session, lists.asked_page(request))
    people = [actor for one in found.rows for actor in (one.learned_by, one.ended_by)]
    return render(
        request, "backoffice/matching/list_payers.html", status=status, form=form, found=found,
        names=actors(session, people), alias_name=alias_name,
        uses=queries.uses(session, found.rows),
        kinds=[(kind, alias_name(kind)) for kind in KINDS],
        may_apply=signed.may(Permission.APPLY_CASH), **_head(session),
    )  # fmt: skip


def _rows(request: AnyRequest, session: Session, page: PageRequest) -> Page[AliasView]:
    return queries.alias_page(
        session, page, words=lists.asked_text(request, "q"),
        ended=request.query_params.get("state") == "ended", sort=lists.asked_sort(request),
    )  # fmt: skip


def _file(request: AnyRequest, session: Session, wanted: str, at: datetime) -> Response[Any]:
    columns = [
        Column(_("Pays under")), Column(_("Known by")), Column(_("Debtor")),
        Column(_("Since"), "datetime"), Column(_("Ended on"), "datetime"),
    ]  # fmt: skip
    cells = (
        (one.seen, alias_name(one.kind), one.debtor_name, one.learned_at, one.ended_at)
        for one in lists.every_row(lambda page: _rows(request, session, page))
    )
    return export(request, wanted, "payers", columns, cells, at=at, title=_("Known payers"))


def _alias(session: Session, alias_id: int) -> AliasView:
    found = queries.alias(session, alias_id=alias_id)
    if found is None:
        raise NotFound("alias_unknown", "there is no such payer name or account")
    return found


def _payer(
    request: AnyRequest, session: Session, signed: Signed, found: AliasView, form: Form, status: int
) -> Response[Any]:
    is_iban = found.kind == "iban"
    used = queries.earlier_of_payer(
        session, line_id=0, name=None if is_iban else found.seen,
        iban=found.seen if is_iban else None, limit=20,
    )  # fmt: skip
    return render(
        request, "backoffice/matching/show_payer.html", status=status, form=form, found=found,
        used=used, use=queries.uses(session, [found])[found.alias_id], alias_name=alias_name,
        names=actors(session, [found.learned_by]), may_apply=signed.may(Permission.APPLY_CASH),
    )  # fmt: skip


def _settings(
    request: AnyRequest, session: Session, signed: Signed, form: Form, status: int
) -> Response[Any]:
    now = queries.matching_settings(session)
    return render(
        request, "backoffice/matching/show_settings.html", status=status, form=form,
        sureness=_SURENESS, auto_apply_from=now.auto_apply_from,
        tolerance_minor=now.tolerance_minor,
        may_set=signed.may(Permission.MANAGE_SETTINGS) or signed.may(Permission.SETTLE),
        **_head(session),
    )  # fmt: skip


def _head(session: Session) -> dict[str, Any]:
    return {
        "waiting": queries.unallocated(session), "set_aside": queries.set_aside(session),
        "done": None, "kind_name": alias_name,
    }  # fmt: skip


HANDLERS = [
    list_payers, show_payer, add_payer, change_payer, end_payer, show_settings, save_settings,
]  # fmt: skip
