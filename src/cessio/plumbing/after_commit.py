"""What may happen only once a transaction has committed (a wake-up through an outside broker)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

_log = logging.getLogger(__name__)
_KEY = "cessio.after_commit"


def after_commit(session: Session, call: Callable[..., object], *arguments: Any) -> None:
    """Call when the session's transaction has committed; never when it is rolled back.

    It cannot be relied on: the process may die in between, and an error of the call is logged and
    dropped, since the transaction can no longer be undone. Calls noted in a savepoint that was
    rolled back are made all the same; the callee must look at what is stored.
    """
    if _KEY not in session.info:
        session.info[_KEY] = []
        event.listen(session, "after_commit", _call_all)
        event.listen(session, "after_rollback", _forget_all)
    session.info[_KEY].append((call, arguments))


def _call_all(session: Session) -> None:
    if session.in_nested_transaction():
        return  # a savepoint was released; the transaction goes on
    calls, session.info[_KEY] = session.info[_KEY], []
    for call, arguments in calls:
        try:
            call(*arguments)
        except Exception:
            _log.warning("a call after commit failed and is dropped", exc_info=True)


def _forget_all(session: Session) -> None:
    if not session.in_nested_transaction():
        session.info[_KEY] = []
