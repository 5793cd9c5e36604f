"""The terms of a contract: every parameter of domain.md section 12, with French market defaults.

Rates are ``Decimal`` fractions (10 % is ``Decimal("0.10")``), amounts minor units of
the contract's currency, ``None`` means "no such limit". Rows kept elsewhere, not here: excluded
debtors, fee grid, specific reserves, limits per debtor. ``contracts.models.ContractTerms``
mirrors ``Terms`` field by field (checked by a test).
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any

from cessio.contracts.rules.options import (
    INELIGIBLE_ORDER,
    AdvanceMode,
    CommissionTiming,
    ConcentrationBase,
    CoverOrderKey,
    CoverReductionMode,
    EinvoicingRole,
    EinvoicingRouting,
    FundingLimitRule,
    FundingMode,
    IndexName,
    IneligibleReason,
    LateBasis,
    MonthEndReading,
    NotificationMode,
    Product,
    RecourseBasis,
    RecourseMode,
    RetentionBase,
    RetentionBuildUp,
    TransferMode,
)

ZERO = Decimal(0)
ONE = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """One version of a contract's parameters; immutable, a change is a new version."""

    # Transfer
    notification_mode: NotificationMode = NotificationMode.NOTIFIED
    transfer_mode: TransferMode = TransferMode.SUBROGATION
    einvoicing_role: EinvoicingRole = EinvoicingRole.SELLER
    einvoicing_routing: EinvoicingRouting = EinvoicingRouting.CLIENT_PLATFORM
    minimum_remittance_minor: int = 0
    auto_accept_max_minor: int | None = None  # a clean remittance up to this: accepted by rule

    # Advance
    advance_mode: AdvanceMode = AdvanceMode.RETENTION
    advance_rate: Decimal = ONE  # of what is fundable; below 1 only in PERCENTAGE mode
    facility_limit_minor: int = 0  # on drawings net of collections
    funding_mode: FundingMode = FundingMode.ON_REQUEST
    minimum_drawdown_minor: int = 0
    standing_reserve_minor: int = 0  # left undrawn when NET_OF_RESERVE
    payout_approval_threshold_minor: int = 0  # from this amount a second person approves

    # Retention fund
    retention_rate: Decimal = Decimal("0.10")
    retention_base: RetentionBase = RetentionBase.OUTSTANDING
    retention_build_up: RetentionBuildUp = RetentionBuildUp.PROGRESSIVE
    retention_min_minor: int = 0
    retention_max_minor: int | None = None
    retention_interest_free_rate: Decimal = ZERO  # share of the fund that bears no interest
    retention_release_allowed: bool = True

    # Reserve computed on what is fundable; specific amounts are rows
    reserve_dilution_rate: Decimal = ZERO

    # Concentration and funding limit
    concentration_rate: Decimal | None = None
    concentration_base: ConcentrationBase = ConcentrationBase.WITHIN_LIMITS
    funding_limit_rule: FundingLimitRule = FundingLimitRule.COVER_LIMIT
    new_debtor_days: int = 0  # a debtor is new for so many days after its first assignment
    new_debtor_limit_minor: int | None = None  # its funding limit meanwhile

    # Eligibility
    ineligible_reasons: tuple[IneligibleReason, ...] = INELIGIBLE_ORDER
    overdue_days_ineligible: int | None = 60  # more than so many days past due
    invoice_age_days_ineligible: int | None = 180  # more than so many days since issue
    payment_term_days_max: int | None = None  # due date further from issue than this
    cross_ageing_rate: Decimal | None = None  # overdue share from which a debtor is cross-aged
    dispute_days_before_defunding: int = 30
    verification_min_minor: int | None = None  # invoices from this must be verified
    verification_sample_rate: Decimal = ZERO  # share of the others verified at random
    verification_risk_rate: Decimal = ZERO  # the same for new or at-risk debtors, if larger
    verification_first_invoices: int = 0  # so many first invoices of a debtor are verified

    # Cover (quotité is cover_rate_default; a debtor's limit may carry its own)
    cover_rate_default: Decimal = ONE
    cover_order_key: CoverOrderKey = CoverOrderKey.DUE_DATE
    cover_reduction_mode: CoverReductionMode = CoverReductionMode.KEEP_EXISTING
    blanket_cover_minor: int = 0  # for a debtor without any named decision
    guarantee_claim_days: int = 90  # unpaid so long after due date: covered loss (GRIF)
    auto_cancel_unused_approval_days: int | None = 180
    unused_approval_notice_days: int = 15  # told so many days before

    # Recourse
    recourse_mode: RecourseMode = RecourseMode.WITHOUT_RECOURSE
    recourse_days: int = 120
    recourse_basis: RecourseBasis = RecourseBasis.DUE_DATE

    # Financing commission (never subject to VAT)
    interest_index: IndexName = IndexName.EURIBOR_3M
    interest_index_floor: Decimal | None = ZERO  # None: a negative index lowers the rate
    interest_margin: Decimal = Decimal("0.012")
    interest_day_basis: int = 360
    commission_timing: CommissionTiming = CommissionTiming.POST_COUNTED
    pre_counted_refund: bool = False  # unused days given back on early payment
    value_days_in: int = 2  # business days from a receipt to its value date
    value_days_out: int = 0  # business days from a payout to its value date, may be negative

    # Factoring commission (subject to VAT)
    commission_rate: Decimal = Decimal("0.006")
    commission_minimum_minor: int = 0  # per invoice
    commission_vat_rate: Decimal = Decimal("0.20")
    commission_on_credit_notes: bool = False  # a credit note is charged like an invoice
    annual_minimum_minor: int = 0  # of factoring commission, before VAT, per contract year

    # Late payment by debtors
    late_basis: LateBasis = LateBasis.LEGAL_DEFAULT
    late_fixed_rate: Decimal | None = None
    late_day_count: int = 365
    recovery_indemnity_minor: int = 4000  # per invoice paid late (D441-5)
    payment_terms_days_default: int = 30
    late_fin_de_mois_reading: MonthEndReading = MonthEndReading.END_THEN_DAYS
    direct_payment_days: int = 5  # business days for the client to forward a direct payment


