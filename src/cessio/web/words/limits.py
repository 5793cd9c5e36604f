"""Words of limits: what they limit, where they come from, how a request was answered."""

from cessio.limits.rules import LimitAction, LimitKind, LimitSource, RequestAnswer
from cessio.plumbing.i18n import lazy, plazy
from cessio.web.words.registry import labels, sentences, tones

labels(LimitKind, {LimitKind.COVER: lazy("Cover limit"), LimitKind.FUNDING: lazy("Funding limit")})
labels(
    LimitSource,
    {
        LimitSource.PERMANENT: lazy("Decided"),
        LimitSource.TEMPORARY: lazy("Temporary"),
        LimitSource.BLANKET: lazy("For unnamed debtors"),
        LimitSource.NONE: lazy("No limit"),
    },
)
labels(
    LimitAction,
    {
        LimitAction.GRANT: lazy("Grant"),
        LimitAction.RAISE: lazy("Raise"),
        LimitAction.REDUCE: lazy("Reduce"),
        LimitAction.RENEW: lazy("Renew"),
        LimitAction.CANCEL: lazy("Cancel the limit"),
        LimitAction.REFUSE: lazy("Refuse"),
    },
)
labels(
    RequestAnswer,
    {
        RequestAnswer.GRANTED: plazy("request", "Granted"),
        RequestAnswer.PARTLY: lazy("Granted in part"),
        RequestAnswer.REFUSED: plazy("request", "Refused"),
    },
)
tones(
    RequestAnswer,
    {
        "positive": [RequestAnswer.GRANTED],
        "attention": [RequestAnswer.PARTLY],
        "danger": [RequestAnswer.REFUSED],
    },
)
sentences(
    {
        "limit_beyond_authority": lazy("One person decides up to {alone_upto_minor}."),
        "limit_beyond_group": lazy(
            "The limits of the group {group} would be {beyond_minor} beyond its own limit."
        ),
    }
)
