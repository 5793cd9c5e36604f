"""How one client's files name their columns, as remembered."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cessio.receivables.models import ColumnMapping


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
