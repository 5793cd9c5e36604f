"""Words of verification: why, how far, how it is known, what was answered."""

from cessio.plumbing.i18n import lazy, plazy
from cessio.receivables.queries.verification import VerificationOrder
from cessio.receivables.rules.verification import (
    Answer,
    VerificationMethod,
    VerificationReason,
    VerificationState,
)
from cessio.web.words.registry import labels, tones

labels(
    VerificationReason,
    {
        VerificationReason.SIGNAL: lazy("A signal weighs on it"),
        VerificationReason.ABOVE_AMOUNT: lazy("Large invoice"),
        VerificationReason.NEW_DEBTOR: lazy("First invoices of a debtor"),
        VerificationReason.SAMPLE: lazy("Drawn at random"),
        VerificationReason.BY_HAND: lazy("Asked for by a person"),
    },
)
labels(
    VerificationState,
    {
        VerificationState.WAITING: lazy("To verify"),
        VerificationState.ASKED: lazy("Debtor asked"),
        VerificationState.CONFIRMED: plazy("verification", "Confirmed"),
        VerificationState.PARTLY: lazy("Confirmed in part"),
        VerificationState.FAILED: lazy("Not confirmed"),
        VerificationState.DROPPED: lazy("No longer needed"),
    },
)
tones(
    VerificationState,
    {
        "attention": [VerificationState.WAITING],
        "info": [VerificationState.ASKED],
        "positive": [VerificationState.CONFIRMED, VerificationState.PARTLY],
        "danger": [VerificationState.FAILED],
        "muted": [VerificationState.DROPPED],
    },
)
labels(
    VerificationMethod,
    {
        VerificationMethod.DEBTOR_PAGE: lazy("Answered by the debtor on its page"),
        VerificationMethod.CALL: lazy("Call to the debtor"),
        VerificationMethod.LETTER: lazy("Letter or mail of the debtor"),
        VerificationMethod.DELIVERY_PROOF: lazy("Proof of delivery"),
        VerificationMethod.PURCHASE_ORDER: lazy("Purchase order"),
        VerificationMethod.EINVOICE_STATUS: lazy("Status of the electronic invoice"),
    },
)
labels(
    Answer,
    {
        Answer.YES: lazy("It is due in full"),
        Answer.PARTLY: lazy("It is due in part"),
        Answer.NO: lazy("It is not confirmed"),
    },
)
labels(
    VerificationOrder,
    {
        VerificationOrder.OLDEST: lazy("Oldest first"),
        VerificationOrder.AMOUNT: lazy("Largest first"),
    },
)
