"""Two people for rights, terms, prices, write-offs and what moves money, by the database too.

Revision 0052, after 0051.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from cessio.plumbing.migrate import run_sql

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

AGREED = (
    "payout_limits", "house_authority", "matching_settings", "offer_version", "fee_grid_version",
    "contract_terms", "index_fixing", "unpaid_settlement", "dunning_switch",
)  # fmt: skip
DROP = """
DROP TRIGGER person_rights ON person;
DROP TRIGGER remittance_reversal_agreed ON remittance_state;
DROP TRIGGER party_account_checker ON party_account;
DROP TRIGGER order_signature_signer ON order_signature;
DROP TRIGGER approval_two_people ON approval;
DROP FUNCTION check_rights(), check_agreed(), check_account_checker(), check_signer(),
  check_two_people(), person_behind(text);
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.add_column(
        "person", sa.Column("rights_at", postgresql.TIMESTAMP(timezone=True), nullable=True)
    )
    op.add_column("person", sa.Column("rights_by", sa.Text(), nullable=True))
    op.create_index(op.f("ix_approval_decided_at"), "approval", ["decided_at"])
    run_sql(op.get_bind(), "31_two_people.sql")


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for table in AGREED:
        op.execute(f"DROP TRIGGER {table}_agreed ON {table}")
    op.execute(DROP)
    op.drop_index(op.f("ix_approval_decided_at"), table_name="approval")
    op.drop_column("person", "rights_by")
    op.drop_column("person", "rights_at")
