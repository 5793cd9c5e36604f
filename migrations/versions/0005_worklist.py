"""Notes, to-dos, items put off and handed over; more figures kept at the end of each day.

Revision 0005, after 0004.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

#: Notes on clients were kept in the trail alone before.
_NOTES = """
    INSERT INTO note (subject_kind, subject_id, body, written_at, written_by)
    SELECT 'client', subject_id, why, at, by FROM audit_event
     WHERE subject_kind = 'client' AND verb = 'client.note' AND why IS NOT NULL ORDER BY id
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_table(
        "note",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column(
            "mentions", postgresql.ARRAY(sa.BigInteger()), server_default="{}", nullable=False
        ),
        sa.Column("written_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.Column("pinned_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("pinned_by", sa.Text(), nullable=True),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "subject_kind IN ('client', 'debtor')", name=op.f("ck_note_subject_kind")
        ),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_note_ended")),
        sa.CheckConstraint(
            "(pinned_at IS NULL) = (pinned_by IS NULL)", name=op.f("ck_note_pinned")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
    )
    op.create_index(
        op.f("ix_note_subject_kind_subject_id_id"),
        "note",
        ["subject_kind", "subject_id", "id"],
        unique=False,
    )
    op.create_table(
        "hand_over",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("from_id", sa.BigInteger(), nullable=False),
        sa.Column("to_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_hand_over_ended")
        ),
        sa.CheckConstraint("from_id <> to_id", name=op.f("ck_hand_over_another")),
        sa.ForeignKeyConstraint(["from_id"], ["person.id"], name=op.f("fk_hand_over_from_id")),
        sa.ForeignKeyConstraint(["to_id"], ["person.id"], name=op.f("fk_hand_over_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_over")),
    )
    op.create_index(
        "uq_hand_over_open",
        "hand_over",
        ["kind", "number"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "put_off",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_put_off_ended")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_put_off_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_put_off")),
    )
    op.create_index(
        "uq_put_off_open",
        "put_off",
        ["person_id", "kind", "number"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "todo",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("note_id", sa.BigInteger(), nullable=True),
        sa.Column("asked_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("done_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("done_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "subject_kind IN ('client', 'debtor')", name=op.f("ck_todo_subject_kind")
        ),
        sa.CheckConstraint("(done_at IS NULL) = (done_by IS NULL)", name=op.f("ck_todo_done")),
        sa.ForeignKeyConstraint(["note_id"], ["note.id"], name=op.f("fk_todo_note_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_todo_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_todo")),
    )
    op.create_index(
        "ix_todo_owner_open",
        "todo",
        ["owner_id", "due_on"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_index(
        op.f("ix_todo_subject_kind_subject_id_id"),
        "todo",
        ["subject_kind", "subject_id", "id"],
        unique=False,
    )
    op.add_column(
        "availability_snapshot",
        sa.Column("current_account_minor", sa.BigInteger(), server_default="0", nullable=False),
    )
    op.add_column(
        "availability_snapshot",
        sa.Column("funds_in_use_minor", sa.BigInteger(), server_default="0", nullable=False),
    )
    op.add_column(
        "availability_snapshot",
        sa.Column("drawings_net_minor", sa.BigInteger(), server_default="0", nullable=False),
    )
    op.add_column(
        "availability_snapshot",
        sa.Column("retention_minor", sa.BigInteger(), server_default="0", nullable=False),
    )
    op.add_column(
        "availability_snapshot",
        sa.Column("withheld_minor", sa.BigInteger(), server_default="0", nullable=False),
    )
    op.add_column(
        "availability_snapshot",
        sa.Column("facility_minor", sa.BigInteger(), server_default="0", nullable=False),
    )
    op.create_index(
        op.f("ix_availability_snapshot_day"), "availability_snapshot", ["day"], unique=False
    )
    op.execute(_NOTES)


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.drop_index(op.f("ix_availability_snapshot_day"), table_name="availability_snapshot")
    op.drop_column("availability_snapshot", "facility_minor")
    op.drop_column("availability_snapshot", "withheld_minor")
    op.drop_column("availability_snapshot", "retention_minor")
    op.drop_column("availability_snapshot", "drawings_net_minor")
    op.drop_column("availability_snapshot", "funds_in_use_minor")
    op.drop_column("availability_snapshot", "current_account_minor")
    op.drop_index(op.f("ix_todo_subject_kind_subject_id_id"), table_name="todo")
    op.drop_index(
        "ix_todo_owner_open", table_name="todo", postgresql_where=sa.text("done_at IS NULL")
    )
    op.drop_table("todo")
    op.drop_index(
        "uq_put_off_open", table_name="put_off", postgresql_where=sa.text("ended_at IS NULL")
    )
    op.drop_table("put_off")
    op.drop_index(
        "uq_hand_over_open", table_name="hand_over", postgresql_where=sa.text("ended_at IS NULL")
    )
    op.drop_table("hand_over")
    op.drop_index(op.f("ix_note_subject_kind_subject_id_id"), table_name="note")
    op.drop_table("note")
