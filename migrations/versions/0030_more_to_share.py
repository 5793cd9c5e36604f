"""Accounting and indicators may be shared too.

Revision 0030, after 0029.
"""

from __future__ import annotations

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

BEFORE = "'statements', 'costs', 'invoices', 'today', 'documents'"
AFTER = f"{BEFORE}, 'accounting', 'indicators'"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    _allow(AFTER)


def _allow(parts: str) -> None:
    """The parts a share may name; its rows are read without keeping writers out."""
    op.drop_constraint(op.f("ck_share_parts"), "share")
    op.execute(
        "ALTER TABLE share ADD CONSTRAINT ck_share_parts"
        f" CHECK (parts <@ ARRAY[{parts}] AND cardinality(parts) > 0) NOT VALID"
    )
    op.execute("ALTER TABLE share VALIDATE CONSTRAINT ck_share_parts")


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute("ALTER TABLE share DISABLE TRIGGER share_kept")
    op.execute(
        "UPDATE share SET parts = CASE WHEN parts <@ ARRAY['accounting', 'indicators']"
        " THEN ARRAY['statements'] ELSE array_remove(array_remove(parts, 'accounting'),"
        " 'indicators') END WHERE parts && ARRAY['accounting', 'indicators']"
    )
    op.execute("ALTER TABLE share ENABLE TRIGGER share_kept")
    _allow(BEFORE)
