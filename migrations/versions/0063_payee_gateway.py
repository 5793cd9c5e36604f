"""What banks say of payees may come by a gateway.

Revision 0063, after 0062.
"""

from __future__ import annotations

from alembic import op

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    _sources("'portal', 'file', 'gateway'")


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    _sources("'portal', 'file'", old_rows=False)


def _sources(known: str, *, old_rows: bool = True) -> None:
    """Rows stay as they are, so that a way back asks nothing of those there are."""
    op.drop_constraint(op.f("ck_payee_check_source"), "payee_check")
    op.create_check_constraint(
        op.f("ck_payee_check_source"),
        "payee_check",
        f"source IN ({known})",
        postgresql_not_valid=not old_rows,
    )
