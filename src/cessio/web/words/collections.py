"""Words of collections: where a promise to pay stands, and why it is no longer waited for."""

from cessio.collections import PromiseEnd, PromiseState
from cessio.plumbing.i18n import plazy
from cessio.web.words.registry import labels, tones

labels(
    PromiseState,
    {
        PromiseState.OPEN: plazy("promise", "Open"),
        PromiseState.KEPT: plazy("promise", "Kept"),
        PromiseState.LATE: plazy("promise", "Kept late"),
        PromiseState.BROKEN: plazy("promise", "Broken"),
        PromiseState.ENDED: plazy("promise", "Ended"),
    },
)
tones(
    PromiseState,
    {
        "info": [PromiseState.OPEN],
        "positive": [PromiseState.KEPT],
        "attention": [PromiseState.LATE],
        "danger": [PromiseState.BROKEN],
        "muted": [PromiseState.ENDED],
    },
)
labels(
    PromiseEnd,
    {
        PromiseEnd.WITHDRAWN: plazy("promise", "Withdrawn"),
        PromiseEnd.REPLACED: plazy("promise", "Replaced by a later one"),
        PromiseEnd.HANDLED: plazy("promise", "Dealt with"),
    },
)
