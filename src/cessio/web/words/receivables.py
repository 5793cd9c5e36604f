"""Words of remittances and receivables: states, verdicts, and every reason a line is given."""

from cessio.collections.words import DISPUTE_OUTCOMES, DISPUTE_REASONS
from cessio.contracts.rules import IneligibleReason, ReserveKind
from cessio.plumbing.i18n import lazy, plazy
from cessio.receivables.formats.tabular import DateOrder, Decimals, Field
from cessio.receivables.queries import Age, Deadline, Status
from cessio.receivables.rules import (
    DisputeOutcome,
    DisputeReason,
    DocumentKind,
    RemittanceState,
    Source,
    Verdict,
)
from cessio.receivables.rules.due_dates import DueDateOutcome, DueDateReason
from cessio.web.words.registry import labels, sentences, tones

labels(
    DueDateReason,
    {
        DueDateReason.AGREED: lazy("Client and debtor agreed on it"),
        DueDateReason.INVOICE_ERROR: lazy("The invoice said another day"),
        DueDateReason.DISPUTE: lazy("It ends a dispute"),
        DueDateReason.OTHER: plazy("due date", "Other"),
    },
)
labels(
    DueDateOutcome,
    {
        DueDateOutcome.APPLIED: plazy("due date", "Moved"),
        DueDateOutcome.REJECTED: plazy("due date", "Refused"),
        DueDateOutcome.WITHDRAWN: plazy("due date", "Withdrawn"),
    },
)
tones(
    DueDateOutcome,
    {
        "positive": [DueDateOutcome.APPLIED],
        "danger": [DueDateOutcome.REJECTED],
        "muted": [DueDateOutcome.WITHDRAWN],
    },
)

