"""Everybody who could come to an address, and what its guard must say to each of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio import identity
from cessio.identity import Audience, Permission, Role, Scope
from cessio.identity.operations import disable_person, end_token, issue_token
from cessio.identity.rules import may_use
from cessio.identity.rules.roles import audience_of, may
from cessio.plumbing.database import transaction
from cessio.sharing import Part, ShareRole, end_share, share_by_link, share_with_guest
from cessio.sharing.operations import Reader
from tests.walking import NOW, people
from tests.who_may.book import BY, Book
from tests.who_may.ways import OF_PEOPLE, Way

UNTIL = date(2027, 6, 30)
CLIENT_ROLES = (Role.SIGNATORY, Role.OPERATOR, Role.READER)

#: Reads of the API that are the factor's alone, whatever scope a client's key has.
STAFF_ALONE = frozenset({
    "bank-lines", "bank-lines/{line_id:int}", "bank-movements", "bank-statements",
    "bank-statements/{statement_id:int}", "clients", "debtor-replies", "debtors",
    "debtors/{debtor_id:int}", "disputes", "due-dates/{change_id:int}", "groups/{group_id:int}",
    "limit-proposals", "limit-queue", "payer-aliases", "payment-orders",
    "payment-orders/{order_id:int}", "promises", "recipients", "reports/portfolio",
    "reports/portfolio/{report_id:int}/file", "settings/fee-grids", "settings/products",
    "settings/texts", "signals", "treasury-position", "verifications",
})  # fmt: skip
#: A file of the API that needs more than its scope, as every act of it may: a certain role.
MORE_THAN_THE_SCOPE = frozenset({"/api/v1/payment-orders/{order_id:int}/file"})


class Verdict(StrEnum):
    """What a guard must answer."""

    OPEN = "open"
    SIGN_IN = "sign in"
    REFUSED = "refused"
    ALLOWED = "allowed"


@dataclass(frozen=True)
class Asker:
    """Somebody who comes: by a session of a browser, by a key, or as nobody."""

    name: str
    headers: dict[str, str]
    role: Role | None = None
    client_id: int | None = None
    scopes: frozenset[Scope] | None = None
    is_known: bool = True
    own: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def audience(self) -> Audience | None:
        return None if self.role is None else audience_of(self.role)

    def verdict(self, way: Way) -> Verdict:
        """What this way's guard must say, from what it names alone."""
        if way.audience == "public":
            return Verdict.OPEN
        is_machine = self.scopes is not None
        if self.role is None or not self.is_known or is_machine != (way.audience == "api"):
            return Verdict.SIGN_IN
        if way.audience == "api":
            held = {one for one in self.scopes or () if may_use(self.role, one)}
            of = way.path.removeprefix("/api/v1/")
            is_open = self.audience is Audience.STAFF or of not in STAFF_ALONE or not way.is_safe
            return Verdict.ALLOWED if held & {*way.needs} and is_open else Verdict.REFUSED
        if way.audience in OF_PEOPLE:
            needs = [Permission(one) for one in way.needs]
            is_theirs = way.audience == self.audience
            if not is_theirs or (needs and not any(may(self.role, one) for one in needs)):
                return Verdict.REFUSED
        return Verdict.ALLOWED


@dataclass(frozen=True)
class Links:
    """Addresses that show a part of a client's book to whoever holds them."""

    whole: dict[int, str]
    ended: str
    contract_id: int


def askers(book: Book) -> list[Asker]:
    """Everybody, with a session or a key of their own."""
    with transaction(book.engine) as session:
        found = [Asker("nobody", {}), *_staff(session, book)]
        for client_id in book.clients:
            found += _users(session, client_id)
        found += _guests(session, book)
        found += _machines(session, book)
    book._known.clear()
    return found


def links(book: Book) -> Links:
    """A link on all of each client's first contract, and one that was ended."""
    with transaction(book.engine) as session:
        made = {one: _link(session, one, Part) for one in book.clients}
        ended = _link(session, book.clients[0], [Part.STATEMENTS])
        session.flush()
        end_share(session, share_id=ended[1], client_id=book.clients[0], by=BY, at=NOW)
        first = _contract(session, book.clients[0])
    return Links({one: token for one, (token, _) in made.items()}, ended[0], first)


def _staff(session: Session, book: Book) -> list[Asker]:
    return [
        _browser(session, f"the {role}", person_id, Role(role))
        for role, person_id in people(book.engine).items()
    ]


def _users(session: Session, client_id: int) -> list[Asker]:
    found = []
    for role in CLIENT_ROLES:
        person_id = _probe(session, client_id, role)
        found.append(_browser(session, f"{role} of {client_id}", person_id, role, client_id))
    return found


def _probe(session: Session, client_id: int, role: Role) -> int:
    found = session.scalar(
        text("SELECT min(id) FROM person WHERE client_id = :c AND role = :role"
             " AND email LIKE '%@probe.example'"), {"c": client_id, "role": role},
    )  # fmt: skip
    assert isinstance(found, int)
    return found


