"""What waits for the person signed in, most pressing first; the way from one to the next.

A *view* of the queue is whose clients it is about and which kind of item it keeps. Its number and
the place in it travel as one number in ``?queue=``, so that a page opened from the queue knows
what follows without knowing the queue.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from litestar import Response
from litestar.datastructures import Cookie
from sqlalchemy.orm import Session

from cessio.agreeing import DEEDS
from cessio.identity import Permission, Signed
from cessio.identity import queries as identity
from cessio.parties import queries as parties
from cessio.plumbing.i18n import Lazy, lazy
from cessio.reporting.queries import MOST, Asked, Found, Item, waiting
from cessio.web.backoffice import exceptions, lists
from cessio.web.backoffice.work_words import told
from cessio.web.preferences import YEAR
from cessio.web.render import redirect
from cessio.web.requests import AnyRequest
from cessio.worklist import queries as worklist
from cessio.worklist.queries import HandOverView, PutOffView

P = Permission


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of item: its words, its colour, who may decide on it, where its list is."""

    words: Lazy
    tone: str
    permissions: tuple[Permission, ...]
    list_href: str


KINDS: dict[str, Kind] = {
    "todo": Kind(lazy("To do"), "info", (), "/backoffice"),
    "approval": Kind(lazy("To approve"), "info", (
        P.APPROVE_DRAWDOWNS, P.APPROVE_CONTRACTS, P.APPROVE_REMITTANCES, P.APPROVE_LIMITS,
        P.RELEASE_PAYMENTS, P.APPROVE_PEOPLE, P.APPROVE_SETTINGS, P.APPROVE_WRITE_OFFS, P.SETTLE,
        P.COLLECT,
    ), "/backoffice/approvals"),
    "remittance": Kind(lazy("Remittance to examine"), "attention", (P.DECIDE_REMITTANCES,),
                       "/backoffice/remittances?state=submitted"),
    "dispute": Kind(lazy("Dispute"), "danger", (P.HANDLE_DISPUTES,), "/backoffice/disputes"),
    "request": Kind(lazy("Limit request"), "info", (P.DECIDE_LIMITS,), "/backoffice/limits"),
    "ending": Kind(lazy("Limit that ends"), "attention", (P.DECIDE_LIMITS,),
                   "/backoffice/limits/watch"),
    "lost_cover": Kind(lazy("Cover lost"), "danger", (P.DECIDE_DRAWDOWNS, P.DECIDE_LIMITS),
                       "/backoffice/limits/in-force"),
    "overdrawn": Kind(lazy("Overdrawn contract"), "danger", (P.DECIDE_DRAWDOWNS,),
                      "/backoffice/portfolio?sort=available"),
    "facility": Kind(lazy("Over its facility"), "danger", (P.DECIDE_DRAWDOWNS,),
                     "/backoffice/portfolio?sort=-facility"),
    "over_limit": Kind(lazy("Above the limits"), "attention",
                       (P.DECIDE_DRAWDOWNS, P.DECIDE_LIMITS),
                       "/backoffice/portfolio?sort=-blocked"),
    "concentration": Kind(lazy("Concentrated"), "attention", (P.DECIDE_DRAWDOWNS,),
                          "/backoffice/portfolio?sort=-blocked"),
    "signal": Kind(lazy("Sign to look at"), "attention", (P.DECIDE_REMITTANCES, P.DECIDE_LIMITS),
                   "/backoffice/signals"),
    "promise": Kind(lazy("Promise broken"), "danger", (P.COLLECT,), "/backoffice/collections"),
    "account": Kind(lazy("Account to confirm"), "info", (P.CONFIRM_ACCOUNTS,),
                    "/backoffice/approvals"),
    "parked": Kind(lazy("Receipt in your hands"), "attention", (P.APPLY_CASH,),
                   "/backoffice/bank/matching"),
    "cash": Kind(lazy("Unallocated receipts"), "attention", (P.APPLY_CASH,),
                 "/backoffice/bank/matching"),
    "payout": Kind(lazy("Payouts under way"), "danger", (P.RELEASE_PAYMENTS, P.PREPARE_PAYMENTS),
                   "/backoffice/funding"),
    "statement": Kind(lazy("Bank statement missing"), "attention", (P.IMPORT_STATEMENTS,),
                      "/backoffice/bank"),
    "closing": Kind(lazy("Close that waits"), "danger", (P.CLOSE_PERIODS,),
                    "/backoffice/settlement"),
    "job": Kind(lazy("Failed job"), "danger", (P.SETTLE, P.MANAGE_SETTINGS), "/backoffice/jobs"),
    "group": Kind(lazy("Group beyond its limit"), "danger", (P.DECIDE_LIMITS,),
                  "/backoffice/groups?show=beyond"),
    "verification": Kind(lazy("Invoice to verify"), "attention", (P.DECIDE_REMITTANCES,),
                         "/backoffice/verifications"),
    "signature": Kind(lazy("Order to sign"), "info", (P.RELEASE_PAYMENTS,), "/backoffice/funding"),
    "reply": Kind(lazy("Invoice contested by letter"), "attention", (P.HANDLE_DISPUTES,),
                  "/backoffice/replies?kind=disputed"),
    "said_paid": Kind(lazy("Said to be paid"), "attention",
                      (P.APPLY_CASH, P.COLLECT, P.HANDLE_DISPUTES),
                      "/backoffice/replies?kind=paid"),
    "unpaid": Kind(lazy("Unpaid: indemnify or give back"), "danger", (P.TRANSFER_BACK,),
                   "/backoffice/settlement/unpaid"),
    "insolvency": Kind(lazy("Claims to declare"), "danger", (P.COLLECT,),
                       "/backoffice/collections/insolvencies"),
    "screening": Kind(lazy("Name like a listed one"), "danger", (P.DECIDE_SCREENING,),
                      "/backoffice/screening"),
    "old_list": Kind(lazy("Sanctions list to renew"), "attention", (P.DECIDE_SCREENING,),
                     "/backoffice/screening/lists"),
}  # fmt: skip
#: Their place in the number of a view; new ones go to the end, for numbers are in addresses.
_NUMBERED = tuple(KINDS)

