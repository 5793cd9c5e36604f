"""Words of contracts: products, the choices of their terms, and the name of every parameter."""

from cessio.contracts.rules import IndexName, Product
from cessio.contracts.rules.options import (
    AdvanceMode,
    CommissionTiming,
    ConcentrationBase,
    CoverOrderKey,
    CoverReductionMode,
    EinvoicingRole,
    EinvoicingRouting,
    FundingLimitRule,
    FundingMode,
    LateBasis,
    MonthEndReading,
    NotificationMode,
    RecourseBasis,
    RecourseMode,
    RetentionBase,
    RetentionBuildUp,
    TransferMode,
)
from cessio.plumbing.i18n import Lazy, lazy
from cessio.web.words.registry import labels

labels(
    Product,
    {
        Product.FULL: lazy("Full service"),
        Product.RECOURSE: lazy("With recourse"),
        Product.CONFIDENTIAL: lazy("Confidential"),
        Product.SPOT: lazy("Invoice by invoice"),
        Product.REVERSE: lazy("Reverse factoring"),
        Product.ABL: lazy("Whole ledger, percentage advance"),
    },
)
#: What each product is, for whoever chooses one.
PRODUCTS: dict[Product, Lazy] = {
    Product.FULL: lazy("Debtors are notified, covered and collected by us."),
    Product.RECOURSE: lazy("Debtors are notified; the client bears their failure."),
    Product.CONFIDENTIAL: lazy("Debtors are not told; the client collects for us."),
    Product.SPOT: lazy("Single invoices, advanced at 90 %, interest taken at once."),
    Product.REVERSE: lazy("At the debtor's initiative; paid in full and at once."),
    Product.ABL: lazy("80 % of the eligible ledger, with recourse and cross-ageing."),
}
labels(
    AdvanceMode,
    {
        AdvanceMode.RETENTION: lazy("All, less a retention fund"),
        AdvanceMode.PERCENTAGE: lazy("A percentage of what is fundable"),
    },
)
labels(
    RetentionBase,
    {
        RetentionBase.OUTSTANDING: lazy("On the outstanding"),
        RetentionBase.ELIGIBLE: lazy("On what is eligible"),
        RetentionBase.FUNDABLE: lazy("On what is fundable"),
    },
)
labels(
    RetentionBuildUp,
    {
        RetentionBuildUp.PROGRESSIVE: lazy("Remittance by remittance"),
        RetentionBuildUp.IMMEDIATE: lazy("The whole gap at once"),
    },
)
labels(
    ConcentrationBase,
    {
        ConcentrationBase.OUTSTANDING: lazy("Share of the outstanding"),
        ConcentrationBase.ELIGIBLE: lazy("Share of what is eligible"),
        ConcentrationBase.WITHIN_LIMITS: lazy("Share of what is within limits"),
        ConcentrationBase.FINAL: lazy("Share of what is funded in the end"),
    },
)
labels(
    CoverOrderKey,
    {
        CoverOrderKey.DUE_DATE: lazy("By due date"),
        CoverOrderKey.ASSIGNMENT_DATE: lazy("By date of assignment"),
        CoverOrderKey.ISSUE_DATE: lazy("By invoice date"),
    },
)
labels(
    CoverReductionMode,
    {
        CoverReductionMode.KEEP_EXISTING: lazy("Covered invoices keep their cover"),
        CoverReductionMode.IMMEDIATE: lazy("Cover falls at once"),
    },
)
labels(
    FundingLimitRule,
    {
        FundingLimitRule.EXPLICIT: lazy("Only as decided by debtor"),
        FundingLimitRule.COVER_LIMIT: lazy("The same as the cover limit"),
        FundingLimitRule.UNLIMITED: lazy("Not limited by debtor"),
    },
)
labels(
    RecourseMode,
    {
        RecourseMode.WITH_RECOURSE: lazy("With recourse against the client"),
        RecourseMode.WITHOUT_RECOURSE: lazy("Without recourse, within cover"),
    },
)
labels(
    RecourseBasis,
    {
        RecourseBasis.DUE_DATE: lazy("From the due date"),
        RecourseBasis.INVOICE_DATE: lazy("From the invoice date"),
    },
)
labels(
    NotificationMode,
    {
        NotificationMode.NOTIFIED: lazy("Debtors are notified"),
        NotificationMode.SEMI: lazy("Debtors only learn the account to pay"),
        NotificationMode.CONFIDENTIAL: lazy("Debtors are not told"),
    },
)
labels(
    TransferMode,
    {
        TransferMode.SUBROGATION: lazy("Subrogation"),
        TransferMode.DAILLY: lazy("Dailly assignment"),
        TransferMode.CESSION: lazy("Assignment of claims (civil code)"),
    },
)
labels(
    IndexName,
    {
        IndexName.EURIBOR_3M: lazy("3-month Euribor"),
        IndexName.EURIBOR_1M: lazy("1-month Euribor"),
        IndexName.ESTR: lazy("€STR"),
        IndexName.ECB_REFI: lazy("ECB refinancing rate"),
        IndexName.LEGAL: lazy("Legal interest rate"),
    },
)
labels(
    CommissionTiming,
    {
        CommissionTiming.PRE_COUNTED: lazy("Taken at the drawdown"),
        CommissionTiming.POST_COUNTED: lazy("Taken at the end of the month"),
    },
)
labels(
    FundingMode,
    {
        FundingMode.ON_REQUEST: lazy("When the client asks"),
        FundingMode.AUTOMATIC: lazy("All that is available, by itself"),
        FundingMode.NET_OF_RESERVE: lazy("By itself, but for a standing amount"),
    },
)
labels(
    LateBasis,
    {
        LateBasis.LEGAL_DEFAULT: lazy("ECB refinancing rate + 10 points"),
        LateBasis.LEGAL_MINIMUM: lazy("Three times the legal rate"),
        LateBasis.FIXED: lazy("The rate of the invoices"),
    },
)
labels(
    MonthEndReading,
    {
        MonthEndReading.END_THEN_DAYS: lazy("End of month, then the days"),
        MonthEndReading.DAYS_THEN_END: lazy("The days, then end of month"),
    },
)
labels(
    EinvoicingRole,
    {
        EinvoicingRole.NONE: lazy("Nobody"),
        EinvoicingRole.SELLER: lazy("The client"),
        EinvoicingRole.FACTOR: lazy("The factor"),
    },
)
labels(
    EinvoicingRouting,
    {
        EinvoicingRouting.CLIENT_PLATFORM: lazy("The client's platform"),
        EinvoicingRouting.FACTOR_PLATFORM: lazy("Our platform"),
    },
)

