"""Putting one file into a folder; tried again until the folder takes it."""

from __future__ import annotations

from cessio.delivery import drop, operations, queries
from cessio.plumbing.jobs import JobContext, job


@job(operations.PUT, max_attempts=20)
def put_file(context: JobContext, *, delivery_id: int) -> None:
    """Write the file between two transactions: killed in between, it is found there again."""
    with context.transaction() as session:
        due = queries.to_put(session, delivery_id)
    if due is not None:
        drop.put(due.folder, due.filename, due.content)
    with context.transaction() as session:
        if due is not None:
            operations.note_delivered(session, delivery_id=delivery_id, at=context.at)
        context.count(files=int(due is not None))
        context.finish(session)
