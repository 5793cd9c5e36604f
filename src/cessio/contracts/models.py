"""Contracts, their terms by effective date, and index fixings."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from cessio.plumbing.database import Base

Rate = Numeric(9, 6)


class Contract(Base):
    """A factoring agreement with one client, in one currency."""

    __tablename__ = "contract"
    __table_args__ = (CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id"), index=True)
    reference: Mapped[str] = mapped_column(unique=True)
    product: Mapped[str]
    currency: Mapped[str] = mapped_column(server_default="EUR")
    signed_on: Mapped[date]
    starts_on: Mapped[date]
    language: Mapped[str] = mapped_column(server_default="fr")
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    ended_on: Mapped[date | None]
    ended_by: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    offer_id: Mapped[int | None] = mapped_column(ForeignKey("offer.id"), index=True)
    fee_grid_id: Mapped[int | None] = mapped_column(ForeignKey("fee_grid.id"), index=True)


class Offer(Base):
    """A product as the factor sells it under its own name; retired ones are no longer signed."""

    __tablename__ = "offer"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    name_fr: Mapped[str]
    name_en: Mapped[str]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    retired_at: Mapped[datetime | None]
    retired_by: Mapped[str | None]


class OfferVersion(Base):
    """The terms a contract of an offer starts from, and its fees, from a date on."""

    __tablename__ = "offer_version"
    __table_args__ = (UniqueConstraint("offer_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"))
    version: Mapped[int]
    effective_from: Mapped[date]
    terms: Mapped[dict[str, Any]] = mapped_column(JSONB)
    fee_grid_id: Mapped[int | None] = mapped_column(ForeignKey("fee_grid.id"))
    note: Mapped[str | None]
    set_at: Mapped[datetime]
    set_by: Mapped[str]


class FeeGrid(Base):
    """A price list of fees, by name; retired ones are given to no new contract."""

    __tablename__ = "fee_grid"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    currency: Mapped[str] = mapped_column(server_default="EUR")
    name_fr: Mapped[str]
    name_en: Mapped[str]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    retired_at: Mapped[datetime | None]
    retired_by: Mapped[str | None]


class FeeGridVersion(Base):
    """The lines of a grid from a date on; see ``contracts.rules.grids``."""

    __tablename__ = "fee_grid_version"
    __table_args__ = (UniqueConstraint("grid_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    grid_id: Mapped[int] = mapped_column(ForeignKey("fee_grid.id"))
    version: Mapped[int]
    effective_from: Mapped[date]
    lines: Mapped[list[Any]] = mapped_column(JSONB)
    note: Mapped[str | None]
    set_at: Mapped[datetime]
    set_by: Mapped[str]


class ContractTerms(Base):
    """Every parameter of a contract from ``effective_from`` until the next version.

    Two versions of one date: the later recorded one holds. Mirrors ``contracts.rules.Terms``.
    """

    __tablename__ = "contract_terms"
    __table_args__ = (
        UniqueConstraint("contract_id", "effective_from", "version"),
        CheckConstraint("advance_rate BETWEEN 0 AND 1", name="advance_rate"),
        CheckConstraint("retention_rate BETWEEN 0 AND 1", name="retention_rate"),
        CheckConstraint("facility_limit_minor >= 0", name="facility_limit"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"))
    version: Mapped[int]
    effective_from: Mapped[date]
    decided_at: Mapped[datetime]
    decided_by: Mapped[str]
    reason: Mapped[str | None]

    recourse_mode: Mapped[str]
    notification_mode: Mapped[str]
    transfer_mode: Mapped[str]
    einvoicing_role: Mapped[str]
    einvoicing_routing: Mapped[str]
    funding_mode: Mapped[str]
    minimum_drawdown_minor: Mapped[int]
    standing_reserve_minor: Mapped[int]
    advance_mode: Mapped[str]
    advance_rate: Mapped[Decimal] = mapped_column(Rate)
    retention_rate: Mapped[Decimal] = mapped_column(Rate)
    retention_base: Mapped[str]
    retention_build_up: Mapped[str]
    retention_min_minor: Mapped[int]
    retention_max_minor: Mapped[int | None]
    retention_interest_free_rate: Mapped[Decimal] = mapped_column(Rate)
    retention_release_allowed: Mapped[bool]
    concentration_rate: Mapped[Decimal | None] = mapped_column(Rate)
    concentration_base: Mapped[str]
    funding_limit_rule: Mapped[str]
    new_debtor_days: Mapped[int]
    new_debtor_limit_minor: Mapped[int | None]
    facility_limit_minor: Mapped[int]
    cover_order_key: Mapped[str]
    cover_reduction_mode: Mapped[str]
    cover_rate_default: Mapped[Decimal] = mapped_column(Rate)
    blanket_cover_minor: Mapped[int]
    guarantee_claim_days: Mapped[int]
    recourse_days: Mapped[int]
    recourse_basis: Mapped[str]
    dispute_days_before_defunding: Mapped[int]
    overdue_days_ineligible: Mapped[int | None]
    invoice_age_days_ineligible: Mapped[int | None]
    payment_term_days_max: Mapped[int | None]
    cross_ageing_rate: Mapped[Decimal | None] = mapped_column(Rate)
    ineligible_reasons: Mapped[list[str]] = mapped_column(ARRAY(Text))
    interest_index: Mapped[str]
    interest_index_floor: Mapped[Decimal | None] = mapped_column(Rate)
    interest_margin: Mapped[Decimal] = mapped_column(Rate)
    interest_day_basis: Mapped[int]
    commission_timing: Mapped[str]
    pre_counted_refund: Mapped[bool]
    value_days_in: Mapped[int]
    value_days_out: Mapped[int]
    commission_rate: Mapped[Decimal] = mapped_column(Rate)
    commission_minimum_minor: Mapped[int]
    commission_vat_rate: Mapped[Decimal] = mapped_column(Rate)
    commission_on_credit_notes: Mapped[bool]
    annual_minimum_minor: Mapped[int]
    reserve_dilution_rate: Mapped[Decimal] = mapped_column(Rate)
    minimum_remittance_minor: Mapped[int]
    auto_accept_max_minor: Mapped[int | None]
    verification_min_minor: Mapped[int | None]
    verification_sample_rate: Mapped[Decimal] = mapped_column(Rate)
    verification_risk_rate: Mapped[Decimal] = mapped_column(Rate, server_default="0")
    verification_first_invoices: Mapped[int] = mapped_column(server_default="0")
    auto_cancel_unused_approval_days: Mapped[int | None]
    unused_approval_notice_days: Mapped[int]
    payout_approval_threshold_minor: Mapped[int]
    payment_terms_days_default: Mapped[int]
    late_fin_de_mois_reading: Mapped[str]
    late_basis: Mapped[str]
    late_fixed_rate: Mapped[Decimal | None] = mapped_column(Rate)
    late_day_count: Mapped[int]
    recovery_indemnity_minor: Mapped[int]
    direct_payment_days: Mapped[int]


class ContractReserve(Base):
    """A specific reserve withheld from the availability: URSSAF, subcontracting, dilution…"""

    __tablename__ = "contract_reserve"

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"), index=True)
    kind: Mapped[str]
    amount_minor: Mapped[int] = mapped_column()
    reason: Mapped[str]
    set_at: Mapped[datetime]
    set_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class ExcludedDebtor(Base):
    """A debtor whose invoices a contract buys but does not fund."""

    __tablename__ = "excluded_debtor"
    __table_args__ = (
        Index(
            "uq_excluded_debtor_open", "contract_id", "debtor_id", unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"))
    debtor_id: Mapped[int] = mapped_column(ForeignKey("debtor.id"))
    reason: Mapped[str]
    since_at: Mapped[datetime]
    since_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class IndexFixing(Base):
    """The published value of a reference rate from a date on, with its source."""

    __tablename__ = "index_fixing"
    __table_args__ = (UniqueConstraint("index_name", "fixed_on", "recorded_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    index_name: Mapped[str]
    fixed_on: Mapped[date]
    rate: Mapped[Decimal] = mapped_column(Rate)
    source: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
