"""Running one job under a lease and a fence.

The lease, in the database's clock, is renewed by a thread while the function runs; when it ends
(dead process, lost network, stopped machine), another worker takes the job with a higher fence.
The first one, should it wake up, finds its fence outdated in the same transaction as what it
wanted to write, and writes nothing.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol

import msgspec
from sqlalchemy import ColumnElement, Engine, Update, func, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from cessio.kernel.calendar import business_date
from cessio.kernel.errors import CessioError, Conflict
from cessio.plumbing import database
from cessio.plumbing.clock import Clock
from cessio.plumbing.clock import now as machine_clock
from cessio.plumbing.jobs import processes, queue, registry
from cessio.plumbing.models import Job, JobState

_log = logging.getLogger(__name__)

#: Progress is written at most this often, so that a loop may report each round.
PROGRESS_SECONDS = 0.5
MAX_BACKOFF = timedelta(hours=1)
_MAX_SENTENCE = 2000
#: Among the values of a failure's sentence, the sentence itself, to be said in another language.
TEMPLATE = "said"


class LeaseLost(Exception):
    """Another worker has the job now; nothing of this attempt may be written."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A job in hand: which one, with which fence, and for which attempt."""

    job_id: int
    kind: registry.JobKind
    payload: dict[str, Any]
    fence: int
    attempt: int
    client_id: int | None
    created_by: str
    created_at: datetime
    #: What attempts before this one counted.
    counted: dict[str, int]


@dataclass(frozen=True, slots=True)
class Ended:
    """A job that is done, or given up: what whoever asked for it is told."""

    job_id: int
    kind: str
    created_by: str
    created_at: datetime
    attempt: int
    done: bool


class Listener(Protocol):
    """Called in the transaction that ends a job."""

    def __call__(self, session: Session, ended: Ended, *, at: datetime) -> None: ...


_listeners: list[Listener] = []


def when_ended(listener: Listener) -> None:
    """Have a function told of each job's end; each composition root says so once."""
    if listener not in _listeners:
        _listeners.append(listener)


class JobContext:
    """What a job's function is given: transactions that check the fence, progress, the instant.

    ``at`` was read once, when the attempt began; ``by`` names the job as an actor.
    """

    def __init__(self, engine: Engine, claim: Claim, clock: Clock) -> None:
        self.engine = engine
        self.job_id = claim.job_id
        self.client_id = claim.client_id
        self.attempt = claim.attempt
        self.at: datetime = clock()
        self.by = f"job:{claim.kind.kind}"
        self.claim = claim
        self.clock = clock
        self.lost = threading.Event()
        self.finished = False
        self.counted: dict[str, int] = claim.counted
        self._added: Counter[str] = Counter()
        self._result: tuple[Any] | None = None
        self._reported = float("-inf")

    @property
    def on(self) -> date:
        """The business date of ``at``."""
        return business_date(self.at)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A transaction that commits only while this worker still holds the job.

        Raises ``LeaseLost`` at its beginning, or at its end in place of the commit.
        """
        self.check()
        self._result = None
        self._added = Counter()
        with database.transaction(self.engine) as session:
            yield session
            session.flush()
            counted = {
                name: self.counted.get(name, 0) + self._added.get(name, 0)
                for name in {**self.counted, **self._added}
            }
            ends = self._end(session, counted)
        self.finished, self.counted = ends, counted

    def count(self, **numbers: int) -> None:
        """Add to the numbers of the job's result, with the transaction that is open.

        What a worker counted before it died is kept with what it did: the next one goes on.
        """
        self._added.update(numbers)

    def finish(self, session: Session, result: Any = None) -> None:
        """Make the job done, with this result for its page, when the transaction commits.

        ``result`` holds JSON values (dates and decimals become text), and what was counted is
        added to it. ``session`` is the one of the job's last transaction: none may follow.
        """
        if not session.in_transaction():
            raise RuntimeError("finish a job inside its transaction")
        self._result = (msgspec.to_builtins(result, enc_hook=str),)

    def progress(self, done: int, total: int | None = None, note: str | None = None) -> None:
        """Tell the page how far the job is, at once and whatever becomes of the transaction.

        Cheap to call each round: written at most twice a second, and at the end. Raises
        ``LeaseLost``, so that a job that was taken over stops early.
        """
        self.check()
        moment = time.monotonic()
        if moment - self._reported < PROGRESS_SECONDS and done != total:
            return
        self._reported = moment
        values: dict[str, Any] = {"progress_done": done}
        if total is not None:
            values["progress_total"] = total
        if note is not None:
            values["progress_note"] = note
        self._write_alone(_mine(self.claim).values(**values))

    def check(self) -> None:
        """Raise ``LeaseLost`` if the job is known to be another worker's."""
        if self.lost.is_set():
            raise LeaseLost(f"job {self.job_id} was taken over")

    def renew(self) -> None:
        """Prolong the lease; raises ``LeaseLost``."""
        self._write_alone(_mine(self.claim).values(lease_until=_lease_end(self.claim.kind)))

    def _end(self, session: Session, counted: dict[str, int]) -> bool:
        """Before the commit: end the job, or verify its fence and keep it as it is till then.

        The lock taken on the job's row lets renewals through and keeps a new claim out.
        """
        if self._result is not None:
            told = self._result[0]
            if isinstance(told, dict) or (told is None and counted):
                told = {**counted, **(told or {})}
            complete(session, self.claim, told, self.clock())
            return True
        held = select(Job.id).where(_held(self.claim))
        found = session.scalar(
            _mine(self.claim).values(result=counted).returning(Job.id)
            if counted != self.counted
            else held.with_for_update(read=True, key_share=True)
        )
        if found is None:
            self.lost.set()
            self.check()
        return False

    def _write_alone(self, statement: Update) -> None:
        with self.engine.connect() as connection:
            connection = connection.execution_options(isolation_level="AUTOCOMMIT")
            if connection.execute(statement).rowcount == 0 and not self.finished:
                self.lost.set()
        self.check()


