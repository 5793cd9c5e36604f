"""Reports that banks find in their folders by themselves.

Revision 0045, after 0044.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.add_column("issued_report", sa.Column("recipient_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_issued_report_recipient_id"), "issued_report", "recipient", ["recipient_id"],
        ["id"],
    )  # fmt: skip
    op.create_index(
        "uq_issued_report_recipient", "issued_report", ["recipient_id", "as_of", "format"],
        unique=True, postgresql_where=sa.text("recipient_id IS NOT NULL"),
    )  # fmt: skip
    op.create_table(
        "report_order",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("recipient_id", sa.BigInteger(), nullable=False),
        sa.Column("rhythm", sa.Text(), nullable=False),
        sa.Column("formats", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("set_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "rhythm IN ('monthly', 'weekly', 'daily', 'none')", name=op.f("ck_report_order_rhythm")
        ),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["recipient.id"], name=op.f("fk_report_order_recipient_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_order")),
    )
    op.create_index(op.f("ix_report_order_recipient_id_id"), "report_order", ["recipient_id", "id"])
    op.execute(
        "CREATE TRIGGER report_order_immutable BEFORE UPDATE OR DELETE ON report_order"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute("SELECT keep_rows('report_order')")


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.drop_table("report_order")
    op.drop_index("uq_issued_report_recipient", "issued_report")
    op.drop_column("issued_report", "recipient_id")
