"""Who may do what: one table of roles, up to which amounts, and which acts take a second person."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from sqlalchemy.orm import Session

from cessio import house
from cessio.agreeing import DEEDS
from cessio.house import Act
from cessio.identity import Audience, Permission, Role
from cessio.identity.rules import CLIENT_ROLES, PERMISSIONS, STAFF_ROLES
from cessio.plumbing import formats
from cessio.web.backoffice.settings.authority import NEEDS
from cessio.web.guards import staff
from cessio.web.render import _, render
from cessio.web.requests import AnyRequest, Db, Who
from cessio.web.words.permissions import PERMISSION_GROUPS, PERMISSION_WORDS

P = Permission
#: Whom an act waits for: what its second person must be allowed.
SECOND: dict[Permission, Permission] = {
    **{one.asked_with[0]: one.agreed_with for one in DEEDS.values()},
    P.EDIT_PARTIES: P.CONFIRM_ACCOUNTS,
    P.DECIDE_LIMITS: P.APPROVE_LIMITS,
    P.DECIDE_DRAWDOWNS: P.APPROVE_DRAWDOWNS,
    P.PREPARE_PAYMENTS: P.RELEASE_PAYMENTS,
    P.CLOSE_PERIODS: P.CLOSE_PERIODS,
    P.OWN_MANAGE_PEOPLE: P.OWN_MANAGE_PEOPLE,
    P.OWN_CHANGE_ACCOUNT: P.OWN_CHANGE_ACCOUNT,
}
_ACTS = {needed: act for act, needed in NEEDS.items() if act is not Act.RELEASE_RESERVE}


@get("/backoffice/users/roles", guards=[staff(P.MANAGE_PEOPLE, P.SEE_AUDIT)],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def show_roles(request: AnyRequest, session: Db, signed: Who) -> Response[Any]:
    """What each role may do, in one table, read from the code that decides it."""
    roles = [role for role in Role if role in STAFF_ROLES]
    own = [role for role in Role if role in CLIENT_ROLES]
    held = house.queries.authority(session)
    tables = []
    for title, audience, names in PERMISSION_GROUPS:
        of = roles if audience is Audience.STAFF else own
        rows = [
            (str(words), [_mark(held, role, one) for role in of], _second(session, held, one))
            for one, words in names.items()
        ]  # fmt: skip
        tables.append((title, of, rows))
    return render(request, "backoffice/users/show_roles.html", tables=tables,
                  may_manage=signed.may(P.MANAGE_PEOPLE))  # fmt: skip


def _mark(held: house.Authority, role: Role, permission: Permission) -> str | None:
    """Nothing where the role may not, an amount where it may up to it."""
    if permission not in PERMISSIONS[role]:
        return None
    act = _ACTS.get(permission)
    most = None if act is None else held.limit(act, role.value)
    return "" if most is None else _("up to {amount}", amount=formats.money(most, "EUR"))


def _second(session: Session, held: house.Authority, permission: Permission) -> str:
    """Who agrees, and from which amount on where the house says so."""
    second = SECOND.get(permission)
    if second is None:
        return ""
    act = _ACTS.get(permission)
    start = None if act is None else held.second_from_minor.get(act)
    words = str(PERMISSION_WORDS[second])
    if start is None:
        return words
    return _("{who}, from {amount}", who=words, amount=formats.money(start, "EUR"))


HANDLERS = [show_roles]
