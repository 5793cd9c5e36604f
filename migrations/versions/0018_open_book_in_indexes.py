"""The open book of a contract read from an index; credits and what is paid in part by their own.

Revision 0018, after 0017.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_ORDER = ["contract_id", "debtor_id", "due_date", "number"]
_OPEN = "closed_on IS NULL"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_index(
        "ix_receivable_open", "receivable", _ORDER, postgresql_where=sa.text(_OPEN),
        postgresql_include=["issue_date", "open_minor"],
    )  # fmt: skip
    op.create_index(
        "ix_receivable_credit", "receivable", ["id"],
        postgresql_where=sa.text(f"{_OPEN} AND kind <> 'invoice'"),
    )  # fmt: skip
    op.create_index(
        "ix_receivable_part_paid", "receivable", ["open_minor"],
        postgresql_where=sa.text(f"{_OPEN} AND open_minor <> amount_minor"),
    )  # fmt: skip
    op.drop_index("ix_receivable_cover_order", table_name="receivable")


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_index(
        "ix_receivable_cover_order", "receivable", _ORDER, postgresql_where=sa.text(_OPEN)
    )
    for name in ("ix_receivable_part_paid", "ix_receivable_credit", "ix_receivable_open"):
        op.drop_index(name, table_name="receivable")
