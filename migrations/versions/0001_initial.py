"""The schema of the first release: every table, then the functions and triggers of migrations/sql.

Revision 0001, after nothing.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from cessio.plumbing.migrate import run_sql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

#: What the files of migrations/sql made, except what belongs to an extension.
DROP_VIEWS = """
DO $$ DECLARE item record; BEGIN
  FOR item IN SELECT c.oid::regclass AS name, c.relkind FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('v', 'm')
      AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
  LOOP
    EXECUTE format('DROP %s IF EXISTS %s CASCADE',
      CASE item.relkind WHEN 'v' THEN 'VIEW' ELSE 'MATERIALIZED VIEW' END, item.name);
  END LOOP;
END $$
"""
DROP_FUNCTIONS = """
DO $$ DECLARE item record; BEGIN
  FOR item IN SELECT p.oid::regprocedure AS name FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace
      AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
  LOOP
    EXECUTE format('DROP ROUTINE IF EXISTS %s CASCADE', item.name);
  END LOOP;
END $$
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for extension in ("pg_trgm", "btree_gist", "unaccent"):
        op.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")

    op.create_table(
        "audit_event",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "before", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column(
            "after", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column("why", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    op.create_index(
        op.f("ix_audit_event_client_id_id"), "audit_event", ["client_id", "id"], unique=False
    )
    op.create_index(
        op.f("ix_audit_event_subject_kind_subject_id_id"),
        "audit_event",
        ["subject_kind", "subject_id", "id"],
        unique=False,
    )
    op.create_table(
        "bank_line",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("statement_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("occurrence", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("applied_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("value_date", sa.Date(), nullable=False),
        sa.Column("is_reversal", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("bank_ref", sa.Text(), nullable=True),
        sa.Column("end_to_end_id", sa.Text(), nullable=True),
        sa.Column("transaction_code", sa.Text(), nullable=True),
        sa.Column("party_name", sa.Text(), nullable=True),
        sa.Column("party_iban", sa.Text(), nullable=True),
        sa.Column("remittance_text", sa.Text(), nullable=True),
        sa.Column("structured_references", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("return_code", sa.Text(), nullable=True),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_bank_line_amount")),
        sa.CheckConstraint(
            "applied_minor BETWEEN least(amount_minor, 0) AND greatest(amount_minor, 0)",
            name=op.f("ck_bank_line_applied_within"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_line")),
        sa.UniqueConstraint(
            "account_id",
            "fingerprint",
            "occurrence",
            name=op.f("uq_bank_line_account_id_fingerprint_occurrence"),
        ),
        postgresql_with={"fillfactor": 45},
    )
    op.create_index(op.f("ix_bank_line_amount_minor"), "bank_line", ["amount_minor"], unique=False)
    op.create_index(
        op.f("ix_bank_line_end_to_end_id"), "bank_line", ["end_to_end_id"], unique=False
    )
    op.create_index(
        op.f("ix_bank_line_party_iban"),
        "bank_line",
        ["party_iban"],
        unique=False,
        postgresql_where=sa.text("party_iban IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_bank_line_statement_id_position"),
        "bank_line",
        ["statement_id", "position"],
        unique=False,
    )
    op.create_table(
        "cash_allocation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("receivable_id", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("kept_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_cash_allocation_amount")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cash_allocation")),
    )
    op.create_index(
        op.f("ix_cash_allocation_application_id"),
        "cash_allocation",
        ["application_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_cash_allocation_receivable_id"), "cash_allocation", ["receivable_id"], unique=False
    )
    op.create_table(
        "cash_application",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("bank_line_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("applied_on", sa.Date(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Numeric(precision=4, scale=3), nullable=True),
        sa.Column("reasons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=True),
        sa.Column("undone_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Text(), nullable=True),
        sa.Column("undone_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cash_application")),
    )
    op.create_index(
        op.f("ix_cash_application_bank_line_id"), "cash_application", ["bank_line_id"], unique=False
    )
    op.create_table(
        "closed_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("transaction_count", sa.BigInteger(), nullable=False),
        sa.Column("entry_count", sa.BigInteger(), nullable=False),
        sa.Column("last_entry_id", sa.BigInteger(), nullable=False),
        sa.Column("debit_minor", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("figures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("closed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("closed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_closed_day")),
    )
    op.create_table(
        "company_group",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company_group")),
        sa.UniqueConstraint("name", name=op.f("uq_company_group_name")),
    )
    op.create_table(
        "cover_history",
        sa.Column("receivable_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("covered_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("receivable_id", "from_on", name=op.f("pk_cover_history")),
    )
    op.create_table(
        "cover_position",
        sa.Column("contract_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("debtor_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("limit_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("order_key", sa.Text(), server_default="due_date", nullable=False),
        sa.Column("is_full", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("coverable_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("kept_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("covered_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last_assigned_on", sa.Date(), nullable=True),
        sa.Column("computed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("contract_id", "debtor_id", name=op.f("pk_cover_position")),
        postgresql_with={"fillfactor": 50},
    )
    op.create_index(
        op.f("ix_cover_position_debtor_id"), "cover_position", ["debtor_id"], unique=False
    )
    op.create_table(
        "cover_regime",
        sa.Column("contract_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("debtor_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("is_full", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint(
            "contract_id", "debtor_id", "from_on", name=op.f("pk_cover_regime")
        ),
    )
    op.create_table(
        "document",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=True),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
    )
    op.create_index(op.f("ix_document_client_id"), "document", ["client_id"], unique=False)
    op.create_index(op.f("ix_document_sha256"), "document", ["sha256"], unique=False)
    op.create_index(
        op.f("ix_document_subject_kind_subject_id"),
        "document",
        ["subject_kind", "subject_id"],
        unique=False,
    )
    op.create_table(
        "factor_account",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("iban", sa.Text(), nullable=False),
        sa.Column("bic", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("is_payout", sa.Boolean(), server_default="false", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_factor_account")),
        sa.UniqueConstraint("iban", name=op.f("uq_factor_account_iban")),
    )
    op.create_table(
        "factor_identity",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("legal", sa.Text(), nullable=False),
        sa.Column("siren", sa.Text(), nullable=False),
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("post_code", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("set_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_factor_identity")),
    )
    op.create_table(
        "idempotency_key",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("input_hash", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotency_key")),
    )
    op.create_index(
        op.f("ix_idempotency_key_actor_route_key"),
        "idempotency_key",
        ["actor", "route", "key"],
        unique=True,
    )
    op.create_table(
        "index_fixing",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("index_name", sa.Text(), nullable=False),
        sa.Column("fixed_on", sa.Date(), nullable=False),
        sa.Column("rate", sa.Numeric(precision=9, scale=6), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("recorded_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_index_fixing")),
        sa.UniqueConstraint(
            "index_name",
            "fixed_on",
            "recorded_at",
            name=op.f("uq_index_fixing_index_name_fixed_on_recorded_at"),
        ),
    )
    op.create_table(
        "job",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("business_key", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), server_default="queued", nullable=False),
        sa.Column("priority", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("run_after", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("lease_until", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("fence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("max_attempts", sa.BigInteger(), server_default="8", nullable=False),
        sa.Column("progress_done", sa.BigInteger(), nullable=True),
        sa.Column("progress_total", sa.BigInteger(), nullable=True),
        sa.Column("progress_note", sa.Text(), nullable=True),
        sa.Column(
            "result", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column(
            "error_params",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
        ),
        sa.Column("client_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("started_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("finished_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("requeued_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("requeued_by", sa.Text(), nullable=True),
        sa.Column("woken_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'running') = (lease_until IS NOT NULL)", name=op.f("ck_job_leased")
        ),
        sa.CheckConstraint(
            "state <> 'failed' OR run_after IS NOT NULL", name=op.f("ck_job_failed_runs_again")
        ),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'failed', 'dead')", name=op.f("ck_job_state")
        ),
        sa.CheckConstraint(
            "state NOT IN ('failed', 'dead') OR error IS NOT NULL", name=op.f("ck_job_explained")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    op.create_index(
        op.f("ix_job_client_id_id"),
        "job",
        ["client_id", "id"],
        unique=False,
        postgresql_where=sa.text("client_id IS NOT NULL"),
    )
    op.create_index(
        "ix_job_dead", "job", ["id"], unique=False, postgresql_where=sa.text("state = 'dead'")
    )
    op.create_index(op.f("ix_job_kind_business_key"), "job", ["kind", "business_key"], unique=True)
    op.create_index(
        "ix_job_open",
        "job",
        ["kind", "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('queued', 'failed', 'running')"),
    )
    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("balance_after_minor", sa.BigInteger(), nullable=False),
        sa.Column("account_version", sa.BigInteger(), nullable=False),
        sa.Column("receivable_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_ledger_entry_not_zero")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
    )
    op.create_index(
        op.f("ix_ledger_entry_receivable_id"),
        "ledger_entry",
        ["receivable_id"],
        unique=False,
        postgresql_where=sa.text("receivable_id IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_ledger_entry_transaction_id"), "ledger_entry", ["transaction_id"], unique=False
    )
    op.create_index(
        "uq_ledger_entry_account_version",
        "ledger_entry",
        ["account_id", "account_version"],
        unique=True,
    )
    op.create_table(
        "ledger_transaction",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source_kind", sa.Text(), nullable=False),
        sa.Column("source_id", sa.BigInteger(), nullable=False),
        sa.Column("effect", sa.Text(), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=True),
        sa.Column("value_date", sa.Date(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("reverses_id", sa.BigInteger(), nullable=True),
        sa.Column("memo", sa.Text(), nullable=True),
        sa.Column("input_hash", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "reverses_id <> id", name=op.f("ck_ledger_transaction_reverses_another")
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"],
            ["ledger_transaction.id"],
            name=op.f("fk_ledger_transaction_reverses_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_transaction")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_ledger_transaction_reverses_id")),
        sa.UniqueConstraint(
            "source_kind",
            "source_id",
            "effect",
            name=op.f("uq_ledger_transaction_source_kind_source_id_effect"),
        ),
    )
    op.create_index(
        op.f("ix_ledger_transaction_contract_id_recorded_at"),
        "ledger_transaction",
        ["contract_id", "recorded_at"],
        unique=False,
    )
    op.create_table(
        "match_proposal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("bank_line_id", sa.BigInteger(), nullable=False),
        sa.Column("rank", sa.BigInteger(), nullable=False),
        sa.Column("confidence", sa.Numeric(precision=4, scale=3), nullable=False),
        sa.Column("reasons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("allocations", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("rest_minor", sa.BigInteger(), nullable=False),
        sa.Column("made_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_proposal")),
    )
    op.create_index(
        op.f("ix_match_proposal_bank_line_id_rank"),
        "match_proposal",
        ["bank_line_id", "rank"],
        unique=True,
    )
    op.create_table(
        "matching_settings",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("auto_apply_from", sa.Numeric(precision=4, scale=3), nullable=False),
        sa.Column("tolerance_minor", sa.BigInteger(), nullable=False),
        sa.Column("set_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matching_settings")),
    )
    op.create_table(
        "outgoing_mail",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("business_key", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("sent_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_mail")),
        sa.UniqueConstraint("business_key", name=op.f("uq_outgoing_mail_business_key")),
    )
    op.create_index(
        op.f("ix_outgoing_mail_client_id_id"), "outgoing_mail", ["client_id", "id"], unique=False
    )
    op.create_table(
        "person",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=True),
        sa.Column("language", sa.Text(), server_default="fr", nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("disabled_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("disabled_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(audience = 'client') = (client_id IS NOT NULL)",
            name=op.f("ck_person_client_of_client"),
        ),
        sa.CheckConstraint(
            "(audience = 'client') = (role IN ('signatory', 'operator', 'reader'))",
            name=op.f("ck_person_role_of_audience"),
        ),
        sa.CheckConstraint("audience IN ('staff', 'client')", name=op.f("ck_person_audience")),
        sa.CheckConstraint(
            "role IN ('admin', 'account_manager', 'credit_analyst', 'cash_clerk', 'treasury', 'collector', 'auditor', 'signatory', 'operator', 'reader')",
            name=op.f("ck_person_role"),
        ),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_person_email_lower")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
    )
    op.create_index(op.f("ix_person_client_id"), "person", ["client_id"], unique=False)
    op.create_table(
        "receivable",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("debtor_id", sa.BigInteger(), nullable=False),
        sa.Column("remittance_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(collation="C"), nullable=False),
        sa.Column("number_key", sa.Text(collation="C"), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=True),
        sa.Column("issue_date", sa.Date(), nullable=False),
        sa.Column("due_date", sa.Date(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("vat_minor", sa.BigInteger(), nullable=True),
        sa.Column("open_minor", sa.BigInteger(), nullable=False),
        sa.Column("order_ref", sa.Text(), nullable=True),
        sa.Column("original_id", sa.BigInteger(), nullable=True),
        sa.Column("assigned_on", sa.Date(), nullable=False),
        sa.Column("assigned_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("reversed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(kind = 'invoice') = (amount_minor > 0)", name=op.f("ck_receivable_sign")
        ),
        sa.CheckConstraint(
            "kind IN ('invoice','credit_note','on_account')", name=op.f("ck_receivable_kind")
        ),
        sa.CheckConstraint(
            "(open_minor = 0) = (closed_on IS NOT NULL)", name=op.f("ck_receivable_closed")
        ),
        sa.CheckConstraint(
            "open_minor BETWEEN least(amount_minor, 0) AND greatest(amount_minor, 0)",
            name=op.f("ck_receivable_open_within"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receivable")),
        postgresql_with={"fillfactor": 80},
    )
    op.create_index(
        op.f("ix_receivable_amount_minor_id"), "receivable", ["amount_minor", "id"], unique=False
    )
    op.create_index(
        op.f("ix_receivable_contract_id_id"), "receivable", ["contract_id", "id"], unique=False
    )
    op.create_index(
        "ix_receivable_cover_order",
        "receivable",
        ["contract_id", "debtor_id", "due_date", "number"],
        unique=False,
        postgresql_where=sa.text("closed_on IS NULL"),
    )
    op.create_index(
        op.f("ix_receivable_debtor_id"),
        "receivable",
        ["debtor_id"],
        unique=False,
        postgresql_where=sa.text("closed_on IS NULL"),
    )
    op.create_index(
        op.f("ix_receivable_due_date_id"),
        "receivable",
        ["due_date", "id"],
        unique=False,
        postgresql_where=sa.text("closed_on IS NULL"),
    )
    op.create_index(
        op.f("ix_receivable_number_key_id"), "receivable", ["number_key", "id"], unique=False
    )
    op.create_index(
        op.f("ix_receivable_remittance_id"), "receivable", ["remittance_id"], unique=False
    )
    op.create_index(
        "ix_receivable_reversed",
        "receivable",
        ["id"],
        unique=False,
        postgresql_where=sa.text("reversed_at IS NOT NULL"),
    )
    op.create_index(
        "uq_receivable_fingerprint",
        "receivable",
        ["fingerprint"],
        unique=True,
        postgresql_where=sa.text("reversed_at IS NULL AND fingerprint IS NOT NULL"),
    )
    op.create_table(
        "receivable_cover",
        sa.Column("receivable_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("debtor_id", sa.BigInteger(), nullable=False),
        sa.Column("covered_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("covered_minor > 0", name=op.f("ck_receivable_cover_covered")),
        sa.PrimaryKeyConstraint("receivable_id", name=op.f("pk_receivable_cover")),
        postgresql_with={"fillfactor": 50},
    )
    op.create_index(
        op.f("ix_receivable_cover_contract_id_debtor_id"),
        "receivable_cover",
        ["contract_id", "debtor_id"],
        unique=False,
    )
    op.create_table(
        "remittance_line",
        sa.Column("remittance_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("line", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("receivable_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("number_key", sa.Text(), nullable=True),
        sa.Column("debtor_id", sa.BigInteger(), nullable=True),
        sa.Column("debtor_siren", sa.Text(), nullable=True),
        sa.Column("debtor_vat", sa.Text(), nullable=True),
        sa.Column("debtor_name", sa.Text(), nullable=True),
        sa.Column("issue_date", sa.Date(), nullable=True),
        sa.Column("due_date", sa.Date(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("vat_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("order_ref", sa.Text(), nullable=True),
        sa.Column("original_number", sa.Text(), nullable=True),
        sa.Column("original_key", sa.Text(), nullable=True),
        sa.Column("verdict", sa.Text(), server_default="accepted", nullable=False),
        sa.Column(
            "reasons", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False
        ),
        sa.Column("faults", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("raw", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint(
            "verdict IN ('accepted','warning','refused')", name=op.f("ck_remittance_line_verdict")
        ),
        sa.PrimaryKeyConstraint("remittance_id", "line", name=op.f("pk_remittance_line")),
    )
    op.create_table(
        "scheduled_job",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("cron", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("next_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("last_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("last_job_id", sa.BigInteger(), nullable=True),
        sa.Column("changed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("changed_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_scheduled_job")),
    )
    op.create_table(
        "set_off",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("credit_id", sa.BigInteger(), nullable=False),
        sa.Column("invoice_id", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("remittance_id", sa.BigInteger(), nullable=True),
        sa.Column("made_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("undone_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Text(), nullable=True),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_set_off_amount")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_set_off")),
    )
    op.create_index(op.f("ix_set_off_credit_id"), "set_off", ["credit_id"], unique=False)
    op.create_index(op.f("ix_set_off_invoice_id"), "set_off", ["invoice_id"], unique=False)
    op.create_index(
        op.f("ix_set_off_remittance_id"),
        "set_off",
        ["remittance_id"],
        unique=False,
        postgresql_where=sa.text("remittance_id IS NOT NULL"),
    )
    op.create_table(
        "settlement_run",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("done_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("done_by", sa.Text(), nullable=False),
        sa.Column("contract_count", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_run")),
        sa.UniqueConstraint("day", "step", name=op.f("uq_settlement_run_day_step")),
    )
    op.create_index(op.f("ix_settlement_run_day"), "settlement_run", ["day"], unique=False)
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("succeeded", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
    )
    op.create_index(
        op.f("ix_sign_in_attempt_email_at"), "sign_in_attempt", ["email", "at"], unique=False
    )
    op.create_index(
        op.f("ix_sign_in_attempt_network_at"), "sign_in_attempt", ["network", "at"], unique=False
    )
    op.create_table(
        "api_token",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("expires_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("used_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_api_token_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_token_token_hash")),
    )
    op.create_index(op.f("ix_api_token_person_id"), "api_token", ["person_id"], unique=False)
    op.create_table(
        "bank_statement",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("statement_ref", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("balances_known", sa.Boolean(), nullable=False),
        sa.Column("opening_minor", sa.BigInteger(), nullable=False),
        sa.Column("movements_minor", sa.BigInteger(), nullable=False),
        sa.Column("closing_minor", sa.BigInteger(), nullable=False),
        sa.Column("line_count", sa.BigInteger(), nullable=False),
        sa.Column("warnings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("imported_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("imported_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "closing_minor = opening_minor + movements_minor OR NOT balances_known",
            name=op.f("ck_bank_statement_balances"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["factor_account.id"], name=op.f("fk_bank_statement_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_bank_statement_document_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_statement")),
        sa.UniqueConstraint(
            "account_id",
            "statement_ref",
            "from_on",
            "to_on",
            name=op.f("uq_bank_statement_account_id_statement_ref_from_on_to_on"),
        ),
    )
    op.create_index(
        op.f("ix_bank_statement_account_id_to_on"),
        "bank_statement",
        ["account_id", "to_on"],
        unique=False,
    )
    op.create_table(
        "company",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("trade_name", sa.Text(), nullable=True),
        sa.Column("trade_key", sa.Text(), nullable=True),
        sa.Column("legal_form", sa.Text(), nullable=True),
        sa.Column("siren", sa.Text(), nullable=True),
        sa.Column("siret", sa.Text(), nullable=True),
        sa.Column("vat_number", sa.Text(), nullable=True),
        sa.Column("registration_number", sa.Text(), nullable=True),
        sa.Column("rcs_city", sa.Text(), nullable=True),
        sa.Column("activity_code", sa.Text(), nullable=True),
        sa.Column("founded_on", sa.Date(), nullable=True),
        sa.Column("share_capital_minor", sa.BigInteger(), nullable=True),
        sa.Column("street", sa.Text(), nullable=True),
        sa.Column("post_code", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), server_default="FR", nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.CheckConstraint("country ~ '^[A-Z]{2}$'", name=op.f("ck_company_country")),
        sa.CheckConstraint("siren IS NULL OR siren ~ '^[0-9]{9}$'", name=op.f("ck_company_siren")),
        sa.CheckConstraint(
            "siret IS NULL OR (siret ~ '^[0-9]{14}$' AND left(siret, 9) = siren)",
            name=op.f("ck_company_siret"),
        ),
        sa.CheckConstraint(
            "siren IS NOT NULL OR vat_number IS NOT NULL OR registration_number IS NOT NULL",
            name=op.f("ck_company_identified"),
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["company_group.id"], name=op.f("fk_company_group_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company")),
        sa.UniqueConstraint("siren", name=op.f("uq_company_siren")),
        sa.UniqueConstraint("vat_number", name=op.f("uq_company_vat_number")),
    )
    op.create_index(op.f("ix_company_group_id"), "company", ["group_id"], unique=False)
    op.create_index(op.f("ix_company_name_key_id"), "company", ["name_key", "id"], unique=False)
    op.create_index(
        "ix_company_name_trgm",
        "company",
        ["name_key"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"name_key": "gin_trgm_ops"},
    )
    op.create_index(
        "ix_company_trade_trgm",
        "company",
        ["trade_key"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"trade_key": "gin_trgm_ops"},
    )
    op.create_index(
        "uq_company_registration",
        "company",
        ["registration_number", "country"],
        unique=True,
        postgresql_where=sa.text("registration_number IS NOT NULL"),
    )
    op.create_table(
        "parked_line",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("bank_line_id", sa.BigInteger(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("parked_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("parked_by", sa.Text(), nullable=False),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_parked_line_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parked_line")),
    )
    op.create_index(
        "uq_parked_line_open",
        "parked_line",
        ["bank_line_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "payment_order",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("execute_on", sa.Date(), nullable=False),
        sa.Column("payment_count", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("sealed_by", sa.Text(), nullable=False),
        sa.Column("sent_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("sent_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["factor_account.id"], name=op.f("fk_payment_order_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_payment_order_document_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_order")),
        sa.UniqueConstraint("message_id", name=op.f("uq_payment_order_message_id")),
    )
    op.create_table(
        "web_session",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("csrf_token", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("proved_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("seen_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("expires_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_web_session_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_web_session_token_hash")),
    )
    op.create_index(op.f("ix_web_session_person_id"), "web_session", ["person_id"], unique=False)
    op.create_table(
        "bank_answer",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("group_status", sa.Text(), nullable=True),
        sa.Column("statuses", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("received_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("received_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_bank_answer_document_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["payment_order.id"], name=op.f("fk_bank_answer_order_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_answer")),
    )
    op.create_index(op.f("ix_bank_answer_order_id"), "bank_answer", ["order_id"], unique=False)
    op.create_table(
        "client",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("account_manager_id", sa.BigInteger(), nullable=True),
        sa.Column("collector_id", sa.BigInteger(), nullable=True),
        sa.Column("segment", sa.Text(), nullable=True),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.CheckConstraint("code ~ '^[A-Z0-9][A-Z0-9-]{1,19}$'", name=op.f("ck_client_code")),
        sa.ForeignKeyConstraint(
            ["account_manager_id"], ["person.id"], name=op.f("fk_client_account_manager_id")
        ),
        sa.ForeignKeyConstraint(
            ["collector_id"], ["person.id"], name=op.f("fk_client_collector_id")
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_client_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client")),
        sa.UniqueConstraint("code", name=op.f("uq_client_code")),
        sa.UniqueConstraint("company_id", name=op.f("uq_client_company_id")),
    )
    op.create_table(
        "contact",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("function", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), server_default="fr", nullable=False),
        sa.Column("added_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_contact_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    op.create_index(op.f("ix_contact_company_id"), "contact", ["company_id"], unique=False)
    op.create_table(
        "debtor",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("segment", sa.Text(), server_default="new", nullable=False),
        sa.Column("payment_terms_days", sa.BigInteger(), nullable=True),
        sa.Column("language", sa.Text(), server_default="fr", nullable=False),
        sa.Column("insolvent_on", sa.Date(), nullable=True),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "segment IN ('regular', 'new', 'at_risk')", name=op.f("ck_debtor_segment")
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_debtor_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_debtor")),
        sa.UniqueConstraint("company_id", name=op.f("uq_debtor_company_id")),
    )
    op.create_table(
        "party_account",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("iban", sa.Text(), nullable=False),
        sa.Column("bic", sa.Text(), nullable=True),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("is_payout", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("added_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("confirmed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.Text(), nullable=True),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "confirmed_by <> added_by", name=op.f("ck_party_account_confirmed_by_another")
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_party_account_company_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party_account")),
    )
    op.create_index(op.f("ix_party_account_iban"), "party_account", ["iban"], unique=False)
    op.create_index(
        "uq_party_account_open",
        "party_account",
        ["company_id", "iban"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "approval",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=True),
        sa.Column("subject_hash", sa.LargeBinary(), nullable=False),
        sa.Column("summary", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("maker", sa.Text(), nullable=False),
        sa.Column("maker_id", sa.BigInteger(), nullable=True),
        sa.Column("asked_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("checker", sa.Text(), nullable=True),
        sa.Column("checker_id", sa.BigInteger(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decided_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "decision IN ('approved', 'rejected', 'void')", name=op.f("ck_approval_decision")
        ),
        sa.CheckConstraint(
            "decision IS NULL OR decision = 'void' OR checker_id IS NOT NULL",
            name=op.f("ck_approval_checked"),
        ),
        sa.CheckConstraint(
            "(decision IS NULL) = (decided_at IS NULL)", name=op.f("ck_approval_decided")
        ),
        sa.CheckConstraint("maker <> checker", name=op.f("ck_approval_maker_is_not_checker")),
        sa.CheckConstraint("maker_id <> checker_id", name=op.f("ck_approval_two_people")),
        sa.ForeignKeyConstraint(["checker_id"], ["person.id"], name=op.f("fk_approval_checker_id")),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_approval_client_id")),
        sa.ForeignKeyConstraint(["maker_id"], ["person.id"], name=op.f("fk_approval_maker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
    )
    op.create_index(
        "uq_approval_open",
        "approval",
        ["subject_kind", "subject_id"],
        unique=True,
        postgresql_where=sa.text("decision IS NULL"),
    )
    op.create_table(
        "column_mapping",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("header_hash", sa.LargeBinary(), nullable=False),
        sa.Column("mapping", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("saved_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("saved_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_column_mapping_client_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_column_mapping")),
        sa.UniqueConstraint(
            "client_id", "header_hash", name=op.f("uq_column_mapping_client_id_header_hash")
        ),
    )
    op.create_table(
        "contract",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), server_default="EUR", nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("language", sa.Text(), server_default="fr", nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_contract_currency")),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_contract_client_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract")),
        sa.UniqueConstraint("reference", name=op.f("uq_contract_reference")),
    )
    op.create_index(op.f("ix_contract_client_id"), "contract", ["client_id"], unique=False)
    op.create_table(
        "payer_alias",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("debtor_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("seen", sa.Text(), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=True),
        sa.Column("learned_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("learned_by", sa.Text(), nullable=False),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('iban', 'name')", name=op.f("ck_payer_alias_kind")),
        sa.ForeignKeyConstraint(
            ["debtor_id"], ["debtor.id"], name=op.f("fk_payer_alias_debtor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payer_alias")),
    )
    op.create_index(
        op.f("ix_payer_alias_application_id"), "payer_alias", ["application_id"], unique=False
    )
    op.create_index(op.f("ix_payer_alias_debtor_id"), "payer_alias", ["debtor_id"], unique=False)
    op.create_index(
        "uq_payer_alias_open",
        "payer_alias",
        ["kind", "key", "debtor_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "availability_snapshot",
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("outstanding_minor", sa.BigInteger(), nullable=False),
        sa.Column("fundable_minor", sa.BigInteger(), nullable=False),
        sa.Column("available_minor", sa.BigInteger(), nullable=False),
        sa.Column("payable_minor", sa.BigInteger(), nullable=False),
        sa.Column("lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("taken_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_availability_snapshot_contract_id")
        ),
        sa.PrimaryKeyConstraint("contract_id", "day", name=op.f("pk_availability_snapshot")),
    )
    op.create_table(
        "contract_reserve",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_contract_reserve_contract_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_reserve")),
    )
    op.create_index(
        op.f("ix_contract_reserve_contract_id"), "contract_reserve", ["contract_id"], unique=False
    )
    op.create_table(
        "contract_terms",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("decided_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("recourse_mode", sa.Text(), nullable=False),
        sa.Column("notification_mode", sa.Text(), nullable=False),
        sa.Column("transfer_mode", sa.Text(), nullable=False),
        sa.Column("einvoicing_role", sa.Text(), nullable=False),
        sa.Column("einvoicing_routing", sa.Text(), nullable=False),
        sa.Column("funding_mode", sa.Text(), nullable=False),
        sa.Column("minimum_drawdown_minor", sa.BigInteger(), nullable=False),
        sa.Column("standing_reserve_minor", sa.BigInteger(), nullable=False),
        sa.Column("advance_mode", sa.Text(), nullable=False),
        sa.Column("advance_rate", sa.Numeric(precision=9, scale=6), nullable=False),
        sa.Column("retention_rate", sa.Numeric(precision=9, scale=6), nullable=False),
        sa.Column("retention_base", sa.Text(), nullable=False),
        sa.Column("retention_build_up", sa.Text(), nullable=False),
        sa.Column("retention_min_minor", sa.BigInteger(), nullable=False),
        sa.Column("retention_max_minor", sa.BigInteger(), nullable=True),
        sa.Column("retention_interest_free_rate", sa.Numeric(precision=9, scale=6), nullable=False),
        sa.Column("retention_release_allowed", sa.Boolean(), nullable=False),
        sa.Column("concentration_rate", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("concentration_base", sa.Text(), nullable=False),
        sa.Column("funding_limit_rule", sa.Text(), nullable=False),
        sa.Column("new_debtor_days", sa.BigInteger(), nullable=False),
        sa.Column("new_debtor_limit_minor", sa.BigInteger(), nullable=True),
        sa.Column("facility_limit_minor", sa.BigInteger(), nullable=False),
        sa.Column("cover_order_key", sa.Text(), nullable=False),
        sa.Column("cover_reduction_mode", sa.Text(), nullable=False),
        sa.Column("cover_rate_default", sa.Numeric(precision=9, scale=6), nullable=False),
        sa.Column("blanket_cover_minor", sa.BigInteger(), nullable=False),
        sa.Column("guarantee_claim_days", sa.BigInteger(), nullable=False),
        sa.Column("recourse_days", sa.BigInteger(), nullable=False),
        sa.Column("recourse_basis", sa.Text(), nullable=False),
        sa.Column("dispute_days_before_defunding", sa.BigInteger(), nullable=False),
        sa.Column("overdue_days_ineligible", sa.BigInteger(), nullable=True),
        sa.Column("invoice_age_days_ineligible", sa.BigInteger(), nullable=True),
        sa.Column("payment_term_days_max", sa.BigInteger(), nullable=True),
        sa.Column("cross_ageing_rate", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("ineligible_reasons", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("interest_index", sa.Text(), nullable=False),
        sa.Column("interest_index_floor", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("interest_margin", sa.Numeric(precision=9, scale=6), nullable=False),
        sa.Column("interest_day_basis", sa.BigInteger(), nullable=False),
        sa.Column("commission_timing", sa.Text(), nullable=False),
        sa.Column("pre_counted_refund", sa.Boolean(), nullable=False),
        sa.Column("value_days_in", sa.BigInteger(), nullable=False),
        sa.Column("value_days_out", sa.BigInteger(), nullable=False),
        sa.Column("commission_rate", sa.Numeric(precision=9, scale=6), nullable=False),
        sa.Column("commission_minimum_minor", sa.BigInteger(), nullable=False),
        sa.Column("commission_vat_rate", sa.Numeric(precision=9, scale=6), nullable=False),
        sa.Column("commission_on_credit_notes", sa.Boolean(), nullable=False),
        sa.Column("annual_minimum_minor", sa.BigInteger(), nullable=False),
        sa.Column("reserve_dilution_rate", sa.Numeric(precision=9, scale=6), nullable=False),
        sa.Column("minimum_remittance_minor", sa.BigInteger(), nullable=False),
        sa.Column("auto_accept_max_minor", sa.BigInteger(), nullable=True),
        sa.Column("verification_min_minor", sa.BigInteger(), nullable=True),
        sa.Column("verification_sample_rate", sa.Numeric(precision=9, scale=6), nullable=False),
        sa.Column("auto_cancel_unused_approval_days", sa.BigInteger(), nullable=True),
        sa.Column("unused_approval_notice_days", sa.BigInteger(), nullable=False),
        sa.Column("payout_approval_threshold_minor", sa.BigInteger(), nullable=False),
        sa.Column("payment_terms_days_default", sa.BigInteger(), nullable=False),
        sa.Column("late_fin_de_mois_reading", sa.Text(), nullable=False),
        sa.Column("late_basis", sa.Text(), nullable=False),
        sa.Column("late_fixed_rate", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("late_day_count", sa.BigInteger(), nullable=False),
        sa.Column("recovery_indemnity_minor", sa.BigInteger(), nullable=False),
        sa.Column("direct_payment_days", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "advance_rate BETWEEN 0 AND 1", name=op.f("ck_contract_terms_advance_rate")
        ),
        sa.CheckConstraint(
            "facility_limit_minor >= 0", name=op.f("ck_contract_terms_facility_limit")
        ),
        sa.CheckConstraint(
            "retention_rate BETWEEN 0 AND 1", name=op.f("ck_contract_terms_retention_rate")
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_contract_terms_contract_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_terms")),
        sa.UniqueConstraint(
            "contract_id",
            "effective_from",
            "version",
            name=op.f("uq_contract_terms_contract_id_effective_from_version"),
        ),
    )
    op.create_table(
        "credit_limit",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("debtor_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("cover_rate", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("is_temporary", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("insurer", sa.Text(), nullable=True),
        sa.Column("insurer_reference", sa.Text(), nullable=True),
        sa.Column("conditions", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('cover', 'funding')", name=op.f("ck_credit_limit_kind")),
        sa.CheckConstraint(
            "NOT is_temporary OR valid_to IS NOT NULL", name=op.f("ck_credit_limit_temporary_ends")
        ),
        sa.CheckConstraint("amount_minor >= 0", name=op.f("ck_credit_limit_amount")),
        sa.CheckConstraint("cover_rate BETWEEN 0 AND 1", name=op.f("ck_credit_limit_cover_rate")),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_credit_limit_validity")
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_credit_limit_contract_id")
        ),
        sa.ForeignKeyConstraint(
            ["debtor_id"], ["debtor.id"], name=op.f("fk_credit_limit_debtor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_limit")),
    )
    op.create_index(
        op.f("ix_credit_limit_contract_id_debtor_id"),
        "credit_limit",
        ["contract_id", "debtor_id"],
        unique=False,
    )
    op.create_index(op.f("ix_credit_limit_debtor_id"), "credit_limit", ["debtor_id"], unique=False)
    op.create_index(
        "uq_credit_limit_permanent",
        "credit_limit",
        ["contract_id", "debtor_id", "kind"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL AND NOT is_temporary"),
    )
    op.create_table(
        "dispute",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("receivable_id", sa.BigInteger(), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("opened_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_dispute_amount")),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_dispute_contract_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute")),
    )
    op.create_index(op.f("ix_dispute_contract_id"), "dispute", ["contract_id"], unique=False)
    op.create_index(op.f("ix_dispute_receivable_id"), "dispute", ["receivable_id"], unique=False)
    op.create_index(
        "uq_dispute_open",
        "dispute",
        ["receivable_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "drawdown",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("requested_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("requested_on", sa.Date(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column(
            "reasons", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False
        ),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("iban", sa.Text(), nullable=True),
        sa.Column("bic", sa.Text(), nullable=True),
        sa.Column("creditor_name", sa.Text(), nullable=True),
        sa.Column("end_to_end_id", sa.Text(), nullable=True),
        sa.Column("transaction_id", sa.BigInteger(), nullable=True),
        sa.Column("commission_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("commission_transaction_id", sa.BigInteger(), nullable=True),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('requested','granted','ordered','paid','rejected','refused','cancelled')",
            name=op.f("ck_drawdown_state"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_drawdown_amount")),
        sa.ForeignKeyConstraint(
            ["commission_transaction_id"],
            ["ledger_transaction.id"],
            name=op.f("fk_drawdown_commission_transaction_id"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_drawdown_contract_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["payment_order.id"], name=op.f("fk_drawdown_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["transaction_id"], ["ledger_transaction.id"], name=op.f("fk_drawdown_transaction_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drawdown")),
    )
    op.create_index(
        op.f("ix_drawdown_contract_id_requested_at"),
        "drawdown",
        ["contract_id", "requested_at"],
        unique=False,
    )
    op.create_index(op.f("ix_drawdown_end_to_end_id"), "drawdown", ["end_to_end_id"], unique=True)
    op.create_index(op.f("ix_drawdown_order_id"), "drawdown", ["order_id"], unique=False)
    op.create_index(
        op.f("ix_drawdown_state"),
        "drawdown",
        ["state"],
        unique=False,
        postgresql_where=sa.text("state IN ('requested','granted','ordered')"),
    )
    op.create_table(
        "excluded_debtor",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("debtor_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("since_by", sa.Text(), nullable=False),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_excluded_debtor_contract_id")
        ),
        sa.ForeignKeyConstraint(
            ["debtor_id"], ["debtor.id"], name=op.f("fk_excluded_debtor_debtor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_excluded_debtor")),
    )
    op.create_index(
        "uq_excluded_debtor_open",
        "excluded_debtor",
        ["contract_id", "debtor_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "fee_invoice",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("vat_minor", sa.BigInteger(), nullable=False),
        sa.Column("exempt_minor", sa.BigInteger(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("issued_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("issued_by", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('invoice', 'credit_note')", name=op.f("ck_fee_invoice_kind")),
        sa.CheckConstraint("sequence > 0", name=op.f("ck_fee_invoice_sequence")),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_fee_invoice_client_id")
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_fee_invoice_contract_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_invoice")),
        sa.UniqueConstraint("contract_id", "to_on", name=op.f("uq_fee_invoice_contract_id_to_on")),
        sa.UniqueConstraint("number", name=op.f("uq_fee_invoice_number")),
        sa.UniqueConstraint("year", "sequence", name=op.f("uq_fee_invoice_year_sequence")),
    )
    op.create_index(op.f("ix_fee_invoice_client_id"), "fee_invoice", ["client_id"], unique=False)
    op.create_table(
        "financing_charge",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("interest_numbers_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), nullable=True),
        sa.Column("charged_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("charged_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_financing_charge_contract_id")
        ),
        sa.ForeignKeyConstraint(
            ["transaction_id"],
            ["ledger_transaction.id"],
            name=op.f("fk_financing_charge_transaction_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_financing_charge")),
        sa.UniqueConstraint(
            "contract_id",
            "from_on",
            "to_on",
            "kind",
            name=op.f("uq_financing_charge_contract_id_from_on_to_on_kind"),
        ),
    )
    op.create_table(
        "financing_day",
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("base_minor", sa.BigInteger(), nullable=False),
        sa.Column("interest_free_minor", sa.BigInteger(), nullable=False),
        sa.Column("prepaid_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("index_rate", sa.Numeric(precision=9, scale=6), nullable=False),
        sa.Column("rate", sa.Numeric(precision=9, scale=6), nullable=False),
        sa.Column("day_basis", sa.BigInteger(), nullable=False),
        sa.Column("computed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_financing_day_contract_id")
        ),
        sa.PrimaryKeyConstraint("contract_id", "day", name=op.f("pk_financing_day")),
    )
    op.create_table(
        "hold",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("receivable_id", sa.BigInteger(), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("placed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("placed_by", sa.Text(), nullable=False),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_hold_contract_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
    )
    op.create_index(op.f("ix_hold_contract_id"), "hold", ["contract_id"], unique=False)
    op.create_index(
        "uq_hold_open",
        "hold",
        ["receivable_id", "reason"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "issued_statement",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("opening_minor", sa.BigInteger(), nullable=False),
        sa.Column("closing_minor", sa.BigInteger(), nullable=False),
        sa.Column("lines_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("verification_code", sa.Text(), nullable=False),
        sa.Column("issued_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("issued_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_issued_statement_contract_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issued_statement")),
    )
    op.create_index(
        op.f("ix_issued_statement_contract_id_from_on_to_on"),
        "issued_statement",
        ["contract_id", "from_on", "to_on"],
        unique=False,
    )
    op.create_index(
        op.f("ix_issued_statement_verification_code"),
        "issued_statement",
        ["verification_code"],
        unique=False,
    )
    op.create_table(
        "ledger_account",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=True),
        sa.Column("debtor_id", sa.BigInteger(), nullable=True),
        sa.Column("bank_id", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("balance_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["bank_id"], ["factor_account.id"], name=op.f("fk_ledger_account_bank_id")
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_ledger_account_contract_id")
        ),
        sa.ForeignKeyConstraint(
            ["debtor_id"], ["debtor.id"], name=op.f("fk_ledger_account_debtor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_account")),
        sa.UniqueConstraint(
            "kind",
            "contract_id",
            "debtor_id",
            "bank_id",
            "currency",
            name="uq_ledger_account_identity",
            postgresql_nulls_not_distinct=True,
        ),
        postgresql_with={"fillfactor": 50},
    )
    op.create_index(
        op.f("ix_ledger_account_contract_id_kind"),
        "ledger_account",
        ["contract_id", "kind"],
        unique=False,
    )
    op.create_table(
        "remittance",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=True),
        sa.Column("document_id", sa.BigInteger(), nullable=True),
        sa.Column("mapping", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("checked_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("line_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("accepted_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("refused_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("warning_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("invoices_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("credit_notes_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("hold_reasons", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.CheckConstraint(
            "state IN ('draft','submitted','assigned','refused','withdrawn','reversed')",
            name=op.f("ck_remittance_state"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_remittance_contract_id")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_remittance_document_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remittance")),
        sa.UniqueConstraint("contract_id", "number", name=op.f("uq_remittance_contract_id_number")),
    )
    op.create_index(
        op.f("ix_remittance_state"),
        "remittance",
        ["state"],
        unique=False,
        postgresql_where=sa.text("state IN ('draft','submitted')"),
    )
    op.create_table(
        "unpaid_settlement",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("receivable_id", sa.BigInteger(), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=False),
        sa.Column("indemnity_minor", sa.BigInteger(), nullable=False),
        sa.Column("own_share_minor", sa.BigInteger(), nullable=False),
        sa.Column("transfer_back_minor", sa.BigInteger(), nullable=False),
        sa.Column("cover_rate", sa.Numeric(precision=9, scale=6), nullable=False),
        sa.Column("indemnity_transaction_id", sa.BigInteger(), nullable=True),
        sa.Column("transfer_transaction_id", sa.BigInteger(), nullable=True),
        sa.Column("settled_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("settled_by", sa.Text(), nullable=False),
        sa.Column("undone_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "indemnity_minor >= 0 AND own_share_minor >= 0 AND transfer_back_minor >= 0 AND indemnity_minor + own_share_minor + transfer_back_minor > 0",
            name=op.f("ck_unpaid_settlement_amounts"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_unpaid_settlement_contract_id")
        ),
        sa.ForeignKeyConstraint(
            ["indemnity_transaction_id"],
            ["ledger_transaction.id"],
            name=op.f("fk_unpaid_settlement_indemnity_transaction_id"),
        ),
        sa.ForeignKeyConstraint(
            ["transfer_transaction_id"],
            ["ledger_transaction.id"],
            name=op.f("fk_unpaid_settlement_transfer_transaction_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unpaid_settlement")),
    )
    op.create_index(
        op.f("ix_unpaid_settlement_contract_id"), "unpaid_settlement", ["contract_id"], unique=False
    )
    op.create_index(
        op.f("ix_unpaid_settlement_receivable_id"),
        "unpaid_settlement",
        ["receivable_id"],
        unique=False,
    )
    op.create_table(
        "approval_notice",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("limit_id", sa.BigInteger(), nullable=False),
        sa.Column("cancels_on", sa.Date(), nullable=False),
        sa.Column("noticed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("noticed_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["limit_id"], ["credit_limit.id"], name=op.f("fk_approval_notice_limit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_notice")),
        sa.UniqueConstraint(
            "limit_id", "cancels_on", name=op.f("uq_approval_notice_limit_id_cancels_on")
        ),
    )
    op.create_table(
        "cover_floor",
        sa.Column("receivable_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("floor_minor", sa.BigInteger(), nullable=False),
        sa.Column("limit_id", sa.BigInteger(), nullable=True),
        sa.Column("set_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("floor_minor >= 0", name=op.f("ck_cover_floor_floor")),
        sa.ForeignKeyConstraint(
            ["limit_id"], ["credit_limit.id"], name=op.f("fk_cover_floor_limit_id")
        ),
        sa.PrimaryKeyConstraint("receivable_id", name=op.f("pk_cover_floor")),
    )
    op.create_table(
        "drawdown_state",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("drawdown_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["drawdown_id"], ["drawdown.id"], name=op.f("fk_drawdown_state_drawdown_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drawdown_state")),
    )
    op.create_index(
        op.f("ix_drawdown_state_drawdown_id"), "drawdown_state", ["drawdown_id"], unique=False
    )
    op.create_table(
        "fee_invoice_line",
        sa.Column("transaction_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("invoice_id", sa.BigInteger(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("vat_minor", sa.BigInteger(), nullable=False),
        sa.Column("exempt_minor", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["fee_invoice.id"], name=op.f("fk_fee_invoice_line_invoice_id")
        ),
        sa.ForeignKeyConstraint(
            ["transaction_id"],
            ["ledger_transaction.id"],
            name=op.f("fk_fee_invoice_line_transaction_id"),
        ),
        sa.PrimaryKeyConstraint("transaction_id", name=op.f("pk_fee_invoice_line")),
    )
    op.create_index(
        op.f("ix_fee_invoice_line_invoice_id"), "fee_invoice_line", ["invoice_id"], unique=False
    )
    op.create_table(
        "limit_request",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("debtor_id", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("asked_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("answer_due_on", sa.Date(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("answer_reason", sa.Text(), nullable=True),
        sa.Column("limit_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "answer IN ('granted', 'partly', 'refused')", name=op.f("ck_limit_request_answer")
        ),
        sa.CheckConstraint(
            "(answer IS NULL) = (answered_at IS NULL)", name=op.f("ck_limit_request_answered")
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_limit_request_amount")),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_limit_request_contract_id")
        ),
        sa.ForeignKeyConstraint(
            ["debtor_id"], ["debtor.id"], name=op.f("fk_limit_request_debtor_id")
        ),
        sa.ForeignKeyConstraint(
            ["limit_id"], ["credit_limit.id"], name=op.f("fk_limit_request_limit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_limit_request")),
    )
    op.create_index(
        op.f("ix_limit_request_answer_due_on"),
        "limit_request",
        ["answer_due_on"],
        unique=False,
        postgresql_where=sa.text("answer IS NULL"),
    )
    op.create_index(
        op.f("ix_limit_request_contract_id"), "limit_request", ["contract_id"], unique=False
    )
    op.create_table(
        "prepaid_part",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("drawdown_id", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("commission_minor", sa.BigInteger(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("rate", sa.Numeric(precision=9, scale=6), nullable=False),
        sa.Column("day_basis", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "amount_minor > 0 AND to_on >= from_on", name=op.f("ck_prepaid_part_part")
        ),
        sa.ForeignKeyConstraint(
            ["drawdown_id"], ["drawdown.id"], name=op.f("fk_prepaid_part_drawdown_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prepaid_part")),
    )
    op.create_index(
        op.f("ix_prepaid_part_drawdown_id"), "prepaid_part", ["drawdown_id"], unique=False
    )
    op.create_table(
        "remittance_state",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("remittance_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["remittance_id"], ["remittance.id"], name=op.f("fk_remittance_state_remittance_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remittance_state")),
    )
    op.create_index(
        op.f("ix_remittance_state_remittance_id"),
        "remittance_state",
        ["remittance_id"],
        unique=False,
    )
    op.create_table(
        "subrogation_receipt",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("remittance_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("assigned_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("document_count", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("content_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("signed_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["remittance_id"], ["remittance.id"], name=op.f("fk_subrogation_receipt_remittance_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subrogation_receipt")),
        sa.UniqueConstraint("number", name=op.f("uq_subrogation_receipt_number")),
        sa.UniqueConstraint("remittance_id", name=op.f("uq_subrogation_receipt_remittance_id")),
    )
    op.create_foreign_key(op.f("fk_person_client_id"), "person", "client", ["client_id"], ["id"])
    run_sql(op.get_bind(), "10_ledger.sql")
    run_sql(op.get_bind(), "20_immutable.sql")
    run_sql(op.get_bind(), "30_four_eyes.sql")
    run_sql(op.get_bind(), "30_queue.sql")
    run_sql(op.get_bind(), "40_receivables.sql")
    run_sql(op.get_bind(), "50_cover.sql")
    run_sql(op.get_bind(), "60_closing.sql")


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(DROP_VIEWS)
    op.drop_constraint(op.f("fk_person_client_id"), "person", type_="foreignkey")
    op.drop_table("subrogation_receipt")
    op.drop_index(op.f("ix_remittance_state_remittance_id"), table_name="remittance_state")
    op.drop_table("remittance_state")
    op.drop_index(op.f("ix_prepaid_part_drawdown_id"), table_name="prepaid_part")
    op.drop_table("prepaid_part")
    op.drop_index(op.f("ix_limit_request_contract_id"), table_name="limit_request")
    op.drop_index(
        op.f("ix_limit_request_answer_due_on"),
        table_name="limit_request",
        postgresql_where=sa.text("answer IS NULL"),
    )
    op.drop_table("limit_request")
    op.drop_index(op.f("ix_fee_invoice_line_invoice_id"), table_name="fee_invoice_line")
    op.drop_table("fee_invoice_line")
    op.drop_index(op.f("ix_drawdown_state_drawdown_id"), table_name="drawdown_state")
    op.drop_table("drawdown_state")
    op.drop_table("cover_floor")
    op.drop_table("approval_notice")
    op.drop_index(op.f("ix_unpaid_settlement_receivable_id"), table_name="unpaid_settlement")
    op.drop_index(op.f("ix_unpaid_settlement_contract_id"), table_name="unpaid_settlement")
    op.drop_table("unpaid_settlement")
    op.drop_index(
        op.f("ix_remittance_state"),
        table_name="remittance",
        postgresql_where=sa.text("state IN ('draft','submitted')"),
    )
    op.drop_table("remittance")
    op.drop_index(op.f("ix_ledger_account_contract_id_kind"), table_name="ledger_account")
    op.drop_table("ledger_account")
    op.drop_index(op.f("ix_issued_statement_verification_code"), table_name="issued_statement")
    op.drop_index(
        op.f("ix_issued_statement_contract_id_from_on_to_on"), table_name="issued_statement"
    )
    op.drop_table("issued_statement")
    op.drop_index("uq_hold_open", table_name="hold", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_index(op.f("ix_hold_contract_id"), table_name="hold")
    op.drop_table("hold")
    op.drop_table("financing_day")
    op.drop_table("financing_charge")
    op.drop_index(op.f("ix_fee_invoice_client_id"), table_name="fee_invoice")
    op.drop_table("fee_invoice")
    op.drop_index(
        "uq_excluded_debtor_open",
        table_name="excluded_debtor",
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_table("excluded_debtor")
    op.drop_index(
        op.f("ix_drawdown_state"),
        table_name="drawdown",
        postgresql_where=sa.text("state IN ('requested','granted','ordered')"),
    )
    op.drop_index(op.f("ix_drawdown_order_id"), table_name="drawdown")
    op.drop_index(op.f("ix_drawdown_end_to_end_id"), table_name="drawdown")
    op.drop_index(op.f("ix_drawdown_contract_id_requested_at"), table_name="drawdown")
    op.drop_table("drawdown")
    op.drop_index(
        "uq_dispute_open", table_name="dispute", postgresql_where=sa.text("ended_at IS NULL")
    )
    op.drop_index(op.f("ix_dispute_receivable_id"), table_name="dispute")
    op.drop_index(op.f("ix_dispute_contract_id"), table_name="dispute")
    op.drop_table("dispute")
    op.drop_index(
        "uq_credit_limit_permanent",
        table_name="credit_limit",
        postgresql_where=sa.text("ended_at IS NULL AND NOT is_temporary"),
    )
    op.drop_index(op.f("ix_credit_limit_debtor_id"), table_name="credit_limit")
    op.drop_index(op.f("ix_credit_limit_contract_id_debtor_id"), table_name="credit_limit")
    op.drop_table("credit_limit")
    op.drop_table("contract_terms")
    op.drop_index(op.f("ix_contract_reserve_contract_id"), table_name="contract_reserve")
    op.drop_table("contract_reserve")
    op.drop_table("availability_snapshot")
    op.drop_index(
        "uq_payer_alias_open",
        table_name="payer_alias",
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_index(op.f("ix_payer_alias_debtor_id"), table_name="payer_alias")
    op.drop_index(op.f("ix_payer_alias_application_id"), table_name="payer_alias")
    op.drop_table("payer_alias")
    op.drop_index(op.f("ix_contract_client_id"), table_name="contract")
    op.drop_table("contract")
    op.drop_table("column_mapping")
    op.drop_index(
        "uq_approval_open", table_name="approval", postgresql_where=sa.text("decision IS NULL")
    )
    op.drop_table("approval")
    op.drop_index(
        "uq_party_account_open",
        table_name="party_account",
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_index(op.f("ix_party_account_iban"), table_name="party_account")
    op.drop_table("party_account")
    op.drop_table("debtor")
    op.drop_index(op.f("ix_contact_company_id"), table_name="contact")
    op.drop_table("contact")
    op.drop_table("client")
    op.drop_index(op.f("ix_bank_answer_order_id"), table_name="bank_answer")
    op.drop_table("bank_answer")
    op.drop_index(op.f("ix_web_session_person_id"), table_name="web_session")
    op.drop_table("web_session")
    op.drop_table("payment_order")
    op.drop_index(
        "uq_parked_line_open",
        table_name="parked_line",
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_table("parked_line")
    op.drop_index(
        "uq_company_registration",
        table_name="company",
        postgresql_where=sa.text("registration_number IS NOT NULL"),
    )
    op.drop_index(
        "ix_company_trade_trgm",
        table_name="company",
        postgresql_using="gin",
        postgresql_ops={"trade_key": "gin_trgm_ops"},
    )
    op.drop_index(
        "ix_company_name_trgm",
        table_name="company",
        postgresql_using="gin",
        postgresql_ops={"name_key": "gin_trgm_ops"},
    )
    op.drop_index(op.f("ix_company_name_key_id"), table_name="company")
    op.drop_index(op.f("ix_company_group_id"), table_name="company")
    op.drop_table("company")
    op.drop_index(op.f("ix_bank_statement_account_id_to_on"), table_name="bank_statement")
    op.drop_table("bank_statement")
    op.drop_index(op.f("ix_api_token_person_id"), table_name="api_token")
    op.drop_table("api_token")
    op.drop_index(op.f("ix_sign_in_attempt_network_at"), table_name="sign_in_attempt")
    op.drop_index(op.f("ix_sign_in_attempt_email_at"), table_name="sign_in_attempt")
    op.drop_table("sign_in_attempt")
    op.drop_index(op.f("ix_settlement_run_day"), table_name="settlement_run")
    op.drop_table("settlement_run")
    op.drop_index(
        op.f("ix_set_off_remittance_id"),
        table_name="set_off",
        postgresql_where=sa.text("remittance_id IS NOT NULL"),
    )
    op.drop_index(op.f("ix_set_off_invoice_id"), table_name="set_off")
    op.drop_index(op.f("ix_set_off_credit_id"), table_name="set_off")
    op.drop_table("set_off")
    op.drop_table("scheduled_job")
    op.drop_table("remittance_line")
    op.drop_index(op.f("ix_receivable_cover_contract_id_debtor_id"), table_name="receivable_cover")
    op.drop_table("receivable_cover")
    op.drop_index(
        "uq_receivable_fingerprint",
        table_name="receivable",
        postgresql_where=sa.text("reversed_at IS NULL AND fingerprint IS NOT NULL"),
    )
    op.drop_index(
        "ix_receivable_reversed",
        table_name="receivable",
        postgresql_where=sa.text("reversed_at IS NOT NULL"),
    )
    op.drop_index(op.f("ix_receivable_remittance_id"), table_name="receivable")
    op.drop_index(op.f("ix_receivable_number_key_id"), table_name="receivable")
    op.drop_index(
        op.f("ix_receivable_due_date_id"),
        table_name="receivable",
        postgresql_where=sa.text("closed_on IS NULL"),
    )
    op.drop_index(
        op.f("ix_receivable_debtor_id"),
        table_name="receivable",
        postgresql_where=sa.text("closed_on IS NULL"),
    )
    op.drop_index(
        "ix_receivable_cover_order",
        table_name="receivable",
        postgresql_where=sa.text("closed_on IS NULL"),
    )
    op.drop_index(op.f("ix_receivable_contract_id_id"), table_name="receivable")
    op.drop_index(op.f("ix_receivable_amount_minor_id"), table_name="receivable")
    op.drop_table("receivable")
    op.drop_index(op.f("ix_person_client_id"), table_name="person")
    op.drop_table("person")
    op.drop_index(op.f("ix_outgoing_mail_client_id_id"), table_name="outgoing_mail")
    op.drop_table("outgoing_mail")
    op.drop_table("matching_settings")
    op.drop_index(op.f("ix_match_proposal_bank_line_id_rank"), table_name="match_proposal")
    op.drop_table("match_proposal")
    op.drop_index(
        op.f("ix_ledger_transaction_contract_id_recorded_at"), table_name="ledger_transaction"
    )
    op.drop_table("ledger_transaction")
    op.drop_index("uq_ledger_entry_account_version", table_name="ledger_entry")
    op.drop_index(op.f("ix_ledger_entry_transaction_id"), table_name="ledger_entry")
    op.drop_index(
        op.f("ix_ledger_entry_receivable_id"),
        table_name="ledger_entry",
        postgresql_where=sa.text("receivable_id IS NOT NULL"),
    )
    op.drop_table("ledger_entry")
    op.drop_index(
        "ix_job_open",
        table_name="job",
        postgresql_where=sa.text("state IN ('queued', 'failed', 'running')"),
    )
    op.drop_index(op.f("ix_job_kind_business_key"), table_name="job")
    op.drop_index("ix_job_dead", table_name="job", postgresql_where=sa.text("state = 'dead'"))
    op.drop_index(
        op.f("ix_job_client_id_id"),
        table_name="job",
        postgresql_where=sa.text("client_id IS NOT NULL"),
    )
    op.drop_table("job")
    op.drop_table("index_fixing")
    op.drop_index(op.f("ix_idempotency_key_actor_route_key"), table_name="idempotency_key")
    op.drop_table("idempotency_key")
    op.drop_table("factor_identity")
    op.drop_table("factor_account")
    op.drop_index(op.f("ix_document_subject_kind_subject_id"), table_name="document")
    op.drop_index(op.f("ix_document_sha256"), table_name="document")
    op.drop_index(op.f("ix_document_client_id"), table_name="document")
    op.drop_table("document")
    op.drop_table("cover_regime")
    op.drop_index(op.f("ix_cover_position_debtor_id"), table_name="cover_position")
    op.drop_table("cover_position")
    op.drop_table("cover_history")
    op.drop_table("company_group")
    op.drop_table("closed_day")
    op.drop_index(op.f("ix_cash_application_bank_line_id"), table_name="cash_application")
    op.drop_table("cash_application")
    op.drop_index(op.f("ix_cash_allocation_receivable_id"), table_name="cash_allocation")
    op.drop_index(op.f("ix_cash_allocation_application_id"), table_name="cash_allocation")
    op.drop_table("cash_allocation")
    op.drop_index(op.f("ix_bank_line_statement_id_position"), table_name="bank_line")
    op.drop_index(
        op.f("ix_bank_line_party_iban"),
        table_name="bank_line",
        postgresql_where=sa.text("party_iban IS NOT NULL"),
    )
    op.drop_index(op.f("ix_bank_line_end_to_end_id"), table_name="bank_line")
    op.drop_index(op.f("ix_bank_line_amount_minor"), table_name="bank_line")
    op.drop_table("bank_line")
    op.drop_index(op.f("ix_audit_event_subject_kind_subject_id_id"), table_name="audit_event")
    op.drop_index(op.f("ix_audit_event_client_id_id"), table_name="audit_event")
    op.drop_table("audit_event")
    op.execute(DROP_FUNCTIONS)
    op.execute("DROP SCHEMA IF EXISTS dramatiq CASCADE")
