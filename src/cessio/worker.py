"""Composition root of background work: who does it, who reacts to what, and when it is due.

``compose`` gives a process (web, command line, worker) the table of reactions and the transport;
``run_worker`` and ``run_scheduler`` are the two long-running processes.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy.engine import URL

from cessio import house
from cessio.delivery import drop
from cessio.notifications import tell_end_of_job
from cessio.plumbing import clock, database, logs, mail, outbox, schedule
from cessio.plumbing import keeper as keeping
from cessio.plumbing.jobs import queue, when_ended
from cessio.plumbing.jobs.reconcile import resend_lost
from cessio.plumbing.keeper import Keeper
from cessio.plumbing.mail import Mailer
from cessio.plumbing.outbox import Reaction, key_of
from cessio.plumbing.schedule import Scheduled, every_business_day, every_day

#: Who reacts to which event: an event's name → the jobs it makes, each once per key.
REACTIONS: Mapping[str, Sequence[Reaction]] = {
    "statement.imported": (
        Reaction(
            "funding.settle_payouts", key_of("statement_id"), fields=("statement_id",), priority=1
        ),
        Reaction("cash.match", key_of("statement_id"), fields=("statement_id",)),
    ),
    "day.closed": (
        Reaction("closing.seal", key_of("on"), fields=("on",)),
        Reaction("collections.results", key_of("on"), fields=("on",)),
        Reaction("statements.day", key_of("on"), fields=("on",)),
        Reaction("reporting.day", key_of("on"), fields=("on",)),
    ),
    "party.named": (Reaction("screening.due", key_of("company_id", "at"), fields=()),),
    "screening.due": (Reaction("screening.due", key_of("key"), fields=(), priority=1),),
    "remittance.checked": (
        Reaction("vigilance.remittance", key_of("remittance_id", "at"), fields=("remittance_id",)),
    ),
    "remittance.assigned": (
        Reaction("vigilance.remittance", key_of("remittance_id"), fields=("remittance_id",)),
        Reaction("screening.due", key_of("remittance_id"), fields=()),
    ),
}

#: What is due when, in Paris time.
SCHEDULE: Sequence[Scheduled] = (
    Scheduled("closing.day_end", "closing.day_end", "20 0 * * *", on=every_day),
    Scheduled("vigilance.day", "vigilance.day", "30 2 * * *", on=every_day),
    Scheduled("screening.due", "screening.due", "45 2 * * *", on=every_day),
    Scheduled("limits.day", "limits.day", "0 5 * * *", on=every_day),
    Scheduled("disputes.day", "disputes.day", "10 5 * * *", on=every_day),
    Scheduled("collections.dunning", "collections.dunning", "15 6 * * *", on=every_business_day),
    Scheduled("funding.standing", "funding.plan_standing", "0 6 * * *", on=every_business_day),
    Scheduled("identity.forget", "identity.forget", "40 3 * * *", on=None),
    Scheduled("notifications.digest", "notifications.digest", "0 7 * * *", on=None),
)

#: The capabilities that may have a ``jobs`` module, lowest first.
CAPABILITIES: tuple[str, ...] = (
    "audit", "identity", "documents", "notifications", "correspondence", "house", "approvals",
    "delivery", "parties", "ledger", "screening", "contracts", "limits", "banking", "access",
    "receivables", "funding", "cash", "settlement", "collections", "vigilance", "statements",
    "closing", "reporting",
)  # fmt: skip

#: How often a process asks which days the house closes; they are closed days ahead.
HOUSE_SECONDS = 30.0

#: How often the scheduler looks at the clock and for lost wake-ups.
TURN_SECONDS = 2.0


def compose(
    broker_url: str | None = None, mailer: Mailer | None = None, keeper: Keeper | None = None,
    drop_dir: Path | None = None,
) -> None:  # fmt: skip
    """Tell this process how events, jobs, mails and files travel; every entry point calls it once.

    ``broker_url`` and ``drop_dir`` are the settings of those names; None lets PostgreSQL carry the
    wake-ups. ``mailer`` is ``Mailer.of(settings)``; None writes mails into a folder. ``keeper`` is
    ``Keeper.of(settings)``; None leaves days unsealed, for a process that has one.
    """
    if drop_dir is not None:
        drop.use(drop_dir)
    outbox.configure(REACTIONS)
    when_ended(tell_end_of_job)
    mail.use(mailer or Mailer())
    keeping.use(keeper)
    if broker_url is None:
        queue.use_transport(queue.PostgresTransport())
        return
    from cessio.plumbing.jobs.broker import make_transport

    queue.use_transport(make_transport(broker_url))


def load_jobs() -> None:
    """Import every capability's ``jobs`` module, so that its kinds are known here."""
    for capability in CAPABILITIES:
        name = f"cessio.{capability}.jobs"
        if find_spec(name) is not None:
            import_module(name)
    _say_digests()


