"""The ledger's tables. Entries and transactions are only ever inserted."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from cessio.plumbing.database import Base


class LedgerAccount(Base):
    """One account: a kind, and the contract and debtor it is kept for, if any.

    ``balance_minor`` is signed, debit positive, and equals the sum of its entries; ``version``
    counts them. ``charged_minor`` is the part of a current account's that ``rules.CHARGES`` made,
    reversals taken back: a trigger keeps it (migrations/sql/90_charges.sql).
    """

    __tablename__ = "ledger_account"
    __table_args__ = (
        UniqueConstraint(
            "kind", "contract_id", "debtor_id", "bank_id", "currency",
            postgresql_nulls_not_distinct=True, name="uq_ledger_account_identity",
        ),
        Index(None, "contract_id", "kind"),
        Index(None, "debtor_id", postgresql_where=text("debtor_id IS NOT NULL")),
        {"postgresql_with": {"fillfactor": 50}},
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[str]
    contract_id: Mapped[int | None] = mapped_column(ForeignKey("contract.id"))
    debtor_id: Mapped[int | None] = mapped_column(ForeignKey("debtor.id"))
    bank_id: Mapped[int | None] = mapped_column(ForeignKey("factor_account.id"))
    currency: Mapped[str]
    balance_minor: Mapped[int] = mapped_column(server_default="0")
    version: Mapped[int] = mapped_column(server_default="0")
    charged_minor: Mapped[int] = mapped_column(server_default="0")


class LedgerTransaction(Base):
    """One business effect, recorded once: (source, effect) is unique."""

    __tablename__ = "ledger_transaction"
    __table_args__ = (
        UniqueConstraint("source_kind", "source_id", "effect"),
        CheckConstraint("reverses_id <> id", name="reverses_another"),
        Index(None, "contract_id", "recorded_at"),
        Index(None, "booked_on", postgresql_using="brin"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[str]
    source_kind: Mapped[str]
    source_id: Mapped[int]
    effect: Mapped[str]
    contract_id: Mapped[int | None]
    value_date: Mapped[date]
    booked_on: Mapped[date]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
    reverses_id: Mapped[int | None] = mapped_column(
        ForeignKey("ledger_transaction.id"), unique=True
    )
    memo: Mapped[str | None]
    input_hash: Mapped[bytes | None]


class LedgerEntry(Base):
    """One line of a transaction: signed amount, and the account's balance after it.

    No foreign key per line (bulk speed, performance.md): ``cessio verify`` and the posting
    functions are what keeps them whole. ``receivable_id`` is set on every RECEIVABLE line.
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (
        CheckConstraint("amount_minor <> 0", name="not_zero"),
        Index("uq_ledger_entry_account_version", "account_id", "account_version", unique=True),
        Index(None, "transaction_id"),
        Index(
            None, "receivable_id", postgresql_where=text("receivable_id IS NOT NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    transaction_id: Mapped[int]
    account_id: Mapped[int]
    amount_minor: Mapped[int]
    balance_after_minor: Mapped[int]
    account_version: Mapped[int]
    receivable_id: Mapped[int | None]
