"""Words of signals: their kinds, how much they weigh, and the sentence that tells the figures."""

from cessio.plumbing.i18n import lazy, plazy
from cessio.vigilance import Level, Outcome, SignalKind
from cessio.vigilance.rules import SignalState
from cessio.web.words.registry import labels, sentences, tones

labels(
    SignalKind,
    {
        SignalKind.SAME_BUT_NUMBER: lazy("Same invoice, other number"),
        SignalKind.SAME_BUT_DATE: lazy("Same invoice, other date"),
        SignalKind.SAME_BUT_AMOUNT: lazy("Same invoice, amount nearly the same"),
        SignalKind.NEARLY_SAME: lazy("Nearly the same invoice"),
        SignalKind.OTHER_CLIENT: lazy("Also assigned by another client"),
        SignalKind.NUMBER_REUSED: lazy("Number used twice"),
        SignalKind.ROUND_AMOUNTS: lazy("Round amounts"),
        SignalKind.JUST_BELOW: lazy("Amounts just below a threshold"),
        SignalKind.SPLIT_BELOW: lazy("Sale in pieces below a threshold"),
        SignalKind.OFF_DAYS: lazy("Dated on days off"),
        SignalKind.NEW_DEBTOR_BURST: lazy("Several new debtors at once"),
        SignalKind.NEW_DEBTOR_LARGE: lazy("New debtor with much at once"),
        SignalKind.BEFORE_DELIVERY: lazy("Invoiced before delivery"),
        SignalKind.LATE_CREDIT_NOTES: lazy("Credit notes sent late"),
        SignalKind.REBILLED_LATER: lazy("Credited and billed again"),
        SignalKind.DUE_DATE_PUSHED: lazy("Due date pushed back"),
        SignalKind.UNKNOWN_PAYER: lazy("Paid from an unknown account"),
        SignalKind.PAID_BY_CLIENT: lazy("Paid by the client itself"),
        SignalKind.RECYCLED_ADVANCE: lazy("Advance that pays an old invoice"),
        SignalKind.DILUTION_RISING: lazy("Dilution rising"),
        SignalKind.TURNOVER_WITHOUT_CASH: lazy("Turnover without cash"),
        SignalKind.CONCENTRATION_JUMP: lazy("Sudden concentration"),
        SignalKind.SHARED_DETAILS: lazy("Client and debtor share details"),
        SignalKind.SOLD_IN_A_CIRCLE: lazy("Clients that sell to each other"),
        SignalKind.OTHER_ACCOUNT: lazy("Debtor told to pay elsewhere"),
    },
)
labels(Level, {Level.HIGH: plazy("signal", "High"), Level.MEDIUM: plazy("signal", "Medium"),
               Level.LOW: plazy("signal", "Low")})  # fmt: skip
