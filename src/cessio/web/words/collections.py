"""Words of collections: where a promise stands and ends, how reminders go out, who gets none."""

from cessio.collections import DunningChannel, LeftOut, PromiseEnd, PromiseState
from cessio.collections.queries.results import ResultsBy
from cessio.collections.rules.calls import CallOutcome
from cessio.collections.rules.insolvency import InsolvencyEnd, Procedure
from cessio.collections.rules.recovery import RecoveryEnd
from cessio.collections.words import CALL_OUTCOMES, PROMISE_ENDS
from cessio.plumbing.i18n import lazy, plazy
from cessio.plumbing.mail_stops import StopReason
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
labels(PromiseEnd, PROMISE_ENDS)
labels(
    DunningChannel,
    {
        DunningChannel.MAIL: lazy("E-mail"),
        DunningChannel.SMS: lazy("SMS"),
        DunningChannel.LETTER: lazy("Letter"),
        DunningChannel.REGISTERED: lazy("Formal notice"),
        DunningChannel.CALL: lazy("Call"),
        DunningChannel.LEGAL: lazy("Legal recovery"),
    },
)
tones(
    DunningChannel,
    {
        "info": [DunningChannel.MAIL, DunningChannel.SMS, DunningChannel.LETTER],
        "attention": [DunningChannel.CALL],
        "danger": [DunningChannel.REGISTERED, DunningChannel.LEGAL],
    },
)
labels(
    LeftOut,
    {
        LeftOut.DISPUTED: plazy("left out", "Disputed"),
        LeftOut.PROMISED: plazy("left out", "Promised"),
        LeftOut.SAID_PAID: plazy("left out", "Said to be paid, to be checked"),
        LeftOut.INSOLVENT: plazy("left out", "Debtor in insolvency proceedings"),
        LeftOut.HANDED_OVER: plazy("left out", "Handed over for legal recovery"),
        LeftOut.QUIET: plazy("left out", "Debtor written to days ago, waits"),
        LeftOut.NO_ADDRESS: plazy("left out", "No address to write to"),
    },
)
labels(CallOutcome, CALL_OUTCOMES)
labels(
    StopReason,
    {
        StopReason.REFUSED: lazy("Its server refuses mail for this address"),
        StopReason.RETURNED: lazy("The mail came back"),
        StopReason.STOPPED: lazy("Its reader asked for no more"),
        StopReason.ASKED: lazy("Its reader told us so"),
        StopReason.WRONG: lazy("It is not theirs"),
    },
)

labels(
    RecoveryEnd,
    {
        RecoveryEnd.RECOVERED: lazy("Recovered"),
        RecoveryEnd.TAKEN_BACK: lazy("Taken back: we collect again"),
        RecoveryEnd.GIVEN_UP: lazy("Given up"),
    },
)
labels(
    Procedure,
    {
        Procedure.SAFEGUARD: lazy("Safeguard"),
        Procedure.RECEIVERSHIP: lazy("Judicial reorganisation"),
        Procedure.LIQUIDATION: lazy("Judicial liquidation"),
    },
)
labels(
    InsolvencyEnd,
    {
        InsolvencyEnd.PLAN: lazy("A plan was adopted: the debtor is in business again"),
        InsolvencyEnd.CLOSED: lazy("Closed for lack of assets"),
        InsolvencyEnd.MISTAKE: lazy("Noted by mistake"),
    },
)
labels(
    ResultsBy,
    {
        ResultsBy.PLAN: lazy("Dunning plan"),
        ResultsBy.COLLECTOR: lazy("Collector"),
        ResultsBy.SEGMENT: lazy("Segment"),
    },
)
