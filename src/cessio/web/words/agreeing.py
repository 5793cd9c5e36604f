"""Words of what two people decide: each kind of deed, why it takes two, and what changes."""

from __future__ import annotations

from cessio.plumbing.i18n import Lazy, lazy

#: What each kind is called.
DEED_NAMES: dict[str, Lazy] = {
    "staff_access": lazy("Access of a colleague"),
    "delegation": lazy("Rights lent to a colleague"),
    "authority": lazy("Amounts of a decision"),
    "payout_limits": lazy("Limits of payouts"),
    "matching": lazy("Settings of matching"),
    "own_account": lazy("Bank account of the house"),
    "house_identity": lazy("Identity of the house"),
    "new_contract": lazy("Contract to sign"),
    "contract_terms": lazy("Contract terms"),
    "contract_end": lazy("Contract to end"),
    "new_offer": lazy("New product"),
    "offer_terms": lazy("Terms of a product"),
    "new_fee_grid": lazy("New fee grid"),
    "fee_prices": lazy("Prices of a fee grid"),
    "rate_fixing": lazy("Published rates"),
    "write_off": lazy("Losses and invoices given back"),
    "own_means": lazy("Capital or refinancing to book"),
    "remittance_reversal": lazy("Remittance to reverse"),
    "dunning_switch": lazy("Dunning plan to switch"),
    "resume_work": lazy("Work to resume after a restore"),
}
#: Why it takes two people, in a sentence.
DEED_WHY: dict[str, Lazy] = {
    "staff_access": lazy("Who gives rights could give them to themselves: a second administrator, "
                         "or the auditor, sees whom and what before it holds."),
    "delegation": lazy("Whoever decides for somebody away decides as much as they do: who looks "
                       "after rights sees to whom, what and until when."),
    "authority": lazy("These amounts say who decides alone: whoever raises them could decide more "
                      "than the house meant."),
    "payout_limits": lazy("These limits stop a large payout whoever signs it. Orders signed under "
                          "the former ones and not sent are given up."),
    "matching": lazy("What applies by itself, and which difference is let go, is money nobody "
                     "looks at again."),
    "own_account": lazy("Debtors are told to pay to this account, and payouts may leave from it: "
                        "a wrong IBAN diverts everything."),
    "house_identity": lazy("Every letter, statement and invoice carries it: debtors and clients "
                           "write to this address and answer to this name."),
    "new_contract": lazy("The facility, the rates and the guarantee bind the house from the "
                         "signature on."),
    "contract_terms": lazy("Availability, fees and interest follow from these parameters from that "
                           "day on."),
    "contract_end": lazy("The client assigns and draws nothing under it from that day on, and it "
                         "is not undone: another contract would be signed."),
    "new_offer": lazy("Every contract of the product starts from these terms."),
    "offer_terms": lazy("Every contract of the product to come starts from these terms."),
    "new_fee_grid": lazy("Clients are charged these fees by themselves."),
    "fee_prices": lazy("Clients are charged these fees by themselves from that day on."),
    "rate_fixing": lazy("The interest of every contract on the index is computed from these "
                        "values."),
    "write_off": lazy("An invoice settled so is asked of its debtor no more: the house loses the "
                      "indemnity, the client what is given back."),
    "own_means": lazy("What is booked as ours is matched with nobody: a debtor's payment would "
                      "look unpaid, and money that left would look repaid."),
    "remittance_reversal": lazy("Every invoice of the remittance leaves the book, and what it made "
                                "available with it."),
    "resume_work": lazy("Payouts and mails leave again from a book that does not know what left "
                        "since its copy: what nobody compared may be paid twice."),
    "dunning_switch": lazy("Debtors of the whole book are written to, or left alone, from that "
                           "day on."),
}  # fmt: skip
#: What a line that changes is called, where it is no parameter of a contract.
CHANGE_NAMES: dict[str, Lazy] = {
    "access": lazy("Access"),
    "unknown_payouts": lazy("Payouts still unknown"),
    "lost_debits": lazy("Debits of payouts this book never made"),
    "found_bank": lazy("Payouts against the bank"),
    "found_seals": lazy("Books against their seals"),
    "found_papers": lazy("Papers and numbers against what was sent"),
    "second_person_from_minor": lazy("A second person from"),
    "per_payout_minor": lazy("Per payout"),
    "per_payee_day_minor": lazy("Per account and day"),
    "per_person_day_minor": lazy("Per person and day"),
    "per_order_minor": lazy("Per order"),
    "cooling_hours": lazy("Hours before a changed account is paid"),
    "auto_apply_from": lazy("Sure enough from"),
    "tolerance_minor": lazy("Difference let go"),
    "is_payout": lazy("Payouts leave from it"),
    "documents": lazy("Documents"),
    "means": lazy("What it is"),
    "to_match_minor": lazy("To match"),
    "version": lazy("Version in use"),
    "effective_from": lazy("From"),
    "ended_on": lazy("Ends on"),
    "role": lazy("Role"),
    "name": lazy("Name"), "iban": lazy("IBAN"), "bic": lazy("BIC"), "holder": lazy("Holder"),
    "currency": lazy("Currency"), "state": lazy("State"),
    "legal": lazy("What kind of company"), "siren": lazy("SIREN"), "street": lazy("Street"),
    "post_code": lazy("Post code"), "city": lazy("Town"),
}  # fmt: skip
