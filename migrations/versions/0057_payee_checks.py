"""What banks say of a payee before it is paid, who accepted a doubtful one, and what signers saw.

Revision 0057, after 0056.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

INSTANT = postgresql.TIMESTAMP(timezone=True)

KEPT = """
CREATE FUNCTION refuse_payee_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% rows stay as they are', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER payee_check_kept BEFORE UPDATE ON payee_check
  FOR EACH ROW EXECUTE FUNCTION refuse_payee_edit();
CREATE TRIGGER payee_acceptance_kept BEFORE UPDATE ON payee_acceptance
  FOR EACH ROW EXECUTE FUNCTION refuse_payee_edit();
CREATE FUNCTION check_payee_acceptance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM payee_check WHERE id = NEW.check_id
              AND (person_id = NEW.person_id OR outcome NOT IN ('no_match', 'not_possible'))) THEN
    RAISE EXCEPTION 'another person accepts check %', NEW.check_id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER payee_accepted_by_another BEFORE INSERT ON payee_acceptance
  FOR EACH ROW EXECUTE FUNCTION check_payee_acceptance();
CREATE FUNCTION check_order_payees() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
      SELECT 1 FROM drawdown
        JOIN LATERAL (SELECT id, outcome FROM payee_check
                       WHERE iban = drawdown.iban AND name = drawdown.creditor_name
                       ORDER BY id DESC LIMIT 1) AS latest ON true
       WHERE drawdown.order_id = NEW.id AND latest.outcome IN ('no_match', 'not_possible')
         AND NOT EXISTS (SELECT 1 FROM payee_acceptance WHERE check_id = latest.id)) THEN
    RAISE EXCEPTION 'order % pays somebody whom the bank does not recognise', NEW.id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER payment_order_payees BEFORE UPDATE ON payment_order FOR EACH ROW
  WHEN (OLD.sent_at IS NULL AND NEW.sent_at IS NOT NULL)
  EXECUTE FUNCTION check_order_payees();
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.add_column("order_signature", sa.Column("payees_sha256", sa.LargeBinary(), nullable=True))
    op.create_table(
        "payee_check",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("iban", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("returned_name", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("checked_at", INSTANT, nullable=False),
        sa.Column("checked_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('match', 'close', 'no_match', 'not_possible')",
            name=op.f("ck_payee_check_outcome"),
        ),
        sa.CheckConstraint(
            "(outcome = 'close') = (returned_name IS NOT NULL)",
            name=op.f("ck_payee_check_returned"),
        ),
        sa.CheckConstraint("source IN ('portal', 'file')", name=op.f("ck_payee_check_source")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payee_check")),
    )
    op.create_index(op.f("ix_payee_check_iban_name_id"), "payee_check", ["iban", "name", "id"])
    op.create_table(
        "payee_acceptance",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("check_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("accepted_at", INSTANT, nullable=False),
        sa.Column("accepted_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["check_id"], ["payee_check.id"], name=op.f("fk_payee_acceptance_check_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_payee_acceptance_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payee_acceptance")),
        sa.UniqueConstraint("check_id", name=op.f("uq_payee_acceptance_check_id")),
    )
    op.execute(KEPT)
    for table in ("payee_check", "payee_acceptance"):
        op.execute(f"SELECT keep_rows('{table}')")


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute("DROP TRIGGER payment_order_payees ON payment_order")
    op.drop_table("payee_acceptance")
    op.drop_table("payee_check")
    for name in ("refuse_payee_edit", "check_payee_acceptance", "check_order_payees"):
        op.execute(f"DROP FUNCTION {name}()")
    op.drop_column("order_signature", "payees_sha256")