@dataclass(frozen=True, slots=True)
class TermChange:
    """One parameter that differs between two versions."""

    name: str
    before: Any
    after: Any


def term_changes(before: Terms, after: Terms) -> tuple[TermChange, ...]:
    """The parameters that differ, in the order of ``Terms`` (for approval and history)."""
    pairs = ((f.name, getattr(before, f.name), getattr(after, f.name)) for f in fields(Terms))
    return tuple(TermChange(name, old, new) for name, old, new in pairs if old != new)


_DEFAULTS: dict[Product, dict[str, Any]] = {
    Product.FULL: {},
    Product.RECOURSE: {
        "recourse_mode": RecourseMode.WITH_RECOURSE,
        "funding_limit_rule": FundingLimitRule.EXPLICIT,
        "commission_rate": Decimal("0.004"),
    },
    Product.CONFIDENTIAL: {
        "notification_mode": NotificationMode.CONFIDENTIAL,
        "transfer_mode": TransferMode.CESSION,
        "einvoicing_role": EinvoicingRole.FACTOR,
        "einvoicing_routing": EinvoicingRouting.FACTOR_PLATFORM,
        "concentration_rate": Decimal("0.40"),
        "commission_rate": Decimal("0.002"),
    },
    Product.SPOT: {
        "advance_mode": AdvanceMode.PERCENTAGE,
        "advance_rate": Decimal("0.90"),
        "retention_rate": ZERO,
        "funding_mode": FundingMode.AUTOMATIC,
        "commission_timing": CommissionTiming.PRE_COUNTED,
        "commission_rate": Decimal("0.015"),
        "auto_cancel_unused_approval_days": None,
    },
    Product.REVERSE: {
        "retention_rate": ZERO,
        "funding_mode": FundingMode.AUTOMATIC,
        "funding_limit_rule": FundingLimitRule.EXPLICIT,
        "commission_timing": CommissionTiming.PRE_COUNTED,
        "commission_rate": ZERO,
    },
    Product.ABL: {
        "advance_mode": AdvanceMode.PERCENTAGE,
        "advance_rate": Decimal("0.80"),
        "retention_rate": ZERO,
        "recourse_mode": RecourseMode.WITH_RECOURSE,
        "funding_limit_rule": FundingLimitRule.UNLIMITED,
        "concentration_rate": Decimal("0.30"),
        "concentration_base": ConcentrationBase.ELIGIBLE,
        "overdue_days_ineligible": 90,
        "cross_ageing_rate": Decimal("0.50"),
        "commission_rate": Decimal("0.001"),
    },
}


def product_defaults(product: Product, **overrides: Any) -> Terms:
    """The usual terms of a product, some replaced by keyword."""
    return replace(Terms(), **{**_DEFAULTS[product], **overrides})
