"""Whom a provider of single sign-on means.

Revision 0056, after 0055.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None

INSTANT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_table(
        "provider_account",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("linked_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_provider_account_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_account")),
    )
    op.create_index(op.f("ix_provider_account_person_id"), "provider_account", ["person_id"])
    op.create_index(
        op.f("ix_provider_account_issuer_subject"),
        "provider_account",
        ["issuer", "subject"],
        unique=True,
    )
    op.execute("SELECT keep_rows('provider_account')")


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.drop_table("provider_account")
