"""What is said of a remittance and its lines, in a few words each (the sentences are longer)."""

from __future__ import annotations

from cessio.plumbing.i18n import Lazy, lazy
from cessio.web.words import label

_WORDS: dict[str, Lazy] = {
    "number_missing": lazy("Number missing"),
    "number_too_long": lazy("Number too long"),
    "debtor_missing": lazy("Debtor missing"),
    "siren_invalid": lazy("SIREN not right"),
    "vat_number_invalid": lazy("VAT number not right"),
    "debtor_name_missing": lazy("Name of a new debtor missing"),
    "debtor_unidentified": lazy("Debtor not identified"),
    "amount_missing": lazy("Amount missing"),
    "amount_unreadable": lazy("Amount unreadable"),
    "amount_ambiguous": lazy("Amount readable in two ways"),
    "amount_too_precise": lazy("Too many decimals"),
    "amount_too_large": lazy("Amount too large"),
    "amount_zero": lazy("Amount of zero"),
    "date_missing": lazy("Invoice date missing"),
    "date_unreadable": lazy("Date unreadable"),
    "kind_unreadable": lazy("Neither invoice nor credit note"),
    "text_unreadable": lazy("Characters unreadable"),
    "text_too_long": lazy("Text too long"),
    "fields_shifted": lazy("Fields shifted"),
    "currency_mismatch": lazy("Another currency"),
    "debtor_is_client": lazy("Debtor is the client itself"),
    "being_checked": lazy("Something in it is being checked"),
    "above_auto_accept": lazy("Above the amount accepted by rule"),
    "below_minimum": lazy("Below the smallest remittance"),
    "similar_number": lazy("Number much like another"),
    "similar_amount": lazy("Same debtor, amount and dates"),
    "debtor_insolvent": lazy("Insolvent debtor"),
    "related_party": lazy("Debtor of the client's group"),
    "vat_implausible": lazy("VAT does not fit the amount"),
    "duplicate_assigned": lazy("Assigned already"),
    "duplicate_in_file": lazy("Twice in the file"),
    "already_overdue": lazy("Overdue already"),
    "invoice_too_old": lazy("Too old to be funded"),
    "term_too_long": lazy("Term beyond the contract's"),
    "term_beyond_legal": lazy("Term beyond the legal maximum"),
    "due_date_assumed": lazy("Due date assumed"),
    "no_cover": lazy("Debtor without cover"),
    "new_debtor": lazy("Debtor new to us"),
    "debtor_by_name": lazy("Debtor found by its name"),
    "debtor_excluded": lazy("Debtor not funded"),
    "withheld": lazy("Left out by us"),
    "withheld_for": lazy("Left out by us"),
    "issued_in_future": lazy("Dated in the future"),
    "due_before_issue": lazy("Due before it was issued"),
    "limitation_passed": lazy("Due more than five years ago"),
    "original_not_named": lazy("Credit note without its invoice"),
    "original_unknown": lazy("Credit note of an invoice not with us"),
    "exceeds_original": lazy("Credit note above its invoice"),
}


def why_it_waits(code: str) -> str:
    """The words of a reason, by its code."""
    return str(_WORDS[code]) if code in _WORDS else label(code)
