"""Find what waits in the workbench, who applied what today, and a payer's earlier payments.

Revision 0007, after 0006.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cessio.plumbing.migrate import run_sql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_table(
        "waiting_line",
        sa.Column("bank_line_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("bank_line_id", name=op.f("pk_waiting_line")),
    )
    run_sql(op.get_bind(), "70_waiting_lines.sql")
    # The triggers hold new writers of bank_line back until this ends: no line is missed.
    op.execute(
        "INSERT INTO waiting_line (bank_line_id)"
        " SELECT id FROM bank_line WHERE applied_minor <> amount_minor"
    )
    op.create_index(
        op.f("ix_bank_line_party_name"),
        "bank_line",
        ["party_name"],
        postgresql_where=sa.text("party_name IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_cash_application_applied_on_by"), "cash_application", ["applied_on", "by"]
    )


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.drop_index(op.f("ix_cash_application_applied_on_by"), table_name="cash_application")
    op.drop_index(op.f("ix_bank_line_party_name"), table_name="bank_line")
    op.execute("DROP TRIGGER bank_line_applied ON bank_line")
    op.execute("DROP TRIGGER bank_line_arrived ON bank_line")
    op.execute("DROP FUNCTION note_applied_lines(), note_arrived_lines()")
    op.drop_table("waiting_line")
