"""Files received and produced, kept with the hash of their bytes.

A *document* is bytes that never change: an uploaded remittance, a sealed payment order, a
statement as it was sent. Its *subject* is the thing it belongs to, its *kind* what it is.
"""

from __future__ import annotations

from cessio.documents.operations import StoredDocument, store, withdraw
from cessio.documents.queries import (
    Altered,
    DocumentContent,
    DocumentView,
    document,
    of_client,
    of_subject,
    read,
    with_hash,
)
from cessio.documents.rules import PAPER_BYTES, paper_type

__all__ = [
    "PAPER_BYTES",
    "Altered",
    "DocumentContent",
    "DocumentView",
    "StoredDocument",
    "document",
    "of_client",
    "of_subject",
    "paper_type",
    "read",
    "store",
    "with_hash",
    "withdraw",
]
