"""SMS: as they leave, as messages, and as steps of a dunning plan.

Revision 0041, after 0040.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

INSTANT = postgresql.TIMESTAMP(timezone=True)
CHANNELS = "'mail','letter','registered','call','legal'"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_table(
        "outgoing_sms",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("business_key", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.Column("refused_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_sms")),
        sa.UniqueConstraint("business_key", name=op.f("uq_outgoing_sms_business_key")),
    )
    op.execute("SELECT keep_rows('outgoing_sms')")
    op.add_column("message", sa.Column("sms_id", sa.BigInteger(), nullable=True))
    _check("message", "channel", "channel IN ('mail', 'letter', 'sms')")
    _check("message", "texted", "(channel = 'sms') = (sms_id IS NOT NULL)")
    op.execute("ALTER TABLE message ADD CONSTRAINT fk_message_sms_id"
               " FOREIGN KEY (sms_id) REFERENCES outgoing_sms (id) NOT VALID")  # fmt: skip
    op.execute("ALTER TABLE message VALIDATE CONSTRAINT fk_message_sms_id")
    for table in ("dunning_step", "dunning_letter"):
        _check(table, "channel", "channel IN ('mail','sms','letter','registered','call','legal')")


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for table in ("dunning_step", "dunning_letter"):
        _check(table, "channel", f"channel IN ({CHANNELS})")
    op.execute("ALTER TABLE message DROP CONSTRAINT ck_message_texted")
    _check("message", "channel", "channel IN ('mail', 'letter')")
    op.drop_column("message", "sms_id")
    op.drop_table("outgoing_sms")


def _check(table: str, name: str, rule: str) -> None:
    """Another rule in the place of one of that name, without a long lock."""
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS ck_{table}_{name}")
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_{name} CHECK ({rule}) NOT VALID")
    op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT ck_{table}_{name}")
