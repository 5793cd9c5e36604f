"""What somebody left here in a day is counted by an index.

Files wait for it a second or two: a row is small beside its bytes, which are elsewhere.

Revision 0070, after 0069.
"""

from __future__ import annotations

from alembic import op

revision = "0070"
down_revision = "0069"
branch_labels = None
depends_on = None

NAME = "ix_document_by_at"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_index(op.f(NAME), "document", ["by", "at"])


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.drop_index(op.f(NAME), "document")
