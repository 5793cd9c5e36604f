"""Who did what to which thing, when and why, with the state before and after.

An *event* is one act. It is written in the transaction of the act itself, so that there is no act
without its event and no event without its act; the database refuses to change or delete one.
A *change* is one field of an event whose value differs before and after.
"""

from __future__ import annotations

from cessio.audit.operations import Fact, record, record_all
from cessio.audit.queries import Event, history, journal
from cessio.audit.rules import Change, json_safe, narrowed

__all__ = [
    "Change",
    "Event",
    "Fact",
    "history",
    "journal",
    "json_safe",
    "narrowed",
    "record",
    "record_all",
]
