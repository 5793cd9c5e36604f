"""The bell, saved views of lists, and the appearance each person chose.

Revision 0006, after 0005.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_AT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.add_column("person", sa.Column("theme", sa.Text(), nullable=True))
    op.create_check_constraint("theme", "person", "theme IN ('auto', 'light', 'dark')")
    _notifications()
    _views()


def _notifications() -> None:
    op.create_table(
        "notification",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("params", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("href", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", _AT, nullable=False),
        sa.Column("in_digest", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("mailed_at", _AT, nullable=True),
        sa.Column("read_at", _AT, nullable=True),
        sa.CheckConstraint(
            "href LIKE '/%' AND href NOT LIKE '//%'", name=op.f("ck_notification_href")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_notification_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
    )
    op.create_index(
        op.f("ix_notification_person_id_key"), "notification", ["person_id", "key"], unique=True
    )
    op.create_index(op.f("ix_notification_person_id_id"), "notification", ["person_id", "id"])
    op.create_index(
        "ix_notification_unread", "notification", ["person_id"],
        postgresql_where=sa.text("read_at IS NULL"),
    )  # fmt: skip
    op.create_index(
        "ix_notification_digest", "notification", ["person_id", "id"],
        postgresql_where=sa.text("in_digest AND mailed_at IS NULL"),
    )  # fmt: skip
    op.create_table(
        "notification_choice",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("chosen_at", _AT, nullable=False),
        sa.CheckConstraint(
            "channel IN ('bell', 'digest', 'none')", name=op.f("ck_notification_choice_channel")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_notification_choice_person_id")
        ),
        sa.PrimaryKeyConstraint("person_id", "kind", name=op.f("pk_notification_choice")),
    )


def _views() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("shared", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", _AT, nullable=False),
        sa.Column("changed_at", _AT, nullable=True),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 60", name=op.f("ck_saved_view_name")),
        sa.CheckConstraint("length(query) BETWEEN 1 AND 2000", name=op.f("ck_saved_view_query")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_saved_view_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
    )
    op.create_index(
        op.f("ix_saved_view_person_id_page_name"), "saved_view", ["person_id", "page", "name"],
        unique=True,
    )  # fmt: skip
    op.create_index(
        "ix_saved_view_shared", "saved_view", ["page"], postgresql_where=sa.text("shared")
    )
    op.create_table(
        "default_view",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("view_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_default_view_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["view_id"], ["saved_view.id"], name=op.f("fk_default_view_view_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", "page", name=op.f("pk_default_view")),
    )  # fmt: skip
    op.create_index(op.f("ix_default_view_view_id"), "default_view", ["view_id"])


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.drop_table("default_view")
    op.drop_table("saved_view")
    op.drop_table("notification_choice")
    op.drop_table("notification")
    op.drop_constraint("ck_person_theme", "person")
    op.drop_column("person", "theme")
