"""The tables of receivables: what is assigned, and what is verified of it."""

from cessio.receivables.models.book import (
    ColumnMapping,
    Dispute,
    Follow,
    Hold,
    Receivable,
    Remittance,
    RemittanceLine,
    RemittanceState,
    SetOff,
    SubrogationReceipt,
)
from cessio.receivables.models.due_dates import DueDateChange, DueDatePolicy
from cessio.receivables.models.verification import Verification, VerificationSeed

__all__ = [
    "ColumnMapping",
    "Dispute",
    "DueDateChange",
    "DueDatePolicy",
    "Follow",
    "Hold",
    "Receivable",
    "Remittance",
    "RemittanceLine",
    "RemittanceState",
    "SetOff",
    "SubrogationReceipt",
    "Verification",
    "VerificationSeed",
]