SCOPES = ("mine", "all", "team")

#: What a second person decides, and who that may be.
SUBJECTS: dict[str, Permission] = {
    **{kind: one.agreed_with for kind, one in DEEDS.items()},
    "drawdown": P.APPROVE_DRAWDOWNS,
    "remittance": P.APPROVE_REMITTANCES,
    "limit_proposal": P.APPROVE_LIMITS,
    "payout_outcome": P.RELEASE_PAYMENTS,
    "due_date": P.APPROVE_REMITTANCES,
    "closed_month": P.CLOSE_PERIODS,
    "client_signatory": P.MANAGE_PEOPLE,
}
_PLACES = 1000
_KINDS = 100


class _OfKind:
    """What is of a kind has its words and its colour."""

    __slots__ = ()
    kind: str

    @property
    def words(self) -> str:
        """What kind of thing it is."""
        return str(KINDS[self.kind].words)

    @property
    def tone(self) -> str:
        """The colour of its kind."""
        return KINDS[self.kind].tone


@dataclass(frozen=True, slots=True)
class Task(_OfKind):
    """One thing to decide. ``due_on`` is the day it was promised for, or becomes a loss."""

    kind: str
    number: int
    title: str
    detail: str
    why: tuple[str, ...]
    href: str
    since: date
    client_id: int | None = None
    due_on: date | None = None
    amount_minor: int | None = None
    currency: str = "EUR"
    given: HandOverView | None = None
    put_off: PutOffView | None = None


