"""A stop that somebody told us of: its reader asked, or the address is not theirs.

Revision 0050, after 0049.
"""

from __future__ import annotations

from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

NAME = "ck_mail_stop_why"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    _known("'refused','returned','stopped','asked','wrong'")


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute("UPDATE mail_stop SET why = 'stopped' WHERE why IN ('asked','wrong')")
    _known("'refused','returned','stopped'")


def _known(reasons: str) -> None:
    op.drop_constraint(op.f(NAME), "mail_stop", type_="check")
    op.create_check_constraint(op.f(NAME), "mail_stop", f"why IN ({reasons})")
