"""Words of background work: what each kind of job does, and where it stands."""

from __future__ import annotations

from cessio.plumbing.i18n import Lazy, lazy
from cessio.plumbing.models import JobState
from cessio.web.words.registry import label, labels, tones

labels(
    JobState,
    {
        JobState.QUEUED: lazy("Waits its turn"),
        JobState.RUNNING: lazy("Running"),
        JobState.DONE: lazy("Done"),
        JobState.FAILED: lazy("Will be tried again"),
        JobState.DEAD: lazy("Given up"),
    },
)
tones(
    JobState,
    {
        "muted": [JobState.QUEUED],
        "info": [JobState.RUNNING],
        "positive": [JobState.DONE],
        "attention": [JobState.FAILED],
        "danger": [JobState.DEAD],
    },
)

_JOBS: dict[str, Lazy] = {
    "cash.match": lazy("Matching of receipts"),
    "funding.automatic": lazy("Automatic drawdown"),
    "funding.settle_payouts": lazy("Payouts confirmed by the bank"),
    "identity.forget": lazy("Old sessions forgotten"),
    "limits.expire": lazy("Limits that run out"),
    "mail.send": lazy("Mail"),
    "remittance.check": lazy("Check of a remittance"),
    "remittance.submit": lazy("Confirmation of a remittance"),
    "settlement.daily": lazy("Daily settlement"),
}


def job_name(kind: str) -> str:
    """What a kind of job does; an unknown one is its own name."""
    return str(_JOBS[kind]) if kind in _JOBS else label(kind.replace(".", " "))