#: Every parameter of ``contracts.rules.Terms`` under its heading, in the order of the screens.
TERM_GROUPS: tuple[tuple[Lazy, dict[str, Lazy]], ...] = (
    (lazy("Transfer of the invoices"), {
        "notification_mode": lazy("What debtors are told"),
        "transfer_mode": lazy("Legal transfer"),
        "einvoicing_role": lazy("Who sends e-invoicing statuses"),
        "einvoicing_routing": lazy("Platform of the statuses"),
        "minimum_remittance_minor": lazy("Smallest remittance"),
        "auto_accept_max_minor": lazy("Accepted by rule up to"),
    }),
    (lazy("Advance"), {
        "advance_mode": lazy("What is advanced"),
        "advance_rate": lazy("Advance rate"),
        "facility_limit_minor": lazy("Facility limit"),
        "funding_mode": lazy("When it is paid out"),
        "minimum_drawdown_minor": lazy("Smallest drawdown"),
        "standing_reserve_minor": lazy("Amount left standing"),
        "payout_approval_threshold_minor": lazy("Second approval from"),
    }),
    (lazy("Retention fund"), {
        "retention_rate": lazy("Retention rate"),
        "retention_base": lazy("Retention base"),
        "retention_build_up": lazy("How the fund is built up"),
        "retention_min_minor": lazy("Fund at least"),
        "retention_max_minor": lazy("Fund at most"),
        "retention_interest_free_rate": lazy("Share free of interest"),
        "retention_release_allowed": lazy("The excess is given back"),
        "reserve_dilution_rate": lazy("Reserve for dilution, of what is fundable"),
    }),
    (lazy("Limits of funding"), {
        "funding_limit_rule": lazy("Funding limit by debtor"),
        "concentration_rate": lazy("Largest share of one debtor"),
        "concentration_base": lazy("Share measured on"),
        "new_debtor_days": lazy("A debtor is new for (days)"),
        "new_debtor_limit_minor": lazy("Funding of a new debtor up to"),
    }),
    (lazy("Eligibility"), {
        "overdue_days_ineligible": lazy("Not funded when overdue by more than (days)"),
        "invoice_age_days_ineligible": lazy("Not funded when older than (days)"),
        "payment_term_days_max": lazy("Longest payment term (days)"),
        "cross_ageing_rate": lazy("Overdue share that stops a debtor"),
        "dispute_days_before_defunding": lazy("Dispute lasts before defunding (days)"),
        "verification_min_minor": lazy("Invoices verified from"),
        "verification_sample_rate": lazy("Share of others verified at random"),
        "verification_risk_rate": lazy("The same for new or at-risk debtors"),
        "verification_first_invoices": lazy("First invoices of a debtor verified (number)"),
        "ineligible_reasons": lazy("Reasons that withhold funding"),
    }),
    (lazy("Cover and recourse"), {
        "cover_rate_default": lazy("Insured percentage"),
        "cover_order_key": lazy("Order of cover"),
        "cover_reduction_mode": lazy("When a limit is cut"),
        "blanket_cover_minor": lazy("Cover of unnamed debtors"),
        "guarantee_claim_days": lazy("Guarantee paid after (days overdue)"),
        "auto_cancel_unused_approval_days": lazy("Unused limit lapses after (days)"),
        "unused_approval_notice_days": lazy("Client told before (days)"),
        "recourse_mode": lazy("Who bears an unpaid invoice"),
        "recourse_days": lazy("Recourse after (days)"),
        "recourse_basis": lazy("Recourse counted"),
    }),
    (lazy("Financing commission"), {
        "interest_index": lazy("Index"),
        "interest_index_floor": lazy("Floor of the index"),
        "interest_margin": lazy("Margin"),
        "interest_day_basis": lazy("Days of the year"),
        "commission_timing": lazy("When interest is taken"),
        "pre_counted_refund": lazy("Unused days are given back"),
        "value_days_in": lazy("Value date of receipts (business days)"),
        "value_days_out": lazy("Value date of payouts (business days)"),
    }),
    (lazy("Factoring commission"), {
        "commission_rate": lazy("Commission rate"),
        "commission_minimum_minor": lazy("Least commission per invoice"),
        "commission_vat_rate": lazy("VAT rate"),
        "commission_on_credit_notes": lazy("Credit notes are charged too"),
        "annual_minimum_minor": lazy("Annual minimum"),
    }),
    (lazy("Late payment by debtors"), {
        "late_basis": lazy("Late-payment rate"),
        "late_fixed_rate": lazy("Rate of the invoices"),
        "late_day_count": lazy("Days of the year for late interest"),
        "recovery_indemnity_minor": lazy("Recovery indemnity per invoice"),
        "payment_terms_days_default": lazy("Usual payment terms (days)"),
        "late_fin_de_mois_reading": lazy("Reading of “end of month”"),
        "direct_payment_days": lazy("Direct payment forwarded within (business days)"),
    }),
)  # fmt: skip

#: The trade term that explains a parameter, where the glossary has one.
TERM_HELP: dict[str, str] = {
    "facility_limit_minor": "facility_limit",
    "retention_rate": "retention_fund",
    "concentration_rate": "concentration_rate",
    "funding_limit_rule": "funding_limit",
    "interest_margin": "financing_commission",
    "commission_rate": "factoring_commission",
    "cover_rate_default": "cover_rate",
    "transfer_mode": "subrogation",
    "annual_minimum_minor": "annual_minimum",
}