@dataclass(frozen=True, slots=True)
class View:
    """Whose clients, and which kind of item (None: all); ``later`` shows what was put off."""

    scope: str
    kind: str | None = None
    later: bool = False

    @property
    def number(self) -> int:
        """The view in an address, with room for the places in it."""
        place = 0 if self.kind is None else _NUMBERED.index(self.kind) + 1
        return (SCOPES.index(self.scope) * _KINDS + place) * _PLACES

    @classmethod
    def at(cls, number: int) -> View:
        """The view of a number in an address; an odd one is the whole queue."""
        scope, kind = divmod(number // _PLACES, _KINDS)
        return cls(
            SCOPES[scope] if scope < len(SCOPES) else SCOPES[0],
            _NUMBERED[kind - 1] if 0 < kind <= len(_NUMBERED) else None,
        )


@dataclass(frozen=True, slots=True)
class Pile(_OfKind):
    """The items of one kind: how many, and the oldest and the sum of those that were read."""

    kind: str
    count: int
    since: date | None


@dataclass(frozen=True, slots=True)
class Queue:
    """The queue of a person in one view: its most pressing items, and how many there are."""

    view: View
    tasks: list[Task]
    count: int
    piles: list[Pile]
    later: int
    scopes: tuple[str, ...]

    def href(self, place: int) -> str:
        """The address of the task at a place, which knows what follows it."""
        return at_place(self.tasks[place].href, self.view.number + place)


@dataclass(frozen=True, slots=True)
class Reach:
    """Whose work somebody sees: ``acting`` are they and whom they stand in for on a day.

    ``mine`` are the clients of these, ``team`` those of their team (None: they are in none).
    """

    acting: tuple[int, ...]
    mine: tuple[int, ...]
    team: tuple[int, ...] | None

    @property
    def scopes(self) -> tuple[str, ...]:
        """What they may choose: their clients if they look after some, their team's, all."""
        mine, team = ("mine",) if self.mine else (), ("team",) if self.team is not None else ()
        return (*mine, *team, "all")

    def clients(self, scope: str) -> tuple[int, ...] | None:
        """The clients of a scope; None: every one."""
        return {"mine": self.mine, "team": self.team}.get(scope)


def reach(session: Session, signed: Signed, on: date) -> Reach:
    """Whose work a person sees on a day."""
    acting = identity.acting_for(session, signed.person_id, on)
    teams = identity.teams_of(session, signed.person_id)
    mates = {member.person_id for team in teams for member in team.members}
    mine = parties.clients_of(session, acting)
    team = parties.clients_of(session, {*mates, *acting}) if mates else None
    return Reach(acting, mine, team)


def asked_scope(request: AnyRequest, scopes: tuple[str, ...]) -> str:
    """The scope of an address, else the one chosen last here, else one's own clients."""
    asked = request.query_params.get("scope", ""), request.cookies.get("scope", "")
    return next((scope for scope in asked if scope in scopes), scopes[0])


def remember_scope(request: AnyRequest, answer: Response[Any], scope: str) -> Response[Any]:
    """Keep the scope that an address chose for the pages opened without one."""
    if request.query_params.get("scope") == scope != request.cookies.get("scope"):
        answer.set_cookie(
            Cookie("scope", value=scope, max_age=YEAR, httponly=True, samesite="lax",
                   secure=request.url.scheme == "https")
        )  # fmt: skip
    return answer


def asked_view(request: AnyRequest, scopes: tuple[str, ...]) -> View:
    """The view of an address."""
    kind = request.query_params.get("kind")
    return View(
        asked_scope(request, scopes), kind if kind in KINDS else None,
        request.query_params.get("later") == "1",
    )  # fmt: skip


def gather(
    session: Session, signed: Signed, on: date, choose: Callable[[tuple[str, ...]], View]
) -> Queue:
    """Everything this person may decide: what is late first, then by day due, then by amount."""
    seen = reach(session, signed, on)
    view = choose(seen.scopes)
    later = worklist.put_off_by(session, person_id=signed.person_id, on=on)
    hands = worklist.handed_over(session)
    asked = _asked(signed, on, view, seen, later, hands)
    allowed = [kind for kind in KINDS if may_decide(signed, kind)]
    found = waiting(session, asked, kinds=[kind for kind in allowed if kind in _READ])
    found += exceptions.found(session, asked, [kind for kind in allowed if kind not in _READ])
    tasks = [_task(one, hands, later) for kind in found for one in kind.items]
    if view.kind is not None:
        tasks = [task for task in tasks if task.kind == view.kind]
    piles = [
        Pile(one.kind, one.count, min(item.since for item in one.items))
        for one in found if one.count
    ]  # fmt: skip
    count = sum(pile.count for pile in piles if view.kind in (None, pile.kind))
    return Queue(view, _sorted(tasks, signed, on)[:MOST], count, _by_order(piles), len(later),
                 seen.scopes)  # fmt: skip


_READ = frozenset(KINDS) - exceptions.KINDS


def _asked(
    signed: Signed, on: date, view: View, seen: Reach,
    later: dict[tuple[str, int], PutOffView], hands: dict[tuple[str, int], HandOverView],
) -> Asked:  # fmt: skip
    given = [item for item, hand in hands.items() if hand.to_id in seen.acting]
    gone = [item for item, hand in hands.items()
            if hand.from_id in seen.acting and hand.to_id not in seen.acting]  # fmt: skip
    return Asked(
        me=signed.person_id, actor=signed.by, on=on, acting=seen.acting,
        clients=seen.clients(view.scope),
        subjects=tuple(kind for kind, needed in SUBJECTS.items() if signed.may(needed)),
        given=_by_kind(given), hidden=_by_kind(gone if view.later else [*later, *gone]),
        only=_by_kind(list(later)) if view.later else None,
    )  # fmt: skip


def _by_kind(items: list[tuple[str, int]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for kind, number in items:
        found.setdefault(kind, []).append(number)
    return found


def may_decide(signed: Signed, kind: str) -> bool:
    """Whether items of a kind come into the queue of a person."""
    needed = KINDS[kind].permissions
    return not needed or any(signed.may(one) for one in needed)


def _task(
    item: Item, hands: dict[tuple[str, int], HandOverView],
    later: dict[tuple[str, int], PutOffView],
) -> Task:  # fmt: skip
    words, key = told(item), (item.kind, item.number)
    return Task(
        item.kind, item.number, words.title, words.detail, words.why, words.href, item.since,
        item.client_id, item.due_on, item.amount_minor, item.currency, hands.get(key),
        later.get(key),
    )  # fmt: skip


def _sorted(tasks: list[Task], signed: Signed, on: date) -> list[Task]:
    far = on + timedelta(days=3650)

    def pressing(task: Task) -> tuple[bool, bool, date, int, date]:
        mine = task.given is not None and task.given.to_id == signed.person_id
        late = task.due_on is not None and task.due_on <= on
        return (not mine, not late, task.due_on or far, -abs(task.amount_minor or 0), task.since)

    return sorted(tasks, key=pressing)


def _by_order(piles: list[Pile]) -> list[Pile]:
    return sorted(piles, key=lambda pile: _NUMBERED.index(pile.kind))


def at_place(href: str, place: int) -> str:
    """The address of a task's page, which knows its place in the queue."""
    return f"{href}{'&' if '?' in href else '?'}queue={place}"


def place_of(request: AnyRequest) -> int | None:
    """The place in the queue of the page that is asked for, or that an act was sent from."""
    place = lists.asked_number(request, "queue")
    if place is not None or request.method == "GET":
        return place
    named = parse_qs(urlsplit(request.headers.get("referer", "")).query).get("queue", [""])[0]
    return int(named) if named.isascii() and named.isdecimal() and len(named) < 12 else None


def done(request: AnyRequest, default: str, words: str, **params: Any) -> Response[Any]:
    """Where a decision leads: the next of the queue if it was opened from there, else its page."""
    place = place_of(request)
    target = default if place is None else f"/backoffice/next?queue={place}"
    return redirect(target, words, **params)


def each(queue: Queue) -> Iterator[tuple[str, Task]]:
    """The tasks with the address that opens each."""
    for place, task in enumerate(queue.tasks):
        yield queue.href(place), task


__all__ = ["KINDS", "Found", "Queue", "Task", "View", "asked_view", "done", "gather"]