def _guests(session: Session, book: Book) -> list[Asker]:
    one, other = book.clients
    found = []
    for name, client_id, parts, is_over in (
        ("guest of all", one, tuple(Part), False),
        ("guest of statements", one, (Part.STATEMENTS,), False),
        ("guest of the other", other, tuple(Part), False),
        ("guest whose share ended", one, tuple(Part), True),
    ):
        reader = Reader(name, "Cabinet", ShareRole.ACCOUNTANT, "en",
                        f"{name.replace(' ', '.')}@probe.example")  # fmt: skip
        contract_id = _contract(session, client_id)
        made = share_with_guest(
            session, client_id=client_id, reader=reader, parts=parts, contract_ids=[contract_id],
            until_on=UNTIL, by=BY, at=NOW,
        )  # fmt: skip
        person_id = session.scalar(
            text("SELECT person_id FROM share WHERE id = :id"), {"id": made.share_id}
        )
        assert isinstance(person_id, int)
        session.execute(text("UPDATE person SET language = 'en' WHERE id = :id"),
                        {"id": person_id})  # fmt: skip
        if is_over:
            end_share(session, share_id=made.share_id, client_id=client_id, by=BY, at=NOW)
        own = {"share_id": (str(made.share_id),), "contract_id": (str(contract_id),)}
        found.append(_browser(session, name, person_id, Role.GUEST, client_id, own))
    return found


def _machines(session: Session, book: Book) -> list[Asker]:
    one, other = book.clients
    staff = people(book.engine)
    found = [
        _machine(session, f"key of the {role}", staff[role], Role(role))
        for role in ("account_manager", "treasury", "auditor", "collector")
    ]
    found += [
        _machine(session, f"key of the {role} of {client_id}", _probe(session, client_id, role),
                 role, client_id)
        for client_id in book.clients for role in CLIENT_ROLES
    ]  # fmt: skip
    signer = _probe(session, one, Role.SIGNATORY)
    found.append(_machine(session, "key for parties alone", signer, Role.SIGNATORY, one,
                          [Scope.PARTIES_READ]))  # fmt: skip
    found.append(_machine(session, "key that expired", signer, Role.SIGNATORY, one, days=-1))
    found.append(_machine(session, "key that was ended", signer, Role.SIGNATORY, one, end=True))
    leaver = identity.add_person(session, email="leaver@probe.example", name="leaver",
                                 role=Role.SIGNATORY, client_id=other, by=BY, at=NOW)  # fmt: skip
    left = _machine(session, "key of who left", leaver, Role.SIGNATORY, other)
    browser = _browser(session, "browser of who left", leaver, Role.SIGNATORY, other)
    disable_person(session, person_id=leaver, by=BY, at=NOW)
    return [*found, _unknown(left), _unknown(browser)]


def _unknown(asker: Asker) -> Asker:
    return Asker(asker.name, asker.headers, asker.role, asker.client_id, asker.scopes, False)


def _browser(
    session: Session, name: str, person_id: int, role: Role, client_id: int | None = None,
    own: dict[str, tuple[str, ...]] | None = None,
) -> Asker:  # fmt: skip
    signed = identity.open_session(
        session, person_id=person_id, user_agent="probe", address="192.0.2.1", at=NOW
    )
    spare = identity.open_session(
        session, person_id=person_id, user_agent="spare", address="192.0.2.1", at=NOW
    )
    rows = text("SELECT max(id) FROM web_session WHERE person_id = :id AND user_agent = 'spare'")
    said = {"session_id": (str(session.scalar(rows, {"id": person_id})),),
            "notification_id": _told(session, person_id), **(own or {})}  # fmt: skip
    assert spare.token != signed.token
    headers = {"Cookie": f"cessio={signed.token}", "X-CSRF-Token": signed.csrf}
    return Asker(name, headers, role, client_id, None, True, said)


def _told(session: Session, person_id: int) -> tuple[str, ...]:
    found = session.scalars(
        text("SELECT id FROM notification WHERE person_id = :id ORDER BY id LIMIT 1"),
        {"id": person_id},
    )
    return tuple(str(one) for one in found) or ("1",)


def _machine(
    session: Session, name: str, person_id: int, role: Role, client_id: int | None = None,
    scopes: Collection[Scope] | None = None, *, days: int = 9, end: bool = False,
) -> Asker:  # fmt: skip
    held = [one for one in Scope if may_use(role, one)] if scopes is None else scopes
    asked_at = NOW + timedelta(days=days - 9)
    made = issue_token(
        session, person_id=person_id, name="probe", scopes=held, by=f"person:{person_id}",
        expires_at=NOW + timedelta(days=days), at=asked_at,
    )  # fmt: skip
    if end:
        end_token(session, token_id=made.id, person_id=person_id, by=f"person:{person_id}", at=NOW)
    headers = {"Authorization": f"Bearer {made.secret}"}
    return Asker(name, headers, role, client_id, frozenset(held), days > 0 and not end)


def _link(session: Session, client_id: int, parts: Collection[Part]) -> tuple[str, int]:
    made = share_by_link(
        session, client_id=client_id, parts=[*parts], contract_ids=[_contract(session, client_id)],
        reader=Reader("Bank", "", ShareRole.BANKER), until_on=UNTIL, by=BY, at=NOW,
    )  # fmt: skip
    return made.token, made.share_id


def _contract(session: Session, client_id: int) -> int:
    found = session.scalar(
        text("SELECT min(id) FROM contract WHERE client_id = :c"), {"c": client_id}
    )
    assert isinstance(found, int)
    return found
