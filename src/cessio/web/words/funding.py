"""Words of funding: states of a drawdown, and why one is refused."""

from cessio.funding.rules import DrawdownStateName, RefusalCode
from cessio.plumbing.i18n import lazy
from cessio.web.words.registry import labels, sentences, tones

labels(
    DrawdownStateName,
    {
        DrawdownStateName.REQUESTED: lazy("Waits for approval"),
        DrawdownStateName.GRANTED: lazy("Granted"),
        DrawdownStateName.ORDERED: lazy("Sent to the bank"),
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
sentences(
    {
        RefusalCode.AMOUNT_NOT_POSITIVE: lazy("Ask for an amount above zero."),
        RefusalCode.BELOW_MINIMUM: lazy("The smallest drawdown is {minimum_minor}."),
        RefusalCode.CONTRACT_NOT_STARTED: lazy("The contract starts on {starts_on}."),
        RefusalCode.CONTRACT_ENDED: lazy("The contract ended on {ended_on}."),
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
