"""A letter about several contracts has a code of each.

Revision 0046, after 0045.
"""

from __future__ import annotations

from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_unique_constraint(
        "uq_letter_code_message_id_contract_id", "letter_code", ["message_id", "contract_id"]
    )
    op.drop_constraint("uq_letter_code_message_id", "letter_code", type_="unique")


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_unique_constraint("uq_letter_code_message_id", "letter_code", ["message_id"])
    op.drop_constraint("uq_letter_code_message_id_contract_id", "letter_code", type_="unique")
