"""What the matcher knows of payers, and how sure it must be to act by itself."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio import cash
from cessio.cash import queries
from cessio.identity import Permission, Signed
from cessio.kernel.errors import CessioError, Invalid
from cessio.parties import queries as parties
from cessio.plumbing import formats
from cessio.plumbing.i18n import Lazy, lazy
from cessio.web.actors import actors
from cessio.web.backoffice.lists import asked_text
from cessio.web.forms import Form, amount, iban, one_of, rate, text
from cessio.web.guards import staff
from cessio.web.render import N_, redirect, render
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
    (lazy("The number, less a discount"), Decimal("0.85")),
    (lazy("The payer, and a sum of some invoices"), Decimal("0.80")),
    (lazy("The amount alone"), Decimal("0.35")),
)


@get(PATH, guards=[SEE], include_in_schema=False, sync_to_thread=True)
def list_payers(request: AnyRequest, session: Db, signed: Who) -> Response[Any]:
    """Names and accounts debtors pay under: learned from confirmed matches, or entered."""
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


@post(SETTINGS, guards=[staff(Permission.MANAGE_SETTINGS, Permission.SETTLE)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def save_settings(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent
) -> Response[Any]:
    """Set them from now on."""
    form = Form(submitted)
    threshold = form.need("auto_apply_from", rate(digits=5))
    tolerance = form.need("tolerance", amount(minimum_minor=0))
    if form.valid():
        try:
            cash.set_matching(
                session, auto_apply_from=threshold, tolerance_minor=tolerance, by=signed.by, at=at
            )
            return redirect(SETTINGS, N_("The settings hold from now on."))
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
    words = (asked_text(request, "q") or "").casefold()
    rows = queries.aliases(session, limit=500)
    kept = [one for one in rows if words in f"{one.debtor_name} {one.seen}".casefold()]
    return render(
        request, "backoffice/matching/list_payers.html", status=status, form=form, rows=kept,
        names=actors(session, [one.learned_by for one in kept]), alias_name=alias_name,
        kinds=[(kind, alias_name(kind)) for kind in KINDS],
        may_apply=signed.may(Permission.APPLY_CASH), **_head(session),
    )  # fmt: skip


def _settings(
    request: AnyRequest, session: Session, signed: Signed, form: Form, status: int
) -> Response[Any]:
    return render(
        request, "backoffice/matching/show_settings.html", status=status, form=form,
        sureness=_SURENESS,
        may_set=signed.may(Permission.MANAGE_SETTINGS) or signed.may(Permission.SETTLE),
        **_head(session),
    )  # fmt: skip


def _head(session: Session) -> dict[str, Any]:
    return {
        "waiting": queries.unallocated(session), "set_aside": queries.set_aside(session),
        "done": None, "kind_name": alias_name,
    }  # fmt: skip


HANDLERS = [list_payers, add_payer, end_payer, show_settings, save_settings]
