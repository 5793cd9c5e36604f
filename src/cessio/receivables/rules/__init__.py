"""What may be funded of a receivable, and whether it was assigned before."""

from cessio.receivables.rules.duplicates import (
    DocumentIdentity,
    DuplicateKeys,
    DuplicateKind,
    amounts_close,
    duplicate_keys,
    likeness,
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

__all__ = [
    "DocumentIdentity",
    "DuplicateKeys",
    "DuplicateKind",
    "Eligibility",
    "EligibilityFacts",
    "amounts_close",
    "attribute",
    "duplicate_keys",
    "fingerprint",
    "is_cross_aged",
    "likeness",
    "needs_verification",
    "number_key",
    "reasons_for",
]
