"""Who looks after which clients."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from cessio.identity import queries as identity
from cessio.parties.models import Client, Company
from cessio.parties.queries import lookups
from cessio.parties.rules import Part


@dataclass(frozen=True, slots=True)
class LookedAfter:
    """A client and the parts somebody plays for it."""

    client_id: int
    code: str
    name: str
    parts: tuple[Part, ...]


def portfolio(session: Session, person_id: int) -> tuple[LookedAfter, ...]:
    """The clients somebody looks after, by name."""
    columns = {part: getattr(Client, part.column) for part in Part}
    rows = session.execute(
        select(Client.id, Client.code, Company.name, *columns.values())
        .join(Company, Company.id == Client.company_id)
        .where(or_(*(column == person_id for column in columns.values())))
        .order_by(Company.name_key, Client.id)
    )
    return tuple(
        LookedAfter(row[0], row[1], row[2],
                    tuple(part for part, held in zip(Part, row[3:], strict=True)
                          if held == person_id))
        for row in rows
    )  # fmt: skip


def clients_of(session: Session, person_ids: Collection[int]) -> tuple[int, ...]:
    """The clients that any of these people looks after, in whatever part."""
    held = or_(*(getattr(Client, part.column).in_(person_ids) for part in Part))
    return tuple(session.scalars(select(Client.id).where(held).order_by(Client.id)))


def in_charge(session: Session, client_id: int, *, on: date) -> tuple[int, ...]:
    """The account manager of a client, and whoever does their work on a day they are away."""
    manager = lookups.account_manager_id(session, client_id)
    return () if manager is None else identity.standing_in(session, manager, on)


def portfolio_sizes(session: Session) -> dict[tuple[int, Part], int]:
    """How many clients each person looks after, by part."""
    sizes: dict[tuple[int, Part], int] = {}
    for part in Part:
        column = getattr(Client, part.column)
        counted = select(column, func.count()).where(column.is_not(None)).group_by(column)
        sizes |= {(person_id, part): count for person_id, count in session.execute(counted)}
    return sizes


def nobodys(session: Session) -> dict[Part, int]:
    """How many clients have nobody for a part."""
    counts = [func.count().filter(getattr(Client, part.column).is_(None)) for part in Part]
    row = session.execute(select(*counts).select_from(Client)).one()
    return dict(zip(Part, row, strict=True))


def looked_after(session: Session, part: Part, client_ids: Sequence[int]) -> dict[int, int | None]:
    """Who plays a part for some clients, locked in order."""
    column = getattr(Client, part.column)
    rows = session.execute(
        select(Client.id, column).where(Client.id.in_(client_ids)).order_by(Client.id)
        .with_for_update()
    )  # fmt: skip
    return {row[0]: row[1] for row in rows}