class Runner:
    """Runs jobs of one database in this process, from any number of threads."""

    def __init__(self, engine: Engine, *, clock: Clock = machine_clock) -> None:
        self.engine = engine
        self.clock = clock
        self._in_hand: dict[int, Claim] = {}
        self._lock = threading.Lock()

    def run(self, job_id: int, *, raising: bool = False) -> JobState | None:
        """Try one job: its state afterwards, or None when it is not to be run (now, here).

        An error of its function is recorded on the job, and raised too if ``raising``.
        """
        claim = self._claim(job_id)
        if claim is None:
            return None
        with self._lock:
            self._in_hand[job_id] = claim
        try:
            return self._run(claim, raising)
        finally:
            with self._lock:
                self._in_hand.pop(job_id, None)

    def due_jobs(self, limit: int) -> Sequence[int]:
        """The jobs that are due, the most urgent first."""
        with database.transaction(self.engine) as session:
            return session.scalars(
                select(Job.id)
                .where(Job.kind.in_(registry.known_kinds()), queue.is_due(self.clock()))
                .order_by(Job.priority.desc(), Job.id)
                .limit(limit)
            ).all()

    def release_all(self) -> int:
        """Give back what is in hand, for other workers to take at once; at a process's end."""
        with self._lock:
            claims = list(self._in_hand.values())
        with database.transaction(self.engine) as session:
            return sum(release(session, claim) for claim in claims)

    def _run(self, claim: Claim, raising: bool) -> JobState | None:
        if claim.attempt > claim.kind.max_attempts:
            return self._record(claim, WorkerDied(claim.kind.max_attempts))
        context = JobContext(self.engine, claim, self.clock)
        try:
            with _heartbeat(context):
                returned = claim.kind.function(context, **claim.kind.read(claim.payload))
                if not context.finished:
                    with context.transaction() as session:
                        context.finish(session, returned)
        except LeaseLost:
            if context.finished:
                _log.error("job %s (%s) goes on after its end", claim.job_id, claim.kind.kind)
                return JobState.DONE
            _log.warning("job %s was taken over by another worker", claim.job_id)
            return None
        except Exception as error:
            if context.finished:  # its effect is committed, and so is its end
                _log.exception("job %s (%s) failed after its end", claim.job_id, claim.kind.kind)
                return JobState.DONE
            _log.exception("job %s (%s) failed", claim.job_id, claim.kind.kind)
            state = self._record(claim, error)
            if raising:
                raise
            return state
        except BaseException:  # the process is told to stop: another one may begin at once
            with database.transaction(self.engine) as session:
                release(session, claim)
            raise
        return JobState.DONE

    def _claim(self, job_id: int) -> Claim | None:
        with database.transaction(self.engine) as session:
            kind = registry.find(session.scalar(select(Job.kind).where(Job.id == job_id)) or "")
            if kind is None:
                _log.warning("job %s is of no kind known here, or gone", job_id)
                return None
            if kind.serial:
                lock = func.hashtextextended(f"job:{kind.kind}", 0)
                session.execute(select(func.pg_advisory_xact_lock(lock)))
            job = session.scalar(
                select(Job)
                .where(Job.id == job_id, queue.is_due(self.clock()))
                .with_for_update(of=Job, skip_locked=True)
            )
            if job is None:
                return None
            job.state, job.fence, job.attempts = JobState.RUNNING, job.fence + 1, job.attempts + 1
            job.max_attempts, job.started_at = kind.max_attempts, self.clock()
            job.finished_at = job.run_after = None
            job.lease_until, job.worker = _lease_end(kind), processes.here()
            return Claim(
                job.id, kind, job.payload, job.fence, job.attempts, job.client_id, job.created_by,
                job.created_at, job.result if isinstance(job.result, dict) else {},
            )  # fmt: skip

    def _record(self, claim: Claim, error: Exception) -> JobState | None:
        """Write down a failed attempt; None when another worker has the job by now."""
        final = claim.attempt >= claim.kind.max_attempts or _hopeless(error)
        now = self.clock()
        values: dict[str, Any] = {"lease_until": None, "finished_at": now, **_explain(error)}
        if final:
            values["state"] = JobState.DEAD
            values["attempts"] = min(claim.attempt, claim.kind.max_attempts)
        else:
            values["state"] = JobState.FAILED
            values["run_after"] = now + _backoff(claim)
        with database.transaction(self.engine) as session:
            if session.scalar(_mine(claim).values(**values).returning(Job.id)) is None:
                return None
            if final:
                _tell(session, claim, now, done=False)
            else:
                queue.transport().wake(session, [claim.job_id])
            _wake_next(session, claim.kind, now)
        return JobState.DEAD if final else JobState.FAILED


