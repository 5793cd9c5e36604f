"""Open receivables by date with what is open of them, and closed ones by age.

Revision 0016, after 0015.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_OPEN, _CLOSED = sa.text("closed_on IS NULL"), sa.text("closed_on IS NOT NULL")
_READ = ["open_minor", "contract_id"]


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for name, day in (("ix_receivable_due", "due_date"), ("ix_receivable_issued", "issue_date")):
        op.create_index(
            name, "receivable", [day, "id"], postgresql_where=_OPEN, postgresql_include=_READ
        )
    op.create_index("ix_receivable_closed", "receivable", ["id"], postgresql_where=_CLOSED)
    op.create_index(
        op.f("ix_receivable_issue_date"), "receivable", ["issue_date"], postgresql_using="brin"
    )
    op.drop_index(op.f("ix_receivable_due_date_id"), table_name="receivable")
    op.drop_index(op.f("ix_receivable_issue_date_id"), table_name="receivable")


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_index(op.f("ix_receivable_issue_date_id"), "receivable", ["issue_date", "id"])
    op.create_index(
        op.f("ix_receivable_due_date_id"), "receivable", ["due_date", "id"], postgresql_where=_OPEN
    )
    for name in (
        op.f("ix_receivable_issue_date"), "ix_receivable_closed", "ix_receivable_issued",
        "ix_receivable_due",
    ):  # fmt: skip
        op.drop_index(name, table_name="receivable")
