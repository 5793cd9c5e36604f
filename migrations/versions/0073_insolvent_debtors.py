"""The few insolvent debtors are found without reading all: every availability asks for them.

On 25,200 debtors that reading was half of what a contract's availability asks about debtors. The
table is small, and built over in a blink.

Revision 0073, after 0072.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0073"
down_revision = "0072"
branch_labels = None
depends_on = None

NAME = "ix_debtor_insolvent_on"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_index(
        op.f(NAME), "debtor", ["insolvent_on"],
        postgresql_where=sa.text("insolvent_on IS NOT NULL"),
    )  # fmt: skip


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.drop_index(op.f(NAME), "debtor")
