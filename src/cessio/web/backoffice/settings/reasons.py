"""The lists of reasons people choose from: named, ordered and put out of use by the house."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from sqlalchemy.orm import Session

from cessio.house import NamedReason, ReasonList, name_reason, queries
from cessio.house.rules import FIXED_LISTS
from cessio.identity import Permission, Signed
from cessio.kernel.errors import CessioError, NotFound
from cessio.plumbing.i18n import use_language
from cessio.web import knowing
from cessio.web.actors import actors
from cessio.web.backoffice.settings.common import PATH, SEE, SET, told
from cessio.web.forms import Form, integer, text
from cessio.web.reasons import CHOSEN
from cessio.web.render import N_, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Sent, Who
from cessio.web.words import label

HOME = f"{PATH}/reasons"


@dataclass(frozen=True, slots=True)
class Shown:
    """A reason of a list as it stands; ``by`` None is as delivered."""

    code: str
    french: str
    english: str
    position: int
    is_offered: bool
    by: str | None


@get(HOME, guards=[SEE], include_in_schema=False, sync_to_thread=True)
def list_reasons(request: AnyRequest, session: Db) -> Response[Any]:
    """The lists, with what each offers."""
    rows = [(one, _reasons(session, one)) for one in ReasonList]
    return render(request, "backoffice/settings/list_reasons.html", rows=rows)


@get(f"{HOME}/{{name:str}}", guards=[SEE], include_in_schema=False, sync_to_thread=True)
def show_reasons(
    request: AnyRequest, session: Db, signed: Who, name: FromPath[str]
) -> Response[Any]:
    """One list: names in both languages, order, what is offered."""
    return _page(request, session, signed, _list(name), Form(position=10, is_offered=True))


@post(f"{HOME}/{{name:str}}", guards=[SET], include_in_schema=False, sync_to_thread=True)
def save_reason(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, name: FromPath[str]
) -> Response[Any]:
    """Name a reason, put it at its place, offer it or not."""
    of = _list(name)
    form = Form(submitted)
    named = NamedReason(
        of, form.need("code", text(40)) or "", form.need("label_fr", text(80)) or "",
        form.need("label_en", text(80)) or "", form.need("position", integer()) or 0,
        form.flag("is_offered"),
    )  # fmt: skip
    if form.valid():
        try:
            with session.begin_nested():
                name_reason(session, reason=named, fixed=_codes(of), by=signed.by, at=at)
            knowing.forget()
            return redirect(f"{HOME}/{of.value}", N_("The list is changed."))
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, of, form, status=422)


def _page(
    request: AnyRequest, session: Session, signed: Signed, of: ReasonList, form: Form, *,
    status: int = 200,
) -> Response[Any]:  # fmt: skip
    rows = _reasons(session, of)
    asked = request.query_params.get("code")
    if status == 200 and asked is not None:
        for one in rows:
            if one.code == asked:
                form = Form(code=one.code, label_fr=one.french, label_en=one.english,
                            position=one.position, is_offered=one.is_offered)  # fmt: skip
    return render(
        request, "backoffice/settings/show_reasons.html", status=status, of=of, rows=rows,
        form=form, is_fixed=of in FIXED_LISTS, names=actors(session, [one.by for one in rows]),
        told=told(session, "house_reason", list(ReasonList).index(of)),
        may_set=signed.may(Permission.MANAGE_SETTINGS), chosen=form.raw("code"),
    )  # fmt: skip


def _reasons(session: Session, of: ReasonList) -> list[Shown]:
    """What the list has: the program's codes as they are called now, then the house's own."""
    own = {one.code: one for one in queries.reasons(session, of)}
    shown = [
        Shown(one.code, one.label_fr, one.label_en, one.position, one.is_offered, one.set_by)
        for one in own.values()
    ]
    if of in FIXED_LISTS:
        for place, member in enumerate(_members(of)):
            if member.value not in own:
                french, english = _delivered(member)
                shown.append(Shown(member.value, french, english, place, True, None))
    return sorted(shown, key=lambda one: (one.position, one.by is None))


def _members(of: ReasonList) -> list[Any]:
    return list(CHOSEN[of] if of is ReasonList.HOLD else knowing.ENUMERATIONS[of])


def _codes(of: ReasonList) -> frozenset[str]:
    return frozenset(one.value for one in _members(of)) if of in FIXED_LISTS else frozenset()


def _delivered(member: Any) -> tuple[str, str]:
    with use_language("fr"):
        french = label(member)
    with use_language("en"):
        return french, label(member)


def _list(name: str) -> ReasonList:
    if name not in set(ReasonList):
        raise NotFound("list_unknown", "there is no such list")
    return ReasonList(name)


HANDLERS = [list_reasons, show_reasons, save_reason]
