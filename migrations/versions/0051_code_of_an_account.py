"""The code that proves the account of a file for legal recovery.

Revision 0051, after 0050.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.add_column("recovery_file", sa.Column("verification_code", sa.Text(), nullable=True))
    op.create_index(
        op.f("ix_recovery_file_verification_code"), "recovery_file", ["verification_code"]
    )


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.drop_index(op.f("ix_recovery_file_verification_code"), "recovery_file")
    op.drop_column("recovery_file", "verification_code")
