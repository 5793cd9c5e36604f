"""Dunning plans with their versions, for whom they hold, and what went out by them.

Revision 0031, after 0030.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from cessio.plumbing.migrate import run_sql

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

INSTANT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_table(
        "dunning_plan",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dunning_plan")),
        sa.UniqueConstraint("name", name=op.f("uq_dunning_plan_name")),
    )
    op.create_table(
        "dunning_version",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("catch_up_days", sa.BigInteger(), nullable=False),
        sa.Column("quiet_days", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("set_at", INSTANT, nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["dunning_plan.id"], name=op.f("fk_dunning_version_plan_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dunning_version")),
        sa.UniqueConstraint("plan_id", "version", name=op.f("uq_dunning_version_plan_id_version")),
    )
    op.create_table(
        "dunning_step",
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("days", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("track", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=True),
        sa.Column("min_minor", sa.BigInteger(), nullable=True),
        sa.Column("max_minor", sa.BigInteger(), nullable=True),
        sa.Column("segments", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("languages", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("modes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("in_dispute", sa.Boolean(), nullable=False),
        sa.Column("in_promise", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(template IS NOT NULL) = (track = 'written')", name=op.f("ck_dunning_step_text")
        ),
        sa.CheckConstraint(
            "channel IN ('mail','letter','registered','call','legal')",
            name=op.f("ck_dunning_step_channel"),
        ),
        sa.CheckConstraint("track IN ('written','called')", name=op.f("ck_dunning_step_track")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["dunning_version.id"], name=op.f("fk_dunning_step_version_id")
        ),
        sa.PrimaryKeyConstraint("version_id", "number", name=op.f("pk_dunning_step")),
    )
    op.create_table(
        "dunning_switch",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=True),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("switched_at", INSTANT, nullable=False),
        sa.Column("switched_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["dunning_plan.id"], name=op.f("fk_dunning_switch_plan_id")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["dunning_version.id"], name=op.f("fk_dunning_switch_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dunning_switch")),
    )
    op.create_index(
        op.f("ix_dunning_switch_plan_id_effective_from_id"),
        "dunning_switch",
        ["plan_id", "effective_from", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_dunning_switch_version_id"), "dunning_switch", ["version_id"], unique=False
    )
    op.create_table(
        "dunning_choice",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=True),
        sa.Column("debtor_id", sa.BigInteger(), nullable=True),
        sa.Column("contract_id", sa.BigInteger(), nullable=True),
        sa.Column("client_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("set_at", INSTANT, nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_dunning_choice_ended")
        ),
        sa.CheckConstraint(
            "num_nonnulls(debtor_id, contract_id, client_id) <= 1",
            name=op.f("ck_dunning_choice_one"),
        ),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_dunning_choice_client_id")
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_dunning_choice_contract_id")
        ),
        sa.ForeignKeyConstraint(
            ["debtor_id"], ["debtor.id"], name=op.f("fk_dunning_choice_debtor_id")
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["dunning_plan.id"], name=op.f("fk_dunning_choice_plan_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dunning_choice")),
    )
    op.create_index(
        op.f("ix_dunning_choice_client_id"), "dunning_choice", ["client_id"], unique=False
    )
    op.create_index(
        op.f("ix_dunning_choice_contract_id"), "dunning_choice", ["contract_id"], unique=False
    )
    op.create_index(
        op.f("ix_dunning_choice_debtor_id"), "dunning_choice", ["debtor_id"], unique=False
    )
    op.create_index(op.f("ix_dunning_choice_plan_id"), "dunning_choice", ["plan_id"], unique=False)
    op.create_index(
        "uq_dunning_choice_open",
        "dunning_choice",
        ["debtor_id", "contract_id", "client_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "dunning_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("letter_count", sa.BigInteger(), nullable=False),
        sa.Column("line_count", sa.BigInteger(), nullable=False),
        sa.Column("left_out_count", sa.BigInteger(), nullable=False),
        sa.Column("chosen_at", INSTANT, nullable=False),
        sa.Column("chosen_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_dunning_day")),
    )
    op.create_table(
        "dunning_letter",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("days", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=True),
        sa.Column("tone", sa.Text(), nullable=False),
        sa.Column("debtor_id", sa.BigInteger(), nullable=False),
        sa.Column("writer_id", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("line_count", sa.BigInteger(), nullable=False),
        sa.Column("open_minor", sa.BigInteger(), nullable=False),
        sa.Column("penalty_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("indemnity_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("written_at", INSTANT, nullable=True),
        sa.Column("written_by", sa.Text(), nullable=True),
        sa.Column("dropped", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "channel IN ('mail','letter','registered','call','legal')",
            name=op.f("ck_dunning_letter_channel"),
        ),
        sa.CheckConstraint(
            "dropped IS NULL OR written_at IS NOT NULL", name=op.f("ck_dunning_letter_dropped")
        ),
        sa.ForeignKeyConstraint(["day"], ["dunning_day.day"], name=op.f("fk_dunning_letter_day")),
        sa.ForeignKeyConstraint(
            ["debtor_id"], ["debtor.id"], name=op.f("fk_dunning_letter_debtor_id")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_dunning_letter_message_id")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["dunning_version.id"], name=op.f("fk_dunning_letter_version_id")
        ),
        sa.ForeignKeyConstraint(
            ["writer_id"], ["client.id"], name=op.f("fk_dunning_letter_writer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dunning_letter")),
        sa.UniqueConstraint("message_id", name=op.f("uq_dunning_letter_message_id")),
    )
    op.create_index(
        op.f("ix_dunning_letter_debtor_id_day"),
        "dunning_letter",
        ["debtor_id", "day"],
        unique=False,
    )
    op.create_index(
        op.f("ix_dunning_letter_version_id"), "dunning_letter", ["version_id"], unique=False
    )
    op.create_index(
        "ix_dunning_letter_waiting",
        "dunning_letter",
        ["id"],
        unique=False,
        postgresql_where=sa.text("written_at IS NULL"),
    )
    op.create_index(
        op.f("ix_dunning_letter_writer_id"), "dunning_letter", ["writer_id"], unique=False
    )
    op.create_index(
        "uq_dunning_letter_once",
        "dunning_letter",
        ["day", "debtor_id", "writer_id", "currency", "version_id", "tone"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "dunning_line",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("letter_id", sa.BigInteger(), nullable=False),
        sa.Column("receivable_id", sa.BigInteger(), nullable=False),
        sa.Column("due_date", sa.Date(), nullable=False),
        sa.Column("track", sa.Text(), nullable=False),
        sa.Column("days", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("open_minor", sa.BigInteger(), nullable=False),
        sa.Column("penalty_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("indemnity_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["dunning_letter.id"], name=op.f("fk_dunning_line_letter_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dunning_line")),
        sa.UniqueConstraint(
            "receivable_id",
            "due_date",
            "track",
            "days",
            name=op.f("uq_dunning_line_receivable_id_due_date_track_days"),
        ),
    )
    op.create_index(op.f("ix_dunning_line_letter_id"), "dunning_line", ["letter_id"], unique=False)
    run_sql(op.get_bind(), "92_dunning.sql")


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for table in (
        "dunning_line", "dunning_letter", "dunning_day", "dunning_choice", "dunning_switch",
        "dunning_step", "dunning_version", "dunning_plan",
    ):  # fmt: skip
        op.drop_table(table)
