"""The reminders of a business day, chosen once and written in small transactions; and results."""

from __future__ import annotations

from datetime import date

from cessio.collections.operations.figures import keep_results
from cessio.collections.operations.letters import choose_day, put_on_paper, write_letters
from cessio.collections.operations.recovery import RECOVERY, build_file
from cessio.collections.queries import letters as queries
from cessio.plumbing.jobs import JobContext, job

DUNNING = "collections.dunning"
RESULTS = "collections.results"
#: Letters of one transaction: a dead worker leaves so many to be written again.
BATCH = 50


@job(DUNNING, serial=True, time_limit_seconds=14_400)
def remind(context: JobContext, *, on: date) -> None:
    """Choose whom to remind on a day, then write each mail and letter; safe to run twice."""
    with context.transaction() as session:
        choose_day(session, on=on, by=context.by, at=context.at)
        put_on_paper(session, on=on, by=context.by, at=context.at)
        waiting = queries.unwritten(session, on)
    done = 0
    context.progress(0, len(waiting))
    for start in range(0, len(waiting), BATCH):
        ids = waiting[start : start + BATCH]
        with context.transaction() as session:
            written = write_letters(session, letter_ids=ids, by=context.by, at=context.at)
            context.count(letters=written)
        done += len(ids)
        context.progress(done, len(waiting))
    with context.transaction() as session:
        context.count(letters=0)
        context.finish(session)


@job(RESULTS, serial=True, time_limit_seconds=3600)
def keep(context: JobContext, *, on: date) -> None:
    """Keep what reminding brought by the end of a day; safe to run twice."""
    with context.transaction() as session:
        context.count(lines=keep_results(session, on=on, at=context.at))
        context.finish(session)


@job(RECOVERY, time_limit_seconds=3600)
def recovery_file(context: JobContext, *, file_id: int) -> None:
    """Make the archives of a file for legal recovery; nothing to do once they are made."""
    with context.transaction() as session:
        parts = build_file(session, file_id=file_id, by=context.by, at=context.at)
        context.finish(session, {"parts": parts})
