"""Staff who signed in at a provider: known by its subject; the directory narrows rights alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from cessio import audit
from cessio.identity import queries, rules
from cessio.identity.models import Person, ProviderAccount
from cessio.identity.operations.people import change_person
from cessio.identity.operations.sessions import (
    SecondStepNeeded,
    SignedIn,
    begin_second_step,
    let_in,
    sign_out,
)
from cessio.identity.queries import PersonView
from cessio.identity.queries import second_factor as factors
from cessio.identity.queries.providers import is_linked, linked_person
from cessio.identity.rules import Audience, Role
from cessio.kernel.errors import CessioError, Forbidden

#: Who says the role of a group: the provider's directory, by the deployment's setting.
DIRECTORY = "system:single-sign-on"


@dataclass(frozen=True, slots=True)
class Vouched:
    """What a provider vouches for; ``email`` only if it proved the address."""

    issuer: str
    subject: str
    email: str | None
    groups: tuple[str, ...]
    is_strong: bool


@dataclass(frozen=True, slots=True)
class Met:
    """One of the staff a provider vouches for; ``role`` is what ``group`` there means here."""

    person: PersonView
    group: str
    role: Role


@dataclass(frozen=True, slots=True)
class ProviderRefused:
    """They signed in there and are not let in here."""

    error: CessioError


def meet(
    session: Session, *, said: Vouched, roles: Sequence[tuple[str, Role]], at: datetime
) -> Met | ProviderRefused:
    """Whom of the staff a provider vouches for, and the role of the first of our groups theirs.

    One who lost every group is refused, and so is whoever was never given access here.
    """
    who = _known(session, said, at)
    if who is None or who.disabled_at is not None or who.audience is not Audience.STAFF:
        return ProviderRefused(Forbidden(
            "sso_unknown", "Nobody of the staff is known here by your account at the provider: "
            "ask your administrator for access"))  # fmt: skip
    for group, role in roles:
        if group in said.groups:
            session.get(Person, who.id, with_for_update=True)  # one sign-in of theirs at a time
            return Met(queries.person(session, who.id), group, role)
    return ProviderRefused(Forbidden(
        "sso_no_group", "No group of yours at the provider opens Cessio: ask your "
        "administrator to add you to one"))  # fmt: skip


def enter(
    session: Session, *, met: Met, is_strong: bool, address: str, user_agent: str | None,
    at: datetime, previous_token: str | None = None,
) -> SignedIn | SecondStepNeeded:  # fmt: skip
    """Let them in whom the provider proved with a second factor; who was not gives ours."""
    who = met.person
    if previous_token is not None:
        sign_out(session, token=previous_token, at=at)
    if not is_strong and factors.owes_second_step(session, who.id):
        return begin_second_step(session, person_id=who.id, at=at)
    return let_in(session, who.id, who.email, address, user_agent, at=at)


def narrow_rights(session: Session, *, person_id: int, role: Role, why: str, at: datetime) -> None:
    """Take what the directory takes: a role that may nothing the present one may not.

    Raises ``Forbidden`` for any other one: it takes a second person.
    """
    who = queries.person(session, person_id)
    if not rules.is_within(role, who.role):
        raise Forbidden("rights_need_two", "A second person agrees to what the staff may do",
                        field="role")  # fmt: skip
    change_person(session, person_id=who.id, name=who.name, role=role, language=who.language,
                  why=why, by=DIRECTORY, at=at)  # fmt: skip


def _known(session: Session, said: Vouched, at: datetime) -> PersonView | None:
    """By the subject; the first time by an address that the provider proved, and linked then."""
    person_id = linked_person(session, said.issuer, said.subject)
    if person_id is not None:
        return queries.person(session, person_id)
    who = None
    if said.email is not None:
        who = queries.person_by_email(session, rules.email_key(said.email))
    if who is None or who.disabled_at is not None or who.audience is not Audience.STAFF:
        return None
    if is_linked(session, said.issuer, who.id):
        return None
    session.add(ProviderAccount(person_id=who.id, issuer=said.issuer, subject=said.subject,
                                linked_at=at))  # fmt: skip
    session.flush()
    audit.record(session, verb="link_provider", subject_kind="person", subject_id=who.id,
                 after={"issuer": said.issuer, "subject": said.subject}, by=DIRECTORY,
                 at=at)  # fmt: skip
    return who