def _say_digests() -> None:
    """The words of the mails of notifications are the edge's: only who runs jobs loads them."""
    from cessio.notifications.jobs import write_with
    from cessio.web.words.notifications import write_mail

    write_with(lambda found, is_daily: write_mail(found, mail.base_url(), is_daily=is_daily))


def run_worker(
    database_url: str | URL,
    *,
    broker_url: str | None = None,
    mailer: Mailer | None = None,
    keeper: Keeper | None = None,
    drop_dir: Path | None = None,
    processes: int = 1,
    threads: int = 2,
    grace_seconds: float = 10,
    stop: threading.Event | None = None,
    log_json: bool = False,
) -> None:
    """Run jobs until SIGTERM or SIGINT (or ``stop``): in this process, or in several spawned.

    Jobs in hand have ``grace_seconds`` to end, then others take them over. ``log_json`` is how the
    spawned log; this process did choose already.
    """
    from cessio.plumbing.jobs import serving

    url = database.psycopg_url(database_url).render_as_string(hide_password=False)
    arguments = (url, broker_url, mailer, keeper, drop_dir, threads, grace_seconds)
    with nullcontext(stop) if stop else serving.stopped_by_signals() as ending:
        if processes == 1:
            _serve(*arguments, ending)
        else:
            serving.serve_many(
                _worker_process, (log_json, *arguments), processes=processes, stop=ending,
                grace_seconds=grace_seconds,
            )  # fmt: skip


def run_scheduler(
    database_url: str | URL,
    *,
    broker_url: str | None = None,
    stop: threading.Event | None = None,
    turn_seconds: float = TURN_SECONDS,
) -> None:
    """Enqueue what is due and re-send lost wake-ups until SIGTERM or SIGINT (or ``stop``).

    Two of them at once do no harm, and the second one keeps on when the first dies.
    """
    from cessio.plumbing.jobs import serving

    compose(broker_url)
    load_jobs()
    engine = database.make_engine(database_url, role=database.WORKER, pool_size=2)

    def turn() -> None:
        at = clock.now()
        with database.transaction(engine) as session:
            schedule.seed(session, SCHEDULE, at)
            schedule.run_due(session, SCHEDULE, at)
        resend_lost(engine)

    with nullcontext(stop) if stop else serving.stopped_by_signals() as ending:
        serving.repeat(turn, seconds=turn_seconds, stop=ending)
    engine.dispose()


def _worker_process(
    log_json: bool,
    database_url: str,
    broker_url: str | None,
    mailer: Mailer | None,
    keeper: Keeper | None,
    drop_dir: Path | None,
    threads: int,
    grace_seconds: float,
    parent: int,
) -> None:
    from cessio.plumbing.jobs import serving

    logs.configure(as_json=log_json)
    with serving.stopped_with_parent(parent) as stop:
        _serve(database_url, broker_url, mailer, keeper, drop_dir, threads, grace_seconds, stop)


def _serve(
    database_url: str,
    broker_url: str | None,
    mailer: Mailer | None,
    keeper: Keeper | None,
    drop_dir: Path | None,
    threads: int,
    grace_seconds: float,
    stop: threading.Event,
) -> None:
    from cessio.plumbing.jobs import serving
    from cessio.plumbing.jobs.broker import make_broker
    from cessio.plumbing.jobs.running import Runner

    compose(broker_url, mailer, keeper, drop_dir)
    load_jobs()
    # A running job uses up to three connections: its own, the lease's and the progress's.
    size = max(database.WORKER.pool_size, 3 * threads + 2)
    engine = database.make_engine(database_url, role=database.WORKER, pool_size=size)
    broker = make_broker(broker_url, database_url)

    def know_house() -> None:
        with database.transaction(engine) as session:
            house.tell_process(session)

    know_house()
    threading.Thread(
        target=serving.repeat, args=(know_house,),
        kwargs={"seconds": HOUSE_SECONDS, "stop": stop}, daemon=True,
    ).start()  # fmt: skip
    serving.serve(Runner(engine), broker, threads=threads, stop=stop, grace_seconds=grace_seconds)
    engine.dispose()
