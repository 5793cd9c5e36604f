"""The choices a contract declares: one enum per parameter that is not a number."""

from __future__ import annotations

from enum import StrEnum


class Product(StrEnum):
    """What is sold; each comes with its own default terms (``product_defaults``)."""

    FULL = "full"  # notified, guaranteed, collected by the factor
    RECOURSE = "recourse"  # notified, financing without guarantee
    CONFIDENTIAL = "confidential"  # not notified, collected by the client as agent
    SPOT = "spot"  # invoice by invoice
    REVERSE = "reverse"  # at the debtor's initiative
    ABL = "abl"  # percentage advance on a whole ledger


class AdvanceMode(StrEnum):
    """RETENTION: 100 % advance and a fund debited; PERCENTAGE: a rate on what is fundable."""

    RETENTION = "retention"
    PERCENTAGE = "percentage"


class RetentionBase(StrEnum):
    """What the retention rate applies to."""

    OUTSTANDING = "outstanding"
    ELIGIBLE = "eligible"
    FUNDABLE = "fundable"


class RetentionBuildUp(StrEnum):
    """PROGRESSIVE: at most the rate on each remittance; IMMEDIATE: the whole gap at once."""

    PROGRESSIVE = "progressive"
    IMMEDIATE = "immediate"


class ConcentrationBase(StrEnum):
    """What one debtor's share is measured against; FINAL is the fundable total itself."""

    OUTSTANDING = "outstanding"
    ELIGIBLE = "eligible"
    WITHIN_LIMITS = "within_limits"
    FINAL = "final"


class CoverOrderKey(StrEnum):
    """Which invoices come under cover, and use a funding limit, first; number breaks ties."""

    DUE_DATE = "due_date"
    ASSIGNMENT_DATE = "assignment_date"
    ISSUE_DATE = "issue_date"


class CoverReductionMode(StrEnum):
    """Whether invoices already covered keep their cover when the limit is cut or cancelled."""

    KEEP_EXISTING = "keep_existing"
    IMMEDIATE = "immediate"


class FundingLimitRule(StrEnum):
    """Where a debtor's funding limit comes from; EXPLICIT without a row is zero."""

    EXPLICIT = "explicit"
    COVER_LIMIT = "cover_limit"
    UNLIMITED = "unlimited"


class RecourseMode(StrEnum):
    """Who bears an unpaid receivable beyond what is covered."""

    WITH_RECOURSE = "with_recourse"
    WITHOUT_RECOURSE = "without_recourse"


class RecourseBasis(StrEnum):
    """The date from which ``recourse_days`` count."""

    DUE_DATE = "due_date"
    INVOICE_DATE = "invoice_date"


class NotificationMode(StrEnum):
    """What the debtor knows. SEMI: pays to an account of ours without being told why."""

    NOTIFIED = "notified"
    SEMI = "semi"
    CONFIDENTIAL = "confidential"


class TransferMode(StrEnum):
    """How a receivable becomes ours: C. civ. 1346-1, CMF L313-23, C. civ. 1321."""

    SUBROGATION = "subrogation"
    DAILLY = "dailly"
    CESSION = "cession"


class IndexName(StrEnum):
    """Published rates an interest rate is built on."""

    EURIBOR_3M = "euribor_3m"
    EURIBOR_1M = "euribor_1m"
    ESTR = "estr"
    ECB_REFI = "ecb_refi"
    LEGAL = "legal"  # for professionals, of a half-year: penalties are made from it, no interest


class CommissionTiming(StrEnum):
    """The financing commission is taken at the drawdown, or at the end of the month."""

    PRE_COUNTED = "pre_counted"
    POST_COUNTED = "post_counted"


class FundingMode(StrEnum):
    """ON_REQUEST; AUTOMATIC pays all that is payable; NET_OF_RESERVE leaves a standing amount."""

    ON_REQUEST = "on_request"
    AUTOMATIC = "automatic"
    NET_OF_RESERVE = "net_of_reserve"


class ReserveKind(StrEnum):
    """Why an amount is withheld from the contract as a whole."""

    GENERAL = "general"
    DILUTION = "dilution"
    EXPECTED_CREDIT_NOTES = "expected_credit_notes"
    URSSAF = "urssaf"
    SUBCONTRACTING = "subcontracting"
    YEAR_END_REBATE = "year_end_rebate"
    OTHER = "other"


class LateBasis(StrEnum):
    """The late-payment rate of the invoices (Code de commerce L441-10 II).

    LEGAL_DEFAULT: ECB refinancing rate + 10 points; LEGAL_MINIMUM: 3 × the legal interest rate;
    FIXED: the rate written on the invoices, never below the legal minimum.
    """

    LEGAL_DEFAULT = "legal_default"
    LEGAL_MINIMUM = "legal_minimum"
    FIXED = "fixed"


class MonthEndReading(StrEnum):
    """The two lawful readings of "45 jours fin de mois"."""

    END_THEN_DAYS = "end_then_days"  # 15 January → 31 January → 17 March
    DAYS_THEN_END = "days_then_end"  # 15 January → 1 March → 31 March


class FeeKind(StrEnum):
    """Flat fees of a contract's fee grid, charged per occurrence, subject to VAT."""

    SETUP = "setup"
    ANNUAL = "annual"
    MONTHLY = "monthly"
    DEBTOR_STUDY = "debtor_study"
    COVER_REQUEST = "cover_request"
    REMITTANCE = "remittance"
    PAYOUT = "payout"
    URGENT_PAYOUT = "urgent_payout"
    RETURNED_PAYMENT = "returned_payment"
    DISPUTE = "dispute"
    FORMAL_NOTICE = "formal_notice"
    AUDIT = "audit"


class EinvoicingRole(StrEnum):
    """Who sends statuses 225 to 228 to the platforms; sources disagree, so it is declared."""

    NONE = "none"
    SELLER = "seller"
    FACTOR = "factor"


class EinvoicingRouting(StrEnum):
    """The approved platform through which statuses travel."""

    CLIENT_PLATFORM = "client_platform"
    FACTOR_PLATFORM = "factor_platform"


class IneligibleReason(StrEnum):
    """Why euros of a receivable are not eligible for funding.

    Listed in the default order: each euro is caught by the first reason that applies.
    """

    ON_HOLD = "on_hold"  # a person holds it (fraud alert, doubt)
    DISPUTED = "disputed"  # partial: the disputed amount
    REFUSED_BY_DEBTOR = "refused_by_debtor"  # e-invoicing status 210 or 213
    DUPLICATE_SUSPECTED = "duplicate_suspected"
    DEBTOR_INSOLVENT = "debtor_insolvent"
    DEBTOR_EXCLUDED = "debtor_excluded"
    RELATED_PARTY = "related_party"  # debtor of the client's own group
    DEFUNDED = "defunded"
    NOT_VERIFIED = "not_verified"  # above the verification threshold
    DOCUMENT_MISSING = "document_missing"
    NOT_YET_DELIVERED = "not_yet_delivered"  # issued in the future: pre-invoicing
    OVERDUE = "overdue"
    TOO_OLD = "too_old"
    TERM_TOO_LONG = "term_too_long"
    CROSS_AGED = "cross_aged"  # too large a share of the debtor is overdue
    CONTRA = "contra"  # partial: what the client owes the debtor


#: The default order of attribution.
INELIGIBLE_ORDER: tuple[IneligibleReason, ...] = tuple(IneligibleReason)

#: Reasons that catch a given amount only, not all that is left of the receivable.
PARTIAL_REASONS = frozenset({IneligibleReason.DISPUTED, IneligibleReason.CONTRA})
