"""Client ids of programs, and the tokens of an hour that they get.

Revision 0055, after 0054.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

INSTANT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.add_column("api_token", sa.Column("client_key", sa.Text(), nullable=True))
    op.create_unique_constraint(op.f("uq_api_token_client_key"), "api_token", ["client_key"])
    op.create_table(
        "access_token",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("api_token_id", sa.BigInteger(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["api_token_id"], ["api_token.id"], name=op.f("fk_access_token_api_token_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_access_token_token_hash")),
    )
    op.create_index(op.f("ix_access_token_api_token_id"), "access_token", ["api_token_id"])
    op.create_index(op.f("ix_access_token_expires_at"), "access_token", ["expires_at"])


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.drop_table("access_token")
    op.drop_constraint(op.f("uq_api_token_client_key"), "api_token")
    op.drop_column("api_token", "client_key")
