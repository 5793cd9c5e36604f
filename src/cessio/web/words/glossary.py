# ruff: noqa: E501
"""The terms of the trade, each with one sentence anybody understands.

Keys are the identifiers of the domain glossary; name and explanation are translated sentences.
"""

from __future__ import annotations

from dataclasses import dataclass

from cessio.plumbing.i18n import Lazy, lazy


@dataclass(frozen=True, slots=True)
class Term:
    """A term with its explanation."""

    key: str
    name: Lazy
    meaning: Lazy


# fmt: off
_TERMS: tuple[tuple[str, Lazy, Lazy], ...] = (
    # Parties and papers
    ("factoring", lazy("Factoring"), lazy(
        "A factor buys a company's unpaid invoices, advances the money, collects it, "
        "and can carry the risk that the debtor fails."
    )),
    ("factor", lazy("Factor"), lazy("The company that buys the invoices and pays for them: us.")),
    ("client", lazy("Client"), lazy("The company that sells its invoices to the factor.")),
    ("debtor", lazy("Debtor"), lazy("The company that owes the invoice and must now pay the factor.")),
    ("receivable", lazy("Receivable"), lazy(
        "What a debtor still owes on one document: an invoice, or less for a credit note."
    )),
    ("credit_note", lazy("Credit note"), lazy(
        "A document that lowers what a debtor owes, for returned goods, an error or a discount."
    )),
    ("remittance", lazy("Remittance"), lazy(
        "The list of invoices a client hands over to the factor in one go."
    )),
    ("subrogation_receipt", lazy("Subrogation receipt"), lazy(
        "The proof that the factor paid for the invoices of a remittance and now owns them, "
        "made at the very moment of payment."
    )),
    ("subrogation", lazy("Subrogation"), lazy(
        "By paying the client, the factor takes its place towards the debtor (French civil code, 1346-1)."
    )),
    ("dailly", lazy("Dailly assignment"), lazy(
        "A French way to assign business claims to a bank by a signed and dated list (CMF L313-23)."
    )),
    ("notice_of_assignment", lazy("Notice of assignment"), lazy(
        "The letter that tells a debtor to pay the factor from now on."
    )),
    ("confidential_factoring", lazy("Confidential factoring"), lazy(
        "The debtor is not told: it pays an account in the client's name that belongs to the factor."
    )),
    ("collection_mandate", lazy("Collection mandate"), lazy(
        "The client keeps collecting its invoices, on the factor's behalf."
    )),
    ("recourse", lazy("Recourse"), lazy(
        "The factor's right to give an unpaid invoice back to the client and take its advance back."
    )),
    # Cover
    ("cover_limit", lazy("Cover limit"), lazy(
        "The most the factor guarantees on one debtor: invoices within it are paid to the client "
        "even if the debtor fails."
    )),
    ("cover_request", lazy("Cover request"), lazy(
        "A client asks the factor to guarantee a debtor up to an amount."
    )),
    ("covered_amount", lazy("Covered amount"), lazy(
        "The part of an invoice that the cover limit reaches; invoices are covered in order of due date."
    )),
    ("cover_rate", lazy("Insured percentage"), lazy(
        "The share of a covered invoice that is paid if the debtor fails; the rest is the client's loss."
    )),
    ("funding_limit", lazy("Funding limit"), lazy(
        "The most the factor advances on one debtor, whatever it guarantees."
    )),
    ("guarantee_claim", lazy("Indemnity"), lazy(
        "What the factor pays for good when a covered debtor does not pay for lack of money."
    )),
    ("deductible", lazy("Deductible"), lazy("The first losses of a year, which the insurer leaves to the factor.")),
    ("indemnity", lazy("Indemnity"), lazy("What we bear of a covered invoice that its debtor does not pay: the covered amount at the contract’s rate.")),
    ("insolvency", lazy("Insolvency proceedings"), lazy(
        "A court protects a company that cannot pay; creditors must declare what they are owed in time."
    )),
    # Availability
    ("availability", lazy("Availability"), lazy(
        "What you can draw now: assigned invoices, less what cannot be funded, the retention fund, "
        "reserves and what was already drawn."
    )),
    ("outstanding", lazy("Outstanding"), lazy("Everything debtors still owe on the invoices assigned.")),
    ("fundable", lazy("Fundable"), lazy(
        "The part of the outstanding on which money can be advanced, within limits and concentration."
    )),
    ("non_fundable", lazy("Non-fundable"), lazy(
        "The part of the outstanding that brings no advance: disputed, too old, over a limit or excluded."
    )),
    ("ineligible", lazy("Ineligible"), lazy(
        "An invoice, or a part of one, that the contract excludes from funding, with the rule that says so."
    )),
    ("concentration_rate", lazy("Concentration"), lazy(
        "The largest share of the book one debtor may be for funding; what exceeds it brings no advance."
    )),
    ("retention_fund", lazy("Retention fund"), lazy(
        "Money the factor keeps aside from each remittance, against credit notes and short payments; "
        "it stays the client's."
    )),
    ("reserve", lazy("Reserve"), lazy("An amount withheld for a known risk, such as credit notes to come.")),
    ("facility_limit", lazy("Facility limit"), lazy("The most a client may have drawn at any time under its contract.")),
    ("limit_excess", lazy("Excess over limit"), lazy("What goes beyond a limit, and is not funded or not covered for that reason.")),
    ("funds_in_use", lazy("Funds in use"), lazy(
        "What the factor has put out for the client: drawings, fees and retention, less what came in. "
        "It bears interest."
    )),
    ("current_account", lazy("Current account"), lazy(
        "The account between client and factor: assignments come in, drawings, fees and retention go out."
    )),
    ("drawdown", lazy("Drawdown"), lazy("The client asks for some of its availability to be paid out.")),
    ("payout", lazy("Payout"), lazy("The transfer that carries a drawdown to the client's bank account.")),
    ("defunding", lazy("Defunding"), lazy("An invoice stops bringing an advance, so the availability falls by its amount.")),
    ("transfer_back", lazy("Transfer back"), lazy("The factor gives an invoice back to the client, who owes its amount again.")),
    # Cost
    ("factoring_commission", lazy("Factoring commission"), lazy(
        "The price of managing, collecting and guaranteeing, as a share of each invoice; with VAT."
    )),
    ("financing_commission", lazy("Financing commission"), lazy(
        "The interest on funds in use: a market index, never below its floor, plus a margin; without VAT."
    )),
    ("pre_counted", lazy("Pre-counted"), lazy("Interest is taken when the advance is made, for a fixed number of days.")),
    ("post_counted", lazy("Post-counted"), lazy("Interest is taken at the end of the period, on the days really used.")),
    ("annual_minimum", lazy("Annual minimum"), lazy("The least commission of a contract year; what is missing is charged on its last day.")),
    ("effective_rate", lazy("Effective rate"), lazy(
        "What funding really costs per year, by the legal formula: all financing fees over the amounts used."
    )),
    ("interest_numbers", lazy("Interest numbers"), lazy("Amount used times days: what interest is calculated on.")),
    ("value_date", lazy("Value date"), lazy("The day from which a movement counts for interest.")),
    ("euribor", lazy("Euribor"), lazy("The rate at which banks of the euro area lend to each other, published each day.")),
    # Cash and collection
    ("debtor_payment", lazy("Debtor payment"), lazy("Money received from a debtor for assigned invoices.")),
    ("direct_payment", lazy("Direct payment"), lazy("A debtor paid the client instead of the factor; the money belongs to the factor.")),
    ("cash_application", lazy("Matching"), lazy("Saying which invoices a payment pays.")),
    ("unallocated_cash", lazy("Unallocated cash"), lazy("Money received that is not matched to an invoice yet.")),
    ("payment_difference", lazy("Payment difference"), lazy("A debtor paid less or more than the invoice: a discount, bank charges or an error.")),
    ("dispute", lazy("Dispute"), lazy("The debtor contests an invoice; until it is settled it brings no advance and no cover.")),
    ("dilution", lazy("Dilution"), lazy("The share of invoiced amounts that never becomes cash: credit notes, discounts, returns.")),
    ("aged_balance", lazy("Aged balance"), lazy("What is owed, by how late it is.")),
    ("dso", lazy("DSO"), lazy("Days sales outstanding: how many days of sales are still unpaid.")),
    ("dunning", lazy("Dunning"), lazy("The planned reminders to a debtor, from a friendly message to a formal notice.")),
    ("formal_notice", lazy("Formal notice"), lazy("The registered letter that demands payment before going to court.")),
    ("late_payment_interest", lazy("Late-payment interest"), lazy("What a late debtor owes by law for each day, without being reminded.")),
    ("recovery_indemnity", lazy("Recovery indemnity"), lazy("The fixed €40 a late debtor owes by law on each invoice.")),
    ("promise", lazy("Promise to pay"), lazy("A date and amount the debtor committed to.")),
    ("litigation", lazy("Litigation"), lazy("Recovery of an unpaid invoice through the courts.")),
    ("bill_of_exchange", lazy("Trade bill"), lazy("A paper or electronic promise to pay on a date, presented to the debtor's bank (LCR, BOR).")),
    # Books and papers
    ("statement", lazy("Statement"), lazy("All movements of an account over a period, from its opening to its closing balance.")),
    ("as_of", lazy("As of"), lazy("What was known at the end of that day; facts recorded later do not change it.")),
    ("four_eyes", lazy("Four eyes"), lazy("A second person must approve before it happens.")),
    ("approved_platform", lazy("Approved platform"), lazy("A platform registered by the French tax administration to carry electronic invoices.")),
    ("fec", lazy("FEC"), lazy("The accounting entries file that French law asks of every company.")),
)
# fmt: on


glossary: dict[str, Term] = {key: Term(key, name, text) for key, name, text in _TERMS}


def glossary_entry(key: str) -> Term:
    """The term of a key; a key we do not explain is a programming error (``KeyError``)."""
    return glossary[key]
