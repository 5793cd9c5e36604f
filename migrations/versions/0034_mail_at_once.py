"""A notification may come by mail at once.

Revision 0034, after 0033.
"""

from __future__ import annotations

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

BEFORE, AFTER = "'bell', 'digest', 'none'", "'bell', 'mail', 'digest', 'none'"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    _allow(AFTER)


def _allow(channels: str) -> None:
    """The channels a choice may name; its rows are read without keeping writers out."""
    op.drop_constraint(op.f("ck_notification_choice_channel"), "notification_choice")
    op.execute(
        "ALTER TABLE notification_choice ADD CONSTRAINT ck_notification_choice_channel"
        f" CHECK (channel IN ({channels})) NOT VALID"
    )
    op.execute("ALTER TABLE notification_choice VALIDATE CONSTRAINT ck_notification_choice_channel")


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute("UPDATE notification_choice SET channel = 'digest' WHERE channel = 'mail'")
    _allow(BEFORE)
