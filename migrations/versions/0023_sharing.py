"""Guests, whom clients let read a part of their book; links that do the same; what was opened.

Revision 0023, after 0022.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from cessio.plumbing.migrate import run_sql

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

INSTANT = postgresql.TIMESTAMP(timezone=True)
ROLES = (
    "'admin', 'account_manager', 'credit_analyst', 'cash_clerk', 'treasury', 'collector', "
    "'auditor', 'signatory', 'operator', 'reader'"
)
BEFORE = {"audience": "audience IN ('staff', 'client')", "role": f"role IN ({ROLES})"}
AFTER = {
    "audience": "audience IN ('staff', 'client', 'guest')",
    "role": f"role IN ({ROLES}, 'guest')",
}
OF_GUESTS = "WHERE person_id IN (SELECT id FROM person WHERE audience = 'guest')"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    _say_who_there_is(AFTER)
    op.create_check_constraint(
        op.f("ck_person_role_of_guest"), "person", "(audience = 'guest') = (role = 'guest')"
    )
    op.create_table(
        "invitation",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_invitation_ends")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_invitation_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitation_token_hash")),
    )
    op.create_index(op.f("ix_invitation_person_id"), "invitation", ["person_id"])
    _create_share()
    _create_access()
    run_sql(op.get_bind(), "90_sharing.sql")


def _say_who_there_is(checks: dict[str, str]) -> None:
    for name, said in checks.items():
        op.drop_constraint(op.f(f"ck_person_{name}"), "person")
        op.create_check_constraint(op.f(f"ck_person_{name}"), "person", said)


def _create_share() -> None:
    op.create_table(
        "share",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("firm", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("token_hash", sa.LargeBinary(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("parts", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("contract_ids", postgresql.ARRAY(sa.BigInteger()), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("promised_on", sa.Date(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('guest', 'link')", name=op.f("ck_share_kind")),
        sa.CheckConstraint("role IN ('accountant', 'banker')", name=op.f("ck_share_role")),
        sa.CheckConstraint("language IN ('fr', 'en')", name=op.f("ck_share_language")),
        sa.CheckConstraint(
            "parts <@ ARRAY['statements', 'costs', 'invoices', 'today', 'documents']"
            " AND cardinality(parts) > 0",
            name=op.f("ck_share_parts"),
        ),
        sa.CheckConstraint("cardinality(contract_ids) > 0", name=op.f("ck_share_contracts")),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 120", name=op.f("ck_share_name")),
        sa.CheckConstraint(
            "until_on >= from_on AND promised_on >= from_on", name=op.f("ck_share_days")
        ),
        sa.CheckConstraint(
            "until_on <= promised_on + '1 year 1 mon'::interval",
            name=op.f("ck_share_not_for_ever"),
        ),
        sa.CheckConstraint(
            "(kind = 'guest') = (person_id IS NOT NULL) AND (kind = 'guest') = (email IS NOT NULL)",
            name=op.f("ck_share_guest_is_somebody"),
        ),
        sa.CheckConstraint(
            "(kind = 'link') = (token_hash IS NOT NULL)", name=op.f("ck_share_link_is_secret")
        ),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_share_ended")),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_share_client_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_share_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_share_token_hash")),
    )
    op.create_index(op.f("ix_share_person_id"), "share", ["person_id"])
    op.create_index(op.f("ix_share_client_id_id"), "share", ["client_id", "id"])


def _create_access() -> None:
    op.create_table(
        "share_access",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("share_id", sa.BigInteger(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("format", sa.Text(), nullable=True),
        sa.Column("contract_id", sa.BigInteger(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("network", sa.Text(), nullable=False),
        sa.CheckConstraint("act IN ('page', 'file')", name=op.f("ck_share_access_act")),
        sa.CheckConstraint(
            "(act = 'file') = (format IS NOT NULL)", name=op.f("ck_share_access_format")
        ),
        sa.ForeignKeyConstraint(["share_id"], ["share.id"], name=op.f("fk_share_access_share_id")),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_share_access_contract_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share_access")),
    )
    op.create_index(op.f("ix_share_access_share_id_id"), "share_access", ["share_id", "id"])


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.drop_table("share_access")
    op.drop_table("share")
    op.execute("DROP FUNCTION keep_share()")
    op.drop_table("invitation")
    for table in ("web_session", "notification", "notification_choice"):
        op.execute(f"DELETE FROM {table} {OF_GUESTS}")  # noqa: S608
    op.execute("DELETE FROM person WHERE audience = 'guest'")
    op.drop_constraint(op.f("ck_person_role_of_guest"), "person")
    _say_who_there_is(BEFORE)
