"""Words of what debtors say by the code of a letter."""

from cessio.plumbing.i18n import lazy, plazy
from cessio.replies import Act, Means, ReplyKind, ReplyState
from cessio.web.words.registry import labels, tones

labels(
    ReplyKind,
    {ReplyKind.PAID: lazy("Paid already"), ReplyKind.DISPUTED: plazy("reply", "Disputed")},
)
tones(ReplyKind, {"info": [ReplyKind.PAID], "attention": [ReplyKind.DISPUTED]})
labels(
    ReplyState,
    {
        ReplyState.OPEN: lazy("Being looked into"),
        ReplyState.ACCEPTED: plazy("reply", "Accepted"),
        ReplyState.REFUSED: plazy("reply", "Not accepted"),
    },
)
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