labels(
    RemittanceState,
    {
        RemittanceState.DRAFT: lazy("Draft"),
        RemittanceState.SUBMITTED: lazy("Being examined"),
        RemittanceState.ASSIGNED: lazy("Assigned"),
        RemittanceState.REFUSED: plazy("remittance", "Refused"),
        RemittanceState.WITHDRAWN: lazy("Withdrawn"),
        RemittanceState.REVERSED: plazy("remittance", "Reversed"),
    },
)
tones(
    RemittanceState,
    {
        "positive": [RemittanceState.ASSIGNED],
        "attention": [RemittanceState.SUBMITTED],
        "danger": [RemittanceState.REFUSED],
        "info": [RemittanceState.DRAFT],
        "muted": [RemittanceState.WITHDRAWN, RemittanceState.REVERSED],
    },
)
labels(
    Verdict,
    {
        Verdict.ACCEPTED: lazy("Accepted"),
        Verdict.WARNING: lazy("Accepted with a warning"),
        Verdict.REFUSED: plazy("line", "Refused"),
    },
)
tones(
    Verdict,
    {
        "positive": [Verdict.ACCEPTED],
        "attention": [Verdict.WARNING],
        "danger": [Verdict.REFUSED],
    },
)
labels(
    DocumentKind,
    {DocumentKind.INVOICE: lazy("Invoice"), DocumentKind.CREDIT_NOTE: lazy("Credit note")},
)
labels(
    Source,
    {
        Source.FILE: lazy("File"),
        Source.API: lazy("Sent by program"),
        Source.TYPED: lazy("Typed in"),
        Source.RESENT: lazy("Sent again"),
    },
)
labels(
    Status,
    {
        Status.OPEN: plazy("invoice", "Open"),
        Status.OVERDUE: lazy("Overdue"),
        Status.DISPUTED: lazy("Disputed"),
        Status.HELD: lazy("On hold"),
        Status.CLOSED: lazy("Settled"),
        Status.REVERSED: plazy("invoice", "Reversed"),
        Status.ANY: plazy("invoice", "All"),
    },
)
tones(
    Status,
    {
        "info": [Status.OPEN],
        "attention": [Status.OVERDUE, Status.DISPUTED, Status.HELD],
        "positive": [Status.CLOSED],
        "muted": [Status.REVERSED],
    },
)
labels(
    Age,
    {
        Age.NOT_DUE: lazy("Not due yet"),
        Age.UP_TO_30: lazy("1 to 30 days late"),
        Age.UP_TO_60: lazy("31 to 60 days late"),
        Age.UP_TO_90: lazy("61 to 90 days late"),
        Age.OVER_90: lazy("More than 90 days late"),
    },
)
labels(
    Deadline,
    {
        Deadline.PASSED: lazy("Deadline passed"),
        Deadline.NEAR: lazy("Within a week"),
        Deadline.FAR: lazy("Later than a week"),
    },
)
labels(DisputeReason, DISPUTE_REASONS)
labels(DisputeOutcome, DISPUTE_OUTCOMES)
labels(
    IneligibleReason,
    {
        IneligibleReason.ON_HOLD: lazy("On hold"),
        IneligibleReason.DISPUTED: lazy("Disputed"),
        IneligibleReason.REFUSED_BY_DEBTOR: lazy("Refused by the debtor"),
        IneligibleReason.DUPLICATE_SUSPECTED: lazy("May be a duplicate"),
        IneligibleReason.DEBTOR_INSOLVENT: lazy("Debtor insolvent"),
        IneligibleReason.DEBTOR_EXCLUDED: lazy("Debtor excluded by the contract"),
        IneligibleReason.RELATED_PARTY: lazy("Debtor of your own group"),
        IneligibleReason.DEFUNDED: lazy("No longer funded"),
        IneligibleReason.NOT_VERIFIED: lazy("Waiting for verification"),
        IneligibleReason.DOCUMENT_MISSING: lazy("A document is missing"),
        IneligibleReason.NOT_YET_DELIVERED: lazy("Not delivered yet"),
        IneligibleReason.OVERDUE: lazy("Overdue for too long"),
        IneligibleReason.TOO_OLD: lazy("Invoice too old"),
        IneligibleReason.TERM_TOO_LONG: lazy("Payment term too long"),
        IneligibleReason.CROSS_AGED: lazy("Debtor too late in all"),
        IneligibleReason.CONTRA: lazy("Owed by you to the debtor"),
    },
)
labels(
    ReserveKind,
    {
        ReserveKind.GENERAL: lazy("General reserve"),
        ReserveKind.DILUTION: lazy("Reserve for dilution"),
        ReserveKind.EXPECTED_CREDIT_NOTES: lazy("Reserve for credit notes to come"),
        ReserveKind.URSSAF: lazy("URSSAF reserve"),
        ReserveKind.SUBCONTRACTING: lazy("Subcontracting reserve"),
        ReserveKind.YEAR_END_REBATE: lazy("Reserve for year-end rebates"),
        ReserveKind.OTHER: lazy("Other reserve"),
    },
)
labels(
    Field,
    {
        Field.NUMBER: lazy("Invoice number"),
        Field.KIND: lazy("Invoice or credit note"),
        Field.DEBTOR_SIREN: lazy("SIREN or SIRET of the debtor"),
        Field.DEBTOR_VAT: lazy("VAT number of the debtor"),
        Field.DEBTOR_NAME: lazy("Name of the debtor"),
        Field.ISSUE_DATE: lazy("Invoice date"),
        Field.DUE_DATE: lazy("Due date"),
        Field.AMOUNT: lazy("Amount incl. VAT"),
        Field.NET: lazy("Amount excl. VAT"),
        Field.VAT: lazy("VAT amount"),
        Field.DEBIT: lazy("Debit"),
        Field.CREDIT: lazy("Credit"),
        Field.CURRENCY: lazy("Currency"),
        Field.ORDER_REF: lazy("Order reference"),
        Field.ORIGINAL_NUMBER: lazy("Invoice that a credit note corrects"),
    },
)
labels(
    DateOrder,
    {
        DateOrder.DMY: lazy("Day, month, year"),
        DateOrder.MDY: lazy("Month, day, year"),
        DateOrder.YMD: lazy("Year, month, day"),
    },
)
labels(Decimals, {Decimals.COMMA: lazy("Comma"), Decimals.POINT: lazy("Point")})
sentences(
    {
        # a line that could not be read
        "number_missing": lazy("The invoice number is missing."),
        "number_too_long": lazy("An invoice number has 64 characters at most."),
        "debtor_missing": lazy("The debtor is missing."),
        "siren_invalid": lazy("The SIREN or SIRET is not right; check each digit."),
        "vat_number_invalid": lazy("The VAT number is not right; check each character."),
        "debtor_name_missing": lazy("We do not know this debtor yet: give its name too."),
        "debtor_unidentified": lazy("Give the SIREN or VAT number of the debtor."),
        "amount_missing": lazy("The amount is missing."),
        "amount_unreadable": lazy("The amount cannot be read."),
        "amount_ambiguous": lazy("The amount can be read in two ways; write it with its cents."),
        "amount_too_precise": lazy("The amount has more decimals than the currency."),
        "amount_too_large": lazy("The amount is too large."),
        "amount_zero": lazy("The amount is zero."),
        "date_missing": lazy("The invoice date is missing."),
        "date_unreadable": lazy("The date cannot be read."),
        "kind_unreadable": lazy("It does not say whether it is an invoice or a credit note."),
        "text_unreadable": lazy("Some characters cannot be read; check the file's encoding."),
        "text_too_long": lazy("A number or a name has more than 200 characters; shorten it."),
        "fields_shifted": lazy("This line has more fields than the others: one may be shifted."),
        "currency_mismatch": lazy("It is in {currency}; the contract is in {expected}."),
        # a line that contradicts itself or the book
        "due_before_issue": lazy("It is due before it was issued."),
        "issued_in_future": lazy("It is dated {issue_date}, in the future."),
        "limitation_passed": lazy("It was due on {due_date}, more than five years ago."),
        "debtor_is_client": lazy("The debtor is your own company."),
        "duplicate_in_file": lazy("It is the same as line {line}."),
        "duplicate_assigned": lazy("This invoice was assigned already, on {on}."),
        "withheld": lazy("Your account manager left this line out."),
        "withheld_for": lazy("Your account manager left this line out: {why}"),
        # what your account manager looks at
        "similar_number": lazy("Much like {number}, which you gave already: is it another one?"),
        "similar_amount": lazy("The same debtor has an invoice of the same amount and dates."),
        "debtor_insolvent": lazy("The debtor has been insolvent since {since}."),
        "related_party": lazy("The debtor belongs to your own group."),
        "vat_implausible": lazy("The VAT does not fit the amount."),
        # what will not be funded, or is good to know
        "debtor_by_name": lazy(
            "The debtor was found by its name alone; check that it is this one."
        ),
        "debtor_excluded": lazy("Your contract does not fund this debtor."),
        "new_debtor": lazy("A new debtor: no limit yet, ask for one."),
        "no_cover": lazy("No limit on this debtor: not covered."),
        "already_overdue": lazy("Overdue by {days} days already."),
        "invoice_too_old": lazy("Issued {days} days ago: too old to be funded."),
        "term_too_long": lazy(
            "Payable in {days} days; your contract funds {most} days at most."
        ),
        "term_beyond_legal": lazy("Payable in {days} days: beyond the legal maximum."),
        "due_date_assumed": lazy("No due date was given: we took your usual terms."),
        "original_not_named": lazy("The credit note does not say which invoice it corrects."),
        "original_unknown": lazy("The invoice it corrects is not with us."),
        "exceeds_original": lazy(
            "It is more than the {open_minor} still open on the invoice it corrects."
        ),
        # why a remittance waits
        "being_checked": lazy("This is being checked: we come back to you."),
        "above_auto_accept": lazy("Its amount is looked at before it is accepted."),
        "below_minimum": lazy("It is below the smallest remittance of your contract."),
        # what is to be known of a file
        "dates_ambiguous": lazy(
            "Days and months cannot be told apart: check the order of the dates."
        ),
        "dates_contradict": lazy("Dates are written in more than one order."),
        "dates_month_first": lazy("Dates are read with the month first."),
        "amounts_contradict": lazy("Amounts are written with commas and with points."),
        "amounts_grouped": lazy("Amounts seem to have no decimals: check them."),
        "totals_left_out": lazy("Lines of totals were left out."),
        "headers_left_out": lazy("Repeated headings were left out."),
    }
)  # fmt: skip
