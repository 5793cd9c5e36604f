"""Promises agreed together as instalments.

Revision 0047, after 0046.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.add_column("promise", sa.Column("schedule_id", sa.BigInteger(), nullable=True))
    op.execute("ALTER TABLE promise ADD CONSTRAINT fk_promise_schedule_id"
               " FOREIGN KEY (schedule_id) REFERENCES promise (id) NOT VALID")  # fmt: skip
    op.execute("ALTER TABLE promise VALIDATE CONSTRAINT fk_promise_schedule_id")
    op.create_index(op.f("ix_promise_schedule_id"), "promise", ["schedule_id"], unique=False,
                    postgresql_where=sa.text("schedule_id IS NOT NULL"))  # fmt: skip


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.drop_index(op.f("ix_promise_schedule_id"), "promise")
    op.drop_column("promise", "schedule_id")
