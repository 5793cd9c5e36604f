"""Receivables: what clients assign, line by line, and what becomes of it.

A *remittance* is a schedule of documents that a client assigns under one contract: a *draft*
until confirmed, then *submitted*, *assigned*, *refused* or *withdrawn*, perhaps *reversed*. A
*line* is a document as it was sent, with its *verdict* and every *reason*. A *receivable* is what
an assigned line becomes: an invoice (open above zero), a credit note or a credit on account
(below). A *set-off* uses a credit against an invoice of the same debtor. A *dispute* is the
debtor's, a *hold* is ours. The *subrogation receipt* proves the payment that transfers the claim.
"""

from cessio.receivables.operations import (
    Assignment,
    NewDocument,
    Submission,
    accept,
    assign,
    check,
    draft_from_rows,
    refuse,
    submit,
    withdraw,
)

__all__ = [
    "Assignment",
    "NewDocument",
    "Submission",
    "accept",
    "assign",
    "check",
    "draft_from_rows",
    "refuse",
    "submit",
    "withdraw",
]
