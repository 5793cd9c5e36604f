"""What our services took from a current account is kept beside its balance.

Revision 0020, after 0019.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cessio.plumbing.migrate import run_sql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

#: Once, from all entries: the trigger is there, and no posting runs meanwhile.
_SO_FAR = """
    UPDATE ledger_account AS account SET charged_minor = made.minor
      FROM (SELECT entry.account_id, sum(entry.amount_minor)::bigint AS minor
              FROM ledger_account AS charged
              JOIN ledger_entry AS entry ON entry.account_id = charged.id
              JOIN ledger_transaction AS head ON head.id = entry.transaction_id
              LEFT JOIN ledger_transaction AS undone ON undone.id = head.reverses_id
             WHERE charged.kind = 'CLIENT_CURRENT' AND coalesce(undone.kind, head.kind)
                IN ('COMMISSION', 'FINANCING_COMMISSION', 'ANNUAL_MINIMUM', 'SERVICE_FEE')
             GROUP BY entry.account_id) AS made
     WHERE account.id = made.account_id
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.add_column(
        "ledger_account",
        sa.Column("charged_minor", sa.BigInteger(), server_default="0", nullable=False),
    )
    run_sql(op.get_bind(), "90_charges.sql")
    op.execute(_SO_FAR)


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute("DROP TRIGGER ledger_entry_charges ON ledger_entry")
    op.execute("DROP FUNCTION keep_charges()")
    op.drop_column("ledger_account", "charged_minor")
