"""How clients' files name their columns, as remembered."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cessio.kernel.errors import NotFound
from cessio.parties.models import Client, Company
from cessio.receivables.models import ColumnMapping


@dataclass(frozen=True, slots=True)
class MappingView:
    """How files of one shape of a client are read; ``names`` are the file's own headings."""

    id: int
    client_id: int
    client_name: str
    mapping: dict[str, Any]
    names: tuple[str | None, ...]
    saved_at: datetime
    saved_by: str


def mappings(
    session: Session, *, client_id: int | None = None, mapping_id: int | None = None
) -> tuple[MappingView, ...]:
    """Remembered mappings by client, those of one client, or one."""
    query = (
        select(ColumnMapping, Company.name)
        .join(Client, Client.id == ColumnMapping.client_id)
        .join(Company, Company.id == Client.company_id)
        .order_by(Company.name, ColumnMapping.id)
        .limit(500)
    )
    if client_id is not None:
        query = query.where(ColumnMapping.client_id == client_id)
    if mapping_id is not None:
        query = query.where(ColumnMapping.id == mapping_id)
    return tuple(
        MappingView(row.id, row.client_id, name, row.mapping,
                    tuple(row.mapping.get("names") or ()), row.saved_at, row.saved_by)
        for row, name in session.execute(query)
    )  # fmt: skip


def locked_mapping(session: Session, mapping_id: int) -> ColumnMapping:
    """A mapping, locked. Raises ``NotFound``."""
    found = session.scalar(
        select(ColumnMapping).where(ColumnMapping.id == mapping_id).with_for_update()
    )
    if found is None:
        raise NotFound("mapping_unknown", "there is no mapping {id}", id=mapping_id)
    return found


def remembered_mapping(
    session: Session, *, client_id: int, header_hashes: Collection[bytes]
) -> tuple[bytes, dict[str, Any]] | None:
    """The mapping last confirmed for a client's files with one of these headers, and which."""
    row = session.execute(
        select(ColumnMapping.header_hash, ColumnMapping.mapping)
        .where(ColumnMapping.client_id == client_id, ColumnMapping.header_hash.in_(header_hashes))
        .order_by(ColumnMapping.saved_at.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else (row[0], row[1])
