"""Giving a share, prolonging it, ending it."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from cessio import audit
from cessio.contracts import queries as contracts
from cessio.identity.operations import invite, welcome_guest
from cessio.identity.operations.sessions import token_hash
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import Conflict, NotFound, Problems
from cessio.sharing import queries
from cessio.sharing.models import Share
from cessio.sharing.operations.notices import invite_by_mail, tell_signatories
from cessio.sharing.rules import Kind, Part, ShareRole, share_problems, until_problems


@dataclass(frozen=True, slots=True)
class Reader:
    """Who is to read: a person with a firm; ``email`` for a guest."""

    name: str
    firm: str
    role: ShareRole
    language: str = "fr"
    email: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """A link: ``token`` is part of its address, shown once and stored nowhere."""

    share_id: int
    token: str


@dataclass(frozen=True, slots=True)
class Invited:
    """A guest's share, and whether the guest still has to choose a password."""

    share_id: int
    is_new: bool


def share_with_guest(
    session: Session, *, client_id: int, reader: Reader, parts: Collection[Part],
    contract_ids: Collection[int] | None, until_on: date, by: str, at: datetime,
) -> Invited:  # fmt: skip
    """Let somebody read with an account of their own, and invite them by mail.

    Raises ``Problems`` with every fault, ``Conflict`` for an address that cannot be invited.
    """
    _refuse_faulty(session, client_id, reader, parts, contract_ids, until_on, at)
    person_id = welcome_guest(
        session, email=reader.email, name=reader.name, language=reader.language, by=by, at=at
    )
    row = _begun(session, client_id, Kind.GUEST, reader, parts, contract_ids, until_on, by=by,
                 at=at, person_id=person_id)  # fmt: skip
    token = invite(session, person_id=person_id, by=by, at=at)
    invite_by_mail(session, _shown(session, row), token=token, by=by, at=at)
    return Invited(row.id, token is not None)


def share_by_link(
    session: Session, *, client_id: int, reader: Reader, parts: Collection[Part],
    contract_ids: Collection[int] | None, until_on: date, by: str, at: datetime,
) -> Made:  # fmt: skip
    """Make an address that shows the parts to whoever holds it. Raises ``Problems``."""
    _refuse_faulty(session, client_id, reader, parts, contract_ids, until_on, at)
    token = secrets.token_urlsafe(32)
    row = _begun(session, client_id, Kind.LINK, reader, parts, contract_ids, until_on, by=by,
                 at=at, hashed=token_hash(token))  # fmt: skip
    return Made(row.id, token)


def prolong(
    session: Session, *, share_id: int, client_id: int, until_on: date, by: str, at: datetime
) -> None:
    """Give a share another last day, later or earlier; one that is over opens again.

    Raises ``NotFound``, ``Problems``, ``Conflict`` for one the client ended.
    """
    row = _locked(session, share_id, client_id)
    on = business_date(at)
    if problems := until_problems(until_on, on):
        raise Problems([*problems])
    before = {"until_on": row.until_on}
    row.until_on, row.promised_on = until_on, on
    session.flush()
    audit.record(session, verb="prolong", subject_kind="shared_book", subject_id=row.id,
                 before=before, after={"until_on": until_on}, by=by, at=at,
                 client_id=client_id)  # fmt: skip
    tell_signatories(session, _shown(session, row), by=by, at=at)


def end_share(session: Session, *, share_id: int, client_id: int, by: str, at: datetime) -> None:
    """Close it at once; what was opened stays on record. Raises ``NotFound``, ``Conflict``."""
    row = _locked(session, share_id, client_id)
    row.ended_at, row.ended_by = at, by
    session.flush()
    audit.record(session, verb="end", subject_kind="shared_book", subject_id=row.id,
                 before={"reader": row.name, "until_on": row.until_on}, by=by, at=at,
                 client_id=client_id)  # fmt: skip


def invite_again(session: Session, *, share_id: int, client_id: int, by: str, at: datetime) -> None:
    """Send the guest's mail once more. Raises ``NotFound``, ``Conflict``."""
    row = _locked(session, share_id, client_id)
    if row.person_id is None or row.until_on < business_date(at):
        raise Conflict("share_not_invited", "Only a guest whose share is open is invited again")
    token = invite(session, person_id=row.person_id, by=by, at=at)
    invite_by_mail(session, _shown(session, row), token=token, by=by, at=at)
    audit.record(session, verb="invite", subject_kind="shared_book", subject_id=row.id,
                 after={"reader": row.name, "email": row.email}, by=by, at=at,
                 client_id=client_id)  # fmt: skip


def _refuse_faulty(
    session: Session, client_id: int, reader: Reader, parts: Collection[Part],
    contract_ids: Collection[int] | None, until_on: date, at: datetime,
) -> None:  # fmt: skip
    own = {one.id for one in contracts.contracts(session, client_id=client_id)}
    if problems := share_problems(
        name=reader.name, firm=reader.firm, parts=parts, contract_ids=contract_ids,
        own_contracts=own, until_on=until_on, on=business_date(at),
    ):  # fmt: skip
        raise Problems([*problems])


def _begun(
    session: Session, client_id: int, kind: Kind, reader: Reader, parts: Collection[Part],
    contract_ids: Collection[int] | None, until_on: date, *, by: str, at: datetime,
    person_id: int | None = None, hashed: bytes | None = None,
) -> Share:  # fmt: skip
    """The share on record; its client's signatories are told, whoever gave it."""
    on = business_date(at)
    row = Share(
        client_id=client_id, kind=kind, role=reader.role, name=reader.name.strip(),
        firm=reader.firm.strip(), email=reader.email.strip().lower() if person_id else None,
        person_id=person_id, token_hash=hashed, language=reader.language,
        parts=[part.value for part in Part if part in parts],
        contract_ids=None if contract_ids is None else sorted(contract_ids), from_on=on,
        until_on=until_on, promised_on=on, created_at=at, created_by=by,
    )  # fmt: skip
    session.add(row)
    session.flush()
    after = {"kind": kind, "role": row.role, "reader": row.name, "firm": row.firm,
             "email": row.email, "parts": row.parts, "contracts": row.contract_ids,
             "until_on": until_on}  # fmt: skip
    audit.record(session, verb="give", subject_kind="shared_book", subject_id=row.id, after=after,
                 by=by, at=at, client_id=client_id)  # fmt: skip
    tell_signatories(session, _shown(session, row), by=by, at=at)
    return row


def _shown(session: Session, row: Share) -> queries.ShareView:
    return queries.share(session, row.id, client_id=row.client_id)


def _locked(session: Session, share_id: int, client_id: int) -> Share:
    """The row of a share that was not ended."""
    row = session.get(Share, share_id, with_for_update=True, populate_existing=True)
    if row is None or row.client_id != client_id:
        raise NotFound("share_unknown", "There is no such share")
    if row.ended_at is not None:
        raise Conflict("share_ended", "This share was ended already")
    return row
