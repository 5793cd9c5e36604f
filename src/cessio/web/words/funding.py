"""Words of funding: states of a drawdown, and why one is refused."""

from cessio.funding.rules import (
    DrawdownStateName,
    HoldCode,
    OutcomeSaid,
    Quiet,
    RefusalCode,
    StandingMode,
)
from cessio.funding.rules.payees import PayeeOutcome, PayeeSource
from cessio.plumbing.i18n import lazy
from cessio.web.words.registry import labels, sentences, tones

labels(
    DrawdownStateName,
    {
        DrawdownStateName.REQUESTED: lazy("Waits for approval"),
        DrawdownStateName.GRANTED: lazy("Granted"),
        DrawdownStateName.ORDERED: lazy("In a payment order"),
        DrawdownStateName.PAID: lazy("Paid"),
        DrawdownStateName.REJECTED: lazy("Rejected by the bank"),
        DrawdownStateName.REFUSED: lazy("Refused"),
        DrawdownStateName.CANCELLED: lazy("Cancelled"),
    },
)
tones(
    DrawdownStateName,
    {
        "attention": [DrawdownStateName.REQUESTED],
        "info": [DrawdownStateName.GRANTED, DrawdownStateName.ORDERED],
        "positive": [DrawdownStateName.PAID],
        "danger": [DrawdownStateName.REJECTED, DrawdownStateName.REFUSED],
        "muted": [DrawdownStateName.CANCELLED],
    },
)
labels(
    PayeeOutcome,
    {
        PayeeOutcome.MATCH: lazy("Name and account match (MTCH)"),
        PayeeOutcome.CLOSE: lazy("Close match (CMTC)"),
        PayeeOutcome.NO_MATCH: lazy("No match (NMTC)"),
        PayeeOutcome.NOT_POSSIBLE: lazy("Could not be verified (NOAP)"),
    },
)
labels(
    PayeeSource,
    {
        PayeeSource.PORTAL: lazy("Read on the bank’s site"),
        PayeeSource.FILE: lazy("From the bank’s file"),
        PayeeSource.GATEWAY: lazy("Asked through the gateway"),
    },
)
tones(
    PayeeOutcome,
    {
        "positive": [PayeeOutcome.MATCH], "attention": [PayeeOutcome.CLOSE],
        "danger": [PayeeOutcome.NO_MATCH, PayeeOutcome.NOT_POSSIBLE],
    },
)  # fmt: skip
labels(OutcomeSaid, {OutcomeSaid.PAID: lazy("Paid"), OutcomeSaid.NOT_PAID: lazy("Not paid")})
labels(
    StandingMode,
    {
        StandingMode.OFF: lazy("Nothing by itself"),
        StandingMode.DAILY: lazy("Each business day"),
        StandingMode.WEEKDAYS: lazy("On chosen weekdays"),
        StandingMode.ABOVE: lazy("When enough can be drawn"),
    },
)
tones(StandingMode, {"muted": [StandingMode.OFF]})
labels(
    Quiet,
    {
        Quiet.OFF: lazy("No instruction"),
        Quiet.PAUSED: lazy("Paused"),
        Quiet.OTHER_DAY: lazy("Another day"),
        Quiet.NOT_ABOVE: lazy("Not enough to draw yet"),
        Quiet.WITHIN_RESERVE: lazy("Nothing above the reserve"),
        Quiet.BELOW_MINIMUM: lazy("Less than the smallest drawdown"),
    },
)
tones(Quiet, {"muted": list(Quiet)})
sentences(
    {
        HoldCode.BEING_CHECKED: lazy(
            "This payout is being checked: nothing leaves until that is over."
        ),
        HoldCode.PAYEE_DOUBTED: lazy(
            "The bank does not recognise {name}: a second person says why it may be paid."
        ),
        HoldCode.ACCOUNT_CHANGED: lazy(
            "This account is no longer the client's: the payout is approved again."
        ),
        HoldCode.CHANGE_ASKED: lazy(
            "Another account was asked for since: the payout is approved again."
        ),
        HoldCode.COOLING_OFF: lazy("The account changed lately: it is paid to from {until}."),
        HoldCode.ABOVE_PAYOUT: lazy("One payout is at most {most_minor}."),
        HoldCode.ABOVE_PAYEE_DAY: lazy("One account is paid at most {most_minor} in a day."),
        HoldCode.ABOVE_PERSON_DAY: lazy("One person signs at most {most_minor} in a day."),
        HoldCode.ABOVE_ORDER: lazy("One order is at most {most_minor}."),
        RefusalCode.AMOUNT_NOT_POSITIVE: lazy("Ask for an amount above zero."),
        RefusalCode.BELOW_MINIMUM: lazy("The smallest drawdown is {minimum_minor}."),
        RefusalCode.CONTRACT_NOT_STARTED: lazy("The contract starts on {starts_on}."),
        RefusalCode.CONTRACT_ENDED: lazy("The contract ended on {ended_on}."),
        RefusalCode.BEING_CHECKED: lazy("This is being checked: we come back to you."),
        RefusalCode.FUNDING_SUSPENDED: lazy(
            "Funding is suspended; please call your account manager."
        ),
        RefusalCode.PAYEE_NOT_CONFIRMED: lazy(
            "Your bank account is not confirmed yet; we confirm it with a person you named before."
        ),
        RefusalCode.PAYEE_COOLING_OFF: lazy(
            "Your bank account changed lately; it may be paid to from {from}."
        ),
        RefusalCode.ABOVE_AVAILABLE: lazy("Only {available_minor} can be drawn now."),
        RefusalCode.ABOVE_FACILITY: lazy("Only {room_minor} of your facility is left."),
    }
)
