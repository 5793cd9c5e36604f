"""Addresses that take no mail, and the mails that came back and went out on paper.

Revision 0037, after 0036.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

INSTANT = postgresql.TIMESTAMP(timezone=True)
PAPER = "ck_dunning_letter_returned"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_table(
        "mail_stop",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("mail_id", sa.BigInteger(), nullable=True),
        sa.Column("noted_at", INSTANT, nullable=False),
        sa.Column("noted_by", sa.Text(), nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "why IN ('refused','returned','stopped')", name=op.f("ck_mail_stop_why")
        ),
        sa.CheckConstraint("address = lower(address)", name=op.f("ck_mail_stop_address")),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_mail_stop_ended")
        ),
        sa.ForeignKeyConstraint(
            ["mail_id"], ["outgoing_mail.id"], name=op.f("fk_mail_stop_mail_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_stop")),
    )
    op.create_index("uq_mail_stop_open", "mail_stop", ["address"], unique=True,
                    postgresql_where=sa.text("ended_at IS NULL"))  # fmt: skip
    op.create_index(op.f("ix_mail_stop_mail_id"), "mail_stop", ["mail_id"], unique=False)
    op.create_index("ix_outgoing_mail_recipient", "outgoing_mail", [sa.text("lower(recipient)")],
                    unique=False)  # fmt: skip
    op.add_column("dunning_letter", sa.Column("paper_day", sa.Date(), nullable=True))
    op.add_column("dunning_letter", sa.Column("returned_id", sa.BigInteger(), nullable=True))
    op.execute(f"ALTER TABLE dunning_letter ADD CONSTRAINT {PAPER}"
               " CHECK ((paper_day IS NULL) = (returned_id IS NULL)) NOT VALID")  # fmt: skip
    op.execute(f"ALTER TABLE dunning_letter VALIDATE CONSTRAINT {PAPER}")
    op.execute("ALTER TABLE dunning_letter ADD CONSTRAINT fk_dunning_letter_returned_id"
               " FOREIGN KEY (returned_id) REFERENCES message (id) NOT VALID")  # fmt: skip
    op.execute("ALTER TABLE dunning_letter VALIDATE CONSTRAINT fk_dunning_letter_returned_id")
    op.create_index(op.f("ix_dunning_letter_paper_day"), "dunning_letter", ["paper_day"],
                    unique=False, postgresql_where=sa.text("paper_day IS NOT NULL"))  # fmt: skip
    op.create_index(op.f("ix_dunning_letter_returned_id"), "dunning_letter", ["returned_id"],
                    unique=False)  # fmt: skip


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.drop_index(op.f("ix_dunning_letter_returned_id"), "dunning_letter")
    op.drop_index(op.f("ix_dunning_letter_paper_day"), "dunning_letter")
    op.drop_column("dunning_letter", "returned_id")
    op.drop_column("dunning_letter", "paper_day")
    op.drop_index("ix_outgoing_mail_recipient", "outgoing_mail")
    op.drop_table("mail_stop")
