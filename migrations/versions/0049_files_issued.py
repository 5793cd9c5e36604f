"""The hash of each statement file that was issued.

Revision 0049, after 0048.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.add_column("issued_statement", sa.Column("file_sha256", sa.LargeBinary(), nullable=True))
    op.create_index(
        op.f("ix_issued_statement_file_sha256"), "issued_statement", ["file_sha256"], unique=False
    )


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.drop_index(op.f("ix_issued_statement_file_sha256"), table_name="issued_statement")
    op.drop_column("issued_statement", "file_sha256")