class WorkerDied(CessioError):
    """The job took its worker's process down at each attempt."""

    def __init__(self, attempts: int) -> None:
        super().__init__(
            "job_worker_died", "its worker died at each of {attempts} attempts", attempts=attempts
        )


def run_pending(
    engine: Engine, limit: int | None = None, *, clock: Clock = machine_clock, raising: bool = False
) -> int:
    """Run what is due in this process, without a broker; returns how many jobs were run.

    For tests, the demonstration and a command line whose worker is gone. Failed attempts wait
    for their next hour. ``raising`` lets the first error of a job through, after recording it.
    """
    runner = Runner(engine, clock=clock)
    tried: set[int] = set()
    count = 0
    while fresh := [job_id for job_id in runner.due_jobs(len(tried) + 50) if job_id not in tried]:
        for job_id in fresh:
            if count == limit:
                return count
            tried.add(job_id)
            count += runner.run(job_id, raising=raising) is not None
    return count


def complete(session: Session, claim: Claim, result: Any, now: datetime) -> None:
    """Make a job done in its own transaction; raises ``LeaseLost`` if the fence is outdated."""
    values: dict[str, Any] = {
        "state": JobState.DONE, "result": result, "lease_until": None, "finished_at": now,
        "error": None, "error_code": None, "error_params": None,
        "progress_done": func.coalesce(Job.progress_total, Job.progress_done),
    }  # fmt: skip
    if session.scalar(_mine(claim).values(**values).returning(Job.id)) is None:
        raise LeaseLost(f"job {claim.job_id} was taken over")
    queue.transport().forget(session, claim.job_id)
    _tell(session, claim, now, done=True)
    _wake_next(session, claim.kind, now)


