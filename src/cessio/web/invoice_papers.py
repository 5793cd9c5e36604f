"""What a paper of an invoice may be, as both sides name it."""

from __future__ import annotations

from cessio.web.render import _

#: What may be attached to an invoice, by kind of document.
KINDS = ("purchase_order", "delivery_note", "invoice_copy", "debtor_letter", "other_proof")


def kind_words() -> dict[str, str]:
    """Each kind and its words in the reader's language."""
    words = (_("Purchase order"), _("Delivery note"), _("Copy of the invoice"),
             _("Letter of the debtor"), _("Other proof"))  # fmt: skip
    return dict(zip(KINDS, words, strict=True))
