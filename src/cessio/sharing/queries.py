"""The reads of shares, for who gives them and for who reads by them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, select, tuple_
from sqlalchemy.orm import Session

from cessio import parties
from cessio.contracts import queries as contracts
from cessio.contracts.models import Contract
from cessio.contracts.queries import ContractView
from cessio.kernel.errors import NotFound
from cessio.kernel.paging import Page, PageRequest, page_of
from cessio.sharing.models import Share, ShareAccess
from cessio.sharing.rules import Act, Kind, Part, ShareRole


class Standing(StrEnum):
    """Whether a share opens anything on a day."""

    OPEN = "open"
    OVER = "over"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class ShareView:
    """One share; ``contract_ids`` is all contracts when ``None``, ``last_seen`` its last access."""

    id: int
    client_id: int
    client_name: str
    kind: Kind
    role: ShareRole
    name: str
    firm: str
    email: str | None
    person_id: int | None
    language: str
    parts: tuple[Part, ...]
    contract_ids: tuple[int, ...] | None
    from_on: date
    until_on: date
    created_at: datetime
    created_by: str
    ended_at: datetime | None
    ended_by: str | None
    last_seen: datetime | None

    def standing(self, on: date) -> Standing:
        """Open, over by its day, or ended by the client."""
        if self.ended_at is not None:
            return Standing.ENDED
        return Standing.OPEN if self.until_on >= on else Standing.OVER

    def of(self, own: tuple[ContractView, ...]) -> tuple[ContractView, ...]:
        """The contracts it shows, among those of its client."""
        return tuple(one for one in own if self.contract_ids is None or one.id in self.contract_ids)


@dataclass(frozen=True, slots=True)
class AccessView:
    """A page or file that was opened: by whom, when, and what of it."""

    id: int
    share_id: int
    kind: Kind
    name: str
    firm: str
    at: datetime
    act: Act
    part: Part | None
    subject: str | None
    format: str | None
    contract: str | None
    from_on: date | None
    to_on: date | None
    network: str


def shares(session: Session, *, client_id: int) -> tuple[ShareView, ...]:
    """Every share a client ever gave, latest first."""
    query = _shares().where(Share.client_id == client_id).order_by(Share.id.desc())
    return _views(session, query)


def share(session: Session, share_id: int, *, client_id: int) -> ShareView:
    """One share of a client. Raises ``NotFound``."""
    found = _views(session, _shares().where(Share.id == share_id, Share.client_id == client_id))
    if not found:
        raise _unknown()
    return found[0]


def shared_with(session: Session, person_id: int, *, on: date) -> tuple[ShareView, ...]:
    """What is shared with a guest on a day, by client."""
    query = _shares().where(Share.person_id == person_id, *_open(on)).order_by(Share.id)
    return tuple(sorted(_views(session, query), key=lambda one: (one.client_name, one.id)))


def open_to_guest(session: Session, share_id: int, *, person_id: int, on: date) -> ShareView:
    """A share that is open to a guest on a day. Raises ``NotFound`` for every other."""
    query = _shares().where(Share.id == share_id, Share.person_id == person_id, *_open(on))
    found = _views(session, query)
    if not found:
        raise _unknown()
    return found[0]


def read_by_guests(
    session: Session, *, client_id: int, contract_id: int, part: Part, on: date
) -> tuple[ShareView, ...]:
    """The open shares by which guests read a part of a contract."""
    query = _shares().where(Share.client_id == client_id, Share.person_id.is_not(None), *_open(on))
    return tuple(
        one for one in _views(session, query.order_by(Share.id))
        if part in one.parts and (one.contract_ids is None or contract_id in one.contract_ids)
    )  # fmt: skip


def by_link(session: Session, token_hash: bytes) -> ShareView | None:
    """The share of a link, open or not."""
    found = _views(session, _shares().where(Share.token_hash == token_hash))
    return found[0] if found else None


def contracts_of(session: Session, view: ShareView) -> tuple[ContractView, ...]:
    """The contracts a share shows."""
    return view.of(contracts.contracts(session, client_id=view.client_id))


def accesses(
    session: Session, page: PageRequest, *, client_id: int, share_id: int | None = None
) -> Page[AccessView]:
    """What readers of a client's book opened, latest first."""
    query = (
        select(ShareAccess, Share.kind, Share.name, Share.firm, Contract.reference)
        .join(Share, Share.id == ShareAccess.share_id)
        .outerjoin(Contract, Contract.id == ShareAccess.contract_id)
        .where(Share.client_id == client_id)
    )
    if share_id is not None:
        query = query.where(ShareAccess.share_id == share_id)
    if page.key is not None:
        beyond = tuple_(ShareAccess.id)
        query = query.where(beyond > page.key if page.backwards else beyond < page.key)
    order = ShareAccess.id.asc() if page.backwards else ShareAccess.id.desc()
    rows = session.execute(query.order_by(order).limit(page.fetch))
    return page_of([_access(*row) for row in rows], page, lambda row: (row.id,))


def _access(row: ShareAccess, kind: str, name: str, firm: str, contract: str | None) -> AccessView:
    return AccessView(
        id=row.id, share_id=row.share_id, kind=Kind(kind), name=name, firm=firm, at=row.at,
        act=Act(row.act), part=Part(row.part) if row.part else None, subject=row.subject,
        format=row.format, contract=contract, from_on=row.from_on, to_on=row.to_on,
        network=row.network,
    )  # fmt: skip


def _shares() -> Select[Share, datetime]:
    last = (
        select(ShareAccess.at)
        .where(ShareAccess.share_id == Share.id)
        .order_by(ShareAccess.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return select(Share, last)


def _open(on: date) -> tuple[ColumnElement[bool], ...]:
    return (Share.ended_at.is_(None), Share.from_on <= on, Share.until_on >= on)


def _views(session: Session, query: Select[Share, datetime]) -> tuple[ShareView, ...]:
    rows = session.execute(query).all()
    names = parties.client_names(session, {row.client_id for row, _seen in rows})
    return tuple(_view(row, seen, names[row.client_id]) for row, seen in rows)


def _view(row: Share, seen: datetime | None, client_name: str) -> ShareView:
    return ShareView(
        id=row.id, client_id=row.client_id, client_name=client_name, kind=Kind(row.kind),
        role=ShareRole(row.role), name=row.name, firm=row.firm, email=row.email,
        person_id=row.person_id, language=row.language,
        parts=tuple(part for part in Part if part in row.parts),
        contract_ids=None if row.contract_ids is None else tuple(row.contract_ids),
        from_on=row.from_on, until_on=row.until_on, created_at=row.created_at,
        created_by=row.created_by, ended_at=row.ended_at, ended_by=row.ended_by, last_seen=seen,
    )  # fmt: skip


def _unknown() -> NotFound:
    return NotFound("share_unknown", "There is no such share")