tones(Level, {"danger": [Level.HIGH], "attention": [Level.MEDIUM], "muted": [Level.LOW]})
labels(
    SignalState,
    {
        SignalState.OPEN: lazy("To look at"),
        SignalState.EXPLAINED: plazy("signal", "Explained"),
        SignalState.CONFIRMED: plazy("signal", "Confirmed"),
        SignalState.FALSE_ALARM: lazy("False alarm"),
    },
)
labels(
    Outcome,
    {
        Outcome.EXPLAINED: lazy("Explained: there is a good reason"),
        Outcome.CONFIRMED: lazy("Confirmed: it is what it looks like"),
        Outcome.FALSE_ALARM: lazy("False alarm: the figures mislead"),
    },
)
tones(
    SignalState,
    {
        "attention": [SignalState.OPEN],
        "positive": [SignalState.EXPLAINED],
        "danger": [SignalState.CONFIRMED],
        "muted": [SignalState.FALSE_ALARM],
    },
)
sentences(
    {
        "signal_same_but_number": lazy(
            "{number} has the debtor, the date ({issued_on}) and the amount ({amount_minor}) of"
            " {other_number}."
        ),
        "signal_same_but_date": lazy(
            "{number} of {issued_on} has the number and amount ({amount_minor}) of the invoice of"
            " {other_issued_on}."
        ),
        "signal_same_but_amount": lazy(
            "{number} is the same document as {other_number}, but for {amount_minor} instead of"
            " {other_amount_minor}."
        ),
        "signal_nearly_same": lazy(
            "{number} of {issued_on} for {amount_minor} is nearly {other_number} of"
            " {other_issued_on} for {other_amount_minor}, on the same debtor."
        ),
        "signal_other_client": lazy(
            "{number} of {issued_on} for {amount_minor} is like {other_number} of"
            " {other_issued_on} for {other_amount_minor}, which another client assigned on the"
            " same debtor."
        ),
        "signal_number_reused": lazy(
            "The number {number} was used for another debtor, on {other_issued_on} for"
            " {other_amount_minor}."
        ),
        "signal_round_amounts": lazy(
            "{count} of {lines} invoices are whole hundreds, {carried_minor} in all: amounts with"
            " VAT seldom are."
        ),
        "signal_just_below": lazy(
            "{count} invoices stop just short of {threshold_minor}, from which we verify."
        ),
        "signal_split_below": lazy(
            "{count} invoices on one debtor, a day apart at most, come to {carried_minor}; each"
            " stays below {threshold_minor}, from which we verify."
        ),
        "signal_off_days": lazy(
            "{count} of {lines} invoices are dated on a weekend or a holiday."
        ),
        "signal_new_debtor_burst": lazy(
            "{debtors} debtors that nobody knew {days} days ago carry {carried_minor} of the"
            " remittance."
        ),
        "signal_new_debtor_large": lazy(
            "Of a remittance of {lines} invoices, {carried_minor} are on debtors that nobody knew"
            " {days} days ago: {debtors}."
        ),
        "signal_before_delivery": lazy(
            "{number} is dated {issued_on}; delivery took place on {delivered_on}, {days} days"
            " later."
        ),
        "signal_late_credit_notes": lazy(
            "{count} credit notes for {notes_minor} were sent up to {days} days after their date."
        ),
        "signal_rebilled_later": lazy(
            "{number}, due on {due_on}, was credited in full; {again_number} bills the same amount,"
            " due {days} days later."
        ),
        "signal_due_date_pushed": lazy(
            "{number} was due on {first_due_on}; it is due on {due_on}, {days} days later, moved"
            " {count} times."
        ),
        "signal_unknown_payer": lazy(
            "{paid_minor} came on {on} from account {iban} ({payer}), which is not known as the"
            " debtor's."
        ),
        "signal_paid_by_client": lazy(
            "{paid_minor} came on {on} from account {iban}, which is the client's own."
        ),
        "signal_recycled_advance": lazy(
            "The client drew {drawn_minor} on {drawn_on} and paid {paid_minor} on its debtor's"
            " invoices {days} days later."
        ),
        "signal_dilution_rising": lazy(
            "Credit notes took back {now_rate} of what was assigned in ninety days, {before_rate}"
            " in the ninety before."
        ),
        "signal_turnover_without_cash": lazy(
            "{assigned_minor} assigned in ninety days, {collected_minor} collected: {now_rate},"
            " against {before_rate} before."
        ),
        "signal_concentration_jump": lazy(
            "This debtor is {now_rate} of what was assigned in thirty days, {before_rate} before."
        ),
        "signal_shared_details": lazy(
            "Client and debtor have this in common: {shared}."
        ),
        "signal_sold_in_a_circle": lazy(
            "{around}: each sells to the next; they assigned {between_minor} of it in sixty days."
        ),
        "signal_other_account": lazy(
            "The holder of letter {letter} names account {iban}, to which no letter of ours told"
            " the debtor to pay."
        ),
    }
)  # fmt: skip
