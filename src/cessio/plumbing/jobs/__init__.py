"""Background work: a row in PostgreSQL is the job, a message only wakes a worker.

``enqueue`` asks for a job in the caller's transaction, once for ever per kind and business key.
``@job`` registers the function of a kind; it may run twice and must have one effect, which
``JobContext.transaction`` ensures for what it writes in the database.
"""

from cessio.plumbing.jobs.queries import (
    JobView,
    QueueHealth,
    dead_jobs,
    find_job,
    job_page,
    job_view,
    queue_health,
    recent_jobs,
)
from cessio.plumbing.jobs.queue import JobNotFound, JobNotStopped, enqueue, run_again
from cessio.plumbing.jobs.reconcile import resend_lost
from cessio.plumbing.jobs.registry import job
from cessio.plumbing.jobs.running import Ended, JobContext, LeaseLost, run_pending, when_ended
from cessio.plumbing.models import JobState

__all__ = [
    "Ended",
    "JobContext",
    "JobNotFound",
    "JobNotStopped",
    "JobState",
    "JobView",
    "LeaseLost",
    "QueueHealth",
    "dead_jobs",
    "enqueue",
    "find_job",
    "job",
    "job_page",
    "job_view",
    "queue_health",
    "recent_jobs",
    "resend_lost",
    "run_again",
    "run_pending",
    "when_ended",
]
