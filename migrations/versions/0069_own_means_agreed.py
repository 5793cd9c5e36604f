"""What of the bank is the house's own is what two people said.

Revision 0069, after 0068.
"""

from __future__ import annotations

from alembic import op

revision = "0069"
down_revision = "0068"
branch_labels = None
depends_on = None

AGREED = """
CREATE TRIGGER own_means_agreed BEFORE INSERT ON cash_application
  FOR EACH ROW WHEN (NEW.kind IN ('capital', 'refinancing', 'cost', 'transfer'))
  EXECUTE FUNCTION check_agreed('by', 'at', 'own_means');
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(AGREED)


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute("DROP TRIGGER own_means_agreed ON cash_application")
