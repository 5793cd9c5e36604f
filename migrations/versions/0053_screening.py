"""Lists of sanctions, what was screened against them, alerts and what people found.

Revision 0053, after 0052.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from cessio.plumbing.migrate import run_sql

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

INSTANT = postgresql.TIMESTAMP(timezone=True)
TEXTS = postgresql.ARRAY(sa.Text())
IDS = postgresql.ARRAY(sa.BigInteger())
TABLES = ("list_version", "list_entry", "screened_company", "screening_alert",
          "screening_opinion", "screening_settings")  # fmt: skip
TRIGGERS = {
    "company_unscreened": "company", "company_renamed": "company",
    "contact_unscreened": "contact", "party_account_unscreened": "party_account",
    "payment_order_screened": "payment_order", "drawdown_screened": "drawdown",
    "remittance_screened": "remittance",
}  # fmt: skip
FUNCTIONS = (
    "mark_unscreened()", "refuse_screening_edit()", "check_screening_alert()",
    "check_order_screened()", "check_payout_screened()", "refuse_unscreened(bigint[])",
    "check_assigned_screened()",
)  # fmt: skip


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    _make_lists()
    _make_alerts()
    run_sql(op.get_bind(), "98_screening.sql")
    for table in TABLES:
        op.execute(f"SELECT keep_rows('{table}')")


def _make_lists() -> None:
    op.create_table(
        "list_version",
        _id(),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("dated_on", sa.Date(), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("entry_count", sa.BigInteger(), nullable=False),
        sa.Column("name_count", sa.BigInteger(), nullable=False),
        sa.Column("new_count", sa.BigInteger(), nullable=False),
        sa.Column("gone_count", sa.BigInteger(), nullable=False),
        sa.Column("entry_ids", IDS, nullable=False),
        sa.Column("loaded_at", INSTANT, nullable=False),
        sa.Column("loaded_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "source IN ('eu', 'france', 'own')", name=op.f("ck_list_version_source")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_list_version_document_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_version")),
    )
    op.create_index(op.f("ix_list_version_source_id"), "list_version", ["source", "id"])
    op.create_table(
        "list_entry",
        _id(),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("names", TEXTS, nullable=False),
        sa.Column("born", TEXTS, nullable=False),
        sa.Column("countries", TEXTS, nullable=False),
        sa.Column("identifiers", TEXTS, nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('person', 'entity')", name=op.f("ck_list_entry_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_entry")),
        sa.UniqueConstraint(
            "source", "reference", "sha256", name=op.f("uq_list_entry_source_reference_sha256")
        ),
    )
    op.create_table(
        "screened_company",
        sa.Column("company_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("is_due", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("versions", IDS, server_default="{}", nullable=False),
        sa.Column("name_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("screened_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_screened_company_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", name=op.f("pk_screened_company")),
    )
    op.create_index(
        op.f("ix_screened_company_company_id"), "screened_company", ["company_id"],
        postgresql_where=sa.text("is_due"),
    )  # fmt: skip
    op.create_table(
        "screening_settings",
        _id(),
        sa.Column("threshold", sa.SmallInteger(), nullable=False),
        sa.Column("stale_days", sa.SmallInteger(), nullable=False),
        sa.Column("set_at", INSTANT, nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "threshold BETWEEN 70 AND 99 AND stale_days BETWEEN 1 AND 90",
            name=op.f("ck_screening_settings_range"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening_settings")),
    )


def _make_alerts() -> None:
    op.create_table(
        "screening_alert",
        _id(),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column("alias", sa.Text(), nullable=False),
        sa.Column("score", sa.SmallInteger(), nullable=False),
        sa.Column("pairs", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("found_at", INSTANT, nullable=False),
        sa.Column("found_by", sa.Text(), nullable=False),
        sa.Column("state_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'cleared', 'hit', 'superseded')",
            name=op.f("ck_screening_alert_state"),
        ),
        sa.CheckConstraint("score BETWEEN 0 AND 100", name=op.f("ck_screening_alert_score")),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_screening_alert_company_id")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["list_entry.id"], name=op.f("fk_screening_alert_entry_id")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["list_version.id"], name=op.f("fk_screening_alert_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening_alert")),
        sa.UniqueConstraint(
            "company_id",
            "name",
            "entry_id",
            name=op.f("uq_screening_alert_company_id_name_entry_id"),
        ),
    )
    op.create_index(op.f("ix_screening_alert_entry_id"), "screening_alert", ["entry_id"])
    op.create_index(
        "ix_screening_alert_blocks", "screening_alert", ["company_id"],
        postgresql_where=sa.text("state IN ('open', 'hit')"),
    )  # fmt: skip
    op.create_table(
        "screening_opinion",
        _id(),
        sa.Column("alert_id", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("given_at", INSTANT, nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "verdict IN ('clear', 'hit')", name=op.f("ck_screening_opinion_verdict")
        ),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["screening_alert.id"], name=op.f("fk_screening_opinion_alert_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_screening_opinion_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening_opinion")),
    )
    op.create_index(op.f("ix_screening_opinion_alert_id"), "screening_opinion", ["alert_id"])


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for trigger, table in TRIGGERS.items():
        op.execute(f"DROP TRIGGER {trigger} ON {table}")
    for table in ("screening_opinion", "screening_alert", "screening_settings",
                  "screened_company", "list_entry", "list_version"):  # fmt: skip
        op.drop_table(table)
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
