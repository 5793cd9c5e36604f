"""Words of what debtors say by the code of a letter."""

from cessio.collections.words import REPLY_KINDS, REPLY_STATES
from cessio.plumbing.i18n import lazy, plazy
from cessio.replies import Act, Means, ReplyKind, ReplyState
from cessio.web.words.registry import labels, tones

labels(ReplyKind, REPLY_KINDS)
tones(ReplyKind, {"info": [ReplyKind.PAID], "attention": [ReplyKind.DISPUTED]})
labels(ReplyState, REPLY_STATES)
tones(
    ReplyState,
    {
        "attention": [ReplyState.OPEN],
        "positive": [ReplyState.ACCEPTED],
        "danger": [ReplyState.REFUSED],
    },
)
labels(
    Means,
    {
        Means.TRANSFER: lazy("Credit transfer"),
        Means.CHEQUE: lazy("Cheque"),
        Means.BILL: lazy("Bill of exchange"),
        Means.OFFSET: lazy("Set off against another claim"),
        Means.OTHER: plazy("means", "Other"),
    },
)
labels(
    Act,
    {
        Act.LOOK: lazy("Page opened"),
        Act.PAID: lazy("Said: paid already"),
        Act.DISPUTED: lazy("Said: disputed"),
        Act.GENUINE: lazy("Asked about our account"),
        Act.FOREIGN: lazy("Asked about another account"),
    },
)
tones(Act, {"muted": [Act.LOOK], "attention": [Act.PAID, Act.DISPUTED], "danger": [Act.FOREIGN]})
