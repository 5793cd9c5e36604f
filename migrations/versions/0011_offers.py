"""Products as the factor names them, and its fee grids.

Revision 0011, after 0010.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_table(
        "fee_grid",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), server_default="EUR", nullable=False),
        sa.Column("name_fr", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("retired_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("retired_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_grid")),
        sa.UniqueConstraint("code", name=op.f("uq_fee_grid_code")),
    )
    op.create_table(
        "offer",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name_fr", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("retired_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("retired_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
        sa.UniqueConstraint("code", name=op.f("uq_offer_code")),
    )
    op.create_table(
        "fee_grid_version",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("grid_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("set_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["grid_id"], ["fee_grid.id"], name=op.f("fk_fee_grid_version_grid_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_grid_version")),
        sa.UniqueConstraint("grid_id", "version", name=op.f("uq_fee_grid_version_grid_id_version")),
    )
    op.create_table(
        "offer_version",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("offer_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("terms", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("fee_grid_id", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("set_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["fee_grid_id"], ["fee_grid.id"], name=op.f("fk_offer_version_fee_grid_id")
        ),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_offer_version_offer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer_version")),
        sa.UniqueConstraint("offer_id", "version", name=op.f("uq_offer_version_offer_id_version")),
    )
    op.add_column("contract", sa.Column("offer_id", sa.BigInteger(), nullable=True))
    op.add_column("contract", sa.Column("fee_grid_id", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_contract_fee_grid_id"), "contract", ["fee_grid_id"], unique=False)
    op.create_index(op.f("ix_contract_offer_id"), "contract", ["offer_id"], unique=False)
    op.create_foreign_key(op.f("fk_contract_offer_id"), "contract", "offer", ["offer_id"], ["id"])
    op.create_foreign_key(
        op.f("fk_contract_fee_grid_id"), "contract", "fee_grid", ["fee_grid_id"], ["id"]
    )


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.drop_constraint(op.f("fk_contract_fee_grid_id"), "contract", type_="foreignkey")
    op.drop_constraint(op.f("fk_contract_offer_id"), "contract", type_="foreignkey")
    op.drop_index(op.f("ix_contract_offer_id"), table_name="contract")
    op.drop_index(op.f("ix_contract_fee_grid_id"), table_name="contract")
    op.drop_column("contract", "fee_grid_id")
    op.drop_column("contract", "offer_id")
    op.drop_table("offer_version")
    op.drop_table("fee_grid_version")
    op.drop_table("offer")
    op.drop_table("fee_grid")
