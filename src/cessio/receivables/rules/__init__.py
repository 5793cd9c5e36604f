"""What may be funded of a receivable, whether it was assigned before, and a line's verdict."""

from cessio.receivables.rules.duplicates import (
    DocumentIdentity,
    DuplicateKeys,
    DuplicateKind,
    amounts_close,
    duplicate_keys,
    likeness,
    numbers_close,
)
from cessio.receivables.rules.eligibility import (
    Eligibility,
    EligibilityFacts,
    attribute,
    is_cross_aged,
    needs_verification,
    reasons_for,
)
from cessio.receivables.rules.fingerprints import fingerprint, number_key
from cessio.receivables.rules.marks import HOLDABLE, WELL_ENDED, DisputeOutcome, DisputeReason
from cessio.receivables.rules.verdicts import (
    HOLDING,
    REASONS,
    REFUSING,
    DocumentKind,
    Reason,
    RemittanceState,
    Source,
    Verdict,
    hold_reasons,
    read_reason,
    verdict_of,
)

__all__ = [
    "HOLDABLE",
    "HOLDING",
    "REASONS",
    "REFUSING",
    "WELL_ENDED",
    "DisputeOutcome",
    "DisputeReason",
    "DocumentIdentity",
    "DocumentKind",
    "DuplicateKeys",
    "DuplicateKind",
    "Eligibility",
    "EligibilityFacts",
    "Reason",
    "RemittanceState",
    "Source",
    "Verdict",
    "amounts_close",
    "attribute",
    "duplicate_keys",
    "fingerprint",
    "hold_reasons",
    "is_cross_aged",
    "likeness",
    "needs_verification",
    "number_key",
    "numbers_close",
    "read_reason",
    "reasons_for",
    "verdict_of",
]
