"""Who may decide what up to which amount, and from which amount a second person must."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from sqlalchemy.orm import Session

from cessio import house
from cessio.agreeing.deeds.house import SetAuthority
from cessio.house import queries
from cessio.house.operations import AUTHORITY
from cessio.house.rules import WITH_SECOND, Act
from cessio.identity import Permission, Role, Signed
from cessio.identity.rules import PERMISSIONS, STAFF_ROLES
from cessio.kernel.errors import CessioError, NotFound
from cessio.kernel.money import to_text
from cessio.web.backoffice.second import put
from cessio.web.backoffice.settings.common import PATH, SEE, SET, told
from cessio.web.forms import Form, amount
from cessio.web.guards import proven
from cessio.web.render import render
from cessio.web.requests import AnyRequest, At, Db, Sent, Who

HOME = f"{PATH}/authority"
#: The permission without which a role does not decide an act at all.
NEEDS: dict[Act, Permission] = {act: names[0] for act, names in house.rules.NEEDS.items()}


@get(HOME, guards=[SEE], include_in_schema=False, sync_to_thread=True)
def show_authority(request: AnyRequest, session: Db, signed: Who) -> Response[Any]:
    """One table: acts, roles, amounts."""
    asked = request.query_params.get("act", "")
    return _page(request, session, signed, Act(asked) if asked in set(Act) else None, None)


@post(f"{HOME}/{{name:str}}", guards=[SET, proven], include_in_schema=False, sync_to_thread=True)
def set_act_authority(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, name: FromPath[str]
) -> Response[Any]:
    """Ask for the amounts of one act; an empty one is without limit."""
    act = _act(name)
    form = Form(submitted)
    up_to = {
        role.value: form.maybe(f"role_{role.value}", amount(minimum_minor=0))
        for role in _roles(act)
    }
    second = form.maybe("second", amount(minimum_minor=0)) if act in WITH_SECOND else None
    if form.valid():
        try:
            return put(session, SetAuthority(act, up_to, second), signed, at)
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, act, form, status=422)


def _roles(act: Act) -> list[Role]:
    return [role for role in Role if role in STAFF_ROLES and NEEDS[act] in PERMISSIONS[role]]


def _act(name: str) -> Act:
    if name not in set(Act):
        raise NotFound("act_unknown", "there is no such act")
    return Act(name)


def _page(
    request: AnyRequest, session: Session, signed: Signed, chosen: Act | None, form: Form | None,
    *, status: int = 200,
) -> Response[Any]:  # fmt: skip
    held = queries.authority(session)
    rows = [
        (act, [(role, held.limit(act, role.value)) for role in _roles(act)],
         held.second_from_minor.get(act))
        for act in Act
    ]  # fmt: skip
    return render(
        request, "backoffice/settings/show_authority.html", status=status, rows=rows,
        with_second=WITH_SECOND, chosen=chosen, told=told(session, *AUTHORITY),
        form=form or _started(held, chosen), may_set=signed.may(Permission.MANAGE_SETTINGS),
    )  # fmt: skip


def _started(held: house.Authority, act: Act | None) -> Form:
    """The amounts that hold, as one types them."""
    if act is None:
        return Form()
    amounts = {f"role_{role.value}": held.limit(act, role.value) for role in _roles(act)}
    amounts["second"] = held.second_from_minor.get(act)
    return Form(**{name: to_text(most) for name, most in amounts.items() if most is not None})


HANDLERS = [show_authority, set_act_authority]