def _tell(session: Session, claim: Claim, now: datetime, *, done: bool) -> None:
    ended = Ended(
        claim.job_id, claim.kind.kind, claim.created_by, claim.created_at, claim.attempt, done
    )
    for listener in _listeners:
        listener(session, ended, at=now)


def release(session: Session, claim: Claim) -> bool:
    """Put a job back in the queue; this attempt counts for nothing and can write nothing more."""
    values = {"state": JobState.QUEUED, "lease_until": None, "attempts": claim.attempt - 1}
    statement = _mine(claim).values(fence=Job.fence + 1, **values).returning(Job.id)
    if session.scalar(statement) is None:
        return False
    queue.transport().wake(session, [claim.job_id])
    return True


def _wake_next(session: Session, kind: registry.JobKind, now: datetime) -> None:
    """After a serial job, its successor's turn has come: its first wake-up was in vain."""
    if not kind.serial:
        return
    session.flush()
    following = session.scalar(
        select(Job.id).where(Job.kind == kind.kind, queue.is_due(now)).order_by(Job.id).limit(1)
    )
    if following is not None:
        queue.transport().wake(session, [following])


def _held(claim: Claim) -> ColumnElement[bool]:
    return (Job.id == claim.job_id) & (Job.fence == claim.fence) & (Job.state == JobState.RUNNING)


def _mine(claim: Claim) -> Update:
    return update(Job).where(_held(claim)).execution_options(synchronize_session=False)


def _lease_end(kind: registry.JobKind) -> ColumnElement[datetime]:
    return func.clock_timestamp() + timedelta(seconds=kind.lease_seconds)


def _backoff(claim: Claim) -> timedelta:
    doubled = claim.kind.backoff_seconds * 2 ** min(claim.attempt - 1, 20)
    return min(timedelta(seconds=doubled), MAX_BACKOFF)


def _hopeless(error: Exception) -> bool:
    """A refusal by the business will be the same next time; a conflict or a fault may not."""
    refused = isinstance(error, CessioError) and not isinstance(error, Conflict)
    return refused or isinstance(error, msgspec.ValidationError)


def _explain(error: Exception) -> dict[str, Any]:
    """The sentence for people; a driver's error without its statement and parameters."""
    if isinstance(error, CessioError):
        return {
            "error": str(error)[:_MAX_SENTENCE], "error_code": error.code,
            "error_params": msgspec.to_builtins(
                {**error.params, TEMPLATE: error.template}, enc_hook=str
            ),
        }  # fmt: skip
    shown = error.orig if isinstance(error, DBAPIError) and error.orig else error
    first_line = next(iter(str(shown).strip().splitlines()), "")
    sentence = f"{type(shown).__name__}: {first_line}".removesuffix(": ")
    return {"error": sentence[:_MAX_SENTENCE], "error_code": None, "error_params": None}


@contextmanager
def _heartbeat(context: JobContext) -> Iterator[None]:
    """Renew the lease from a thread until the block ends or the job's time limit is over."""
    over = threading.Event()
    beat = threading.Thread(
        target=_beat, args=(context, over), name=f"lease-of-job-{context.job_id}", daemon=True
    )
    beat.start()
    try:
        yield
    finally:
        over.set()
        beat.join(timeout=5)


def _beat(context: JobContext, over: threading.Event) -> None:
    kind = context.claim.kind
    until = time.monotonic() + kind.time_limit_seconds
    while not over.wait(kind.lease_seconds / 4):
        if time.monotonic() > until:
            _log.error("job %s is over its time limit; its lease ends", context.job_id)
            return
        try:
            context.renew()
        except LeaseLost:
            return
        except Exception:
            _log.warning("the lease of job %s was not renewed", context.job_id, exc_info=True)
