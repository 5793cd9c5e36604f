"""Settlement: financing days and the charges posted from them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from cessio.plumbing.database import Base


class FinancingDay(Base):
    """What one day of funds in use costs: base, index, rate. Rounded only when charged.

    ``prepaid_minor`` was in use too, and paid for at its drawdown.
    """

    __tablename__ = "financing_day"

    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"), primary_key=True)
    on: Mapped[date] = mapped_column("day", primary_key=True)
    base_minor: Mapped[int]
    interest_free_minor: Mapped[int]
    prepaid_minor: Mapped[int] = mapped_column(server_default="0")
    index_rate: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    rate: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    day_basis: Mapped[int]
    computed_at: Mapped[datetime]


class FinancingCharge(Base):
    """A period's financing commission posted to the current account."""

    __tablename__ = "financing_charge"
    __table_args__ = (UniqueConstraint("contract_id", "from_on", "to_on", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"))
    kind: Mapped[str]
    from_on: Mapped[date]
    to_on: Mapped[date]
    interest_numbers_minor: Mapped[int]
    amount_minor: Mapped[int]
    transaction_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_transaction.id"))
    charged_at: Mapped[datetime]
    charged_by: Mapped[str]


class FeeCharge(Base):
    """A fee of a contract's grid, charged for one thing that happened; once for each.

    ``event_id`` names it among those of its kind: a drawdown, a dispute, a debtor, a month. The
    price is the line's that held; reversed with what it was for.
    """

    __tablename__ = "fee_charge"
    __table_args__ = (
        UniqueConstraint("contract_id", "kind", "event_id"),
        CheckConstraint("net_minor > 0 AND vat_minor >= 0", name="amounts"),
        CheckConstraint("(reversed_at IS NULL) = (reversed_by IS NULL)", name="reversed"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"))
    kind: Mapped[str]
    event_id: Mapped[int]
    on: Mapped[date] = mapped_column("day")
    base_minor: Mapped[int]
    grid_id: Mapped[int] = mapped_column(ForeignKey("fee_grid.id"))
    grid_version: Mapped[int]
    flat_minor: Mapped[int]
    rate: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    currency: Mapped[str]
    net_minor: Mapped[int]
    vat_minor: Mapped[int]
    transaction_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_transaction.id"))
    charged_at: Mapped[datetime]
    charged_by: Mapped[str]
    reversal_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_transaction.id"))
    reversed_at: Mapped[datetime | None]
    reversed_by: Mapped[str | None]


class SettlementRun(Base):
    """A daily run, unique per business day and step: what makes running twice harmless.

    ``totals`` says what it did in each currency (minor units); older runs have only
    ``total_minor``, which is theirs added up.
    """

    __tablename__ = "settlement_run"
    __table_args__ = (UniqueConstraint("day", "step"), Index(None, "day"))

    id: Mapped[int] = mapped_column(primary_key=True)
    on: Mapped[date] = mapped_column("day")
    step: Mapped[str]
    done_at: Mapped[datetime]
    done_by: Mapped[str]
    contract_count: Mapped[int]
    total_minor: Mapped[int]
    totals: Mapped[dict[str, int] | None] = mapped_column(JSONB(none_as_null=True))


class UnpaidSettlement(Base):
    """What was done with a receivable its debtor did not pay; amounts taken from what was open.

    ``indemnity_minor`` is our loss, ``own_share_minor`` the client's part of the covered one,
    ``transfer_back_minor`` went back to the client. Undone, it stays with who and when.
    """

    __tablename__ = "unpaid_settlement"
    __table_args__ = (
        CheckConstraint(
            "indemnity_minor >= 0 AND own_share_minor >= 0 AND transfer_back_minor >= 0"
            " AND indemnity_minor + own_share_minor + transfer_back_minor > 0",
            name="amounts",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    receivable_id: Mapped[int] = mapped_column(index=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"), index=True)
    on: Mapped[date] = mapped_column("settled_on")
    indemnity_minor: Mapped[int]
    own_share_minor: Mapped[int]
    transfer_back_minor: Mapped[int]
    cover_rate: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    indemnity_transaction_id: Mapped[int | None] = mapped_column(
        ForeignKey("ledger_transaction.id")
    )
    transfer_transaction_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_transaction.id"))
    settled_at: Mapped[datetime]
    settled_by: Mapped[str]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None]


class InsurerClaim(Base):
    """An indemnity declared to our insurer: what it should reimburse, then what it agreed to.

    ``before_minor`` is what was lost with the same insurer earlier in the year: the year's
    deductible is used up by it first.
    """

    __tablename__ = "insurer_claim"
    __table_args__ = (
        CheckConstraint(
            "loss_minor > 0 AND deductible_minor >= 0 AND before_minor >= 0"
            " AND claimed_minor BETWEEN 0 AND loss_minor",
            name="amounts",
        ),
        CheckConstraint("agreed_minor IS NULL OR agreed_minor BETWEEN 0 AND loss_minor",
                        name="agreed"),
        CheckConstraint("(agreed_minor IS NULL) = (agreed_at IS NULL)", name="answered"),
        Index("uq_insurer_claim_open", "settlement_id", unique=True,
              postgresql_where=text("withdrawn_at IS NULL")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    settlement_id: Mapped[int] = mapped_column(ForeignKey("unpaid_settlement.id"), index=True)
    insurer: Mapped[str]
    reference: Mapped[str | None]
    currency: Mapped[str]
    loss_minor: Mapped[int]
    deductible_minor: Mapped[int]
    before_minor: Mapped[int]
    claimed_minor: Mapped[int]
    declared_on: Mapped[date]
    declared_at: Mapped[datetime]
    declared_by: Mapped[str]
    agreed_minor: Mapped[int | None]
    agreed_on: Mapped[date | None]
    agreed_at: Mapped[datetime | None]
    agreed_by: Mapped[str | None]
    transaction_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_transaction.id"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None]


class LossMovement(Base):
    """Money of a bank line about an indemnified loss: from or to the insurer, or recovered late.

    Of a recovery the three parts say whose it is; undone, it stays with who and when.
    """

    __tablename__ = "loss_movement"
    __table_args__ = (
        CheckConstraint("kind IN ('insurer', 'recovery')", name="kind"),
        CheckConstraint("factor_minor + insurer_minor + client_minor = amount_minor",
                        name="parts"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    settlement_id: Mapped[int] = mapped_column(ForeignKey("unpaid_settlement.id"), index=True)
    application_id: Mapped[int] = mapped_column(unique=True)
    kind: Mapped[str]
    amount_minor: Mapped[int]
    factor_minor: Mapped[int]
    insurer_minor: Mapped[int]
    client_minor: Mapped[int]
    on: Mapped[date] = mapped_column("value_date")
    at: Mapped[datetime]
    by: Mapped[str]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None]


class FeeInvoice(Base):
    """What a client was charged in a month, as an invoice; a credit note when less than nothing.

    ``year`` and ``sequence`` are its number: they follow each other without a gap.
    """

    __tablename__ = "fee_invoice"
    __table_args__ = (
        UniqueConstraint("year", "sequence"),
        Index(None, "contract_id", "to_on"),
        CheckConstraint("sequence > 0", name="sequence"),
        CheckConstraint("kind IN ('invoice', 'credit_note')", name="kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    year: Mapped[int]
    sequence: Mapped[int]
    kind: Mapped[str]
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"))
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id"), index=True)
    from_on: Mapped[date]
    to_on: Mapped[date]
    currency: Mapped[str]
    net_minor: Mapped[int]
    vat_minor: Mapped[int]
    exempt_minor: Mapped[int]
    issued_on: Mapped[date]
    issued_at: Mapped[datetime]
    issued_by: Mapped[str]


class FeeInvoiceLine(Base):
    """One ledger transaction on an invoice, and on one only: with VAT, or exempt (financing)."""

    __tablename__ = "fee_invoice_line"

    transaction_id: Mapped[int] = mapped_column(
        ForeignKey("ledger_transaction.id"), primary_key=True, autoincrement=False
    )
    invoice_id: Mapped[int] = mapped_column(ForeignKey("fee_invoice.id"), index=True)
    net_minor: Mapped[int]
    vat_minor: Mapped[int]
    exempt_minor: Mapped[int]
