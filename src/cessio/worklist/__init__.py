"""Worklist: what people of the factor note down, promise to do, put off, and hand over.

A *note* is about a client or a debtor and is ours alone. A *to-do* is owed by one person until it
is done. An item of the work queue (its *kind* and *number*) may be *put off* until a day, by one
person for themselves, and *handed over* to a colleague. All of it is ended, never deleted.
"""

from cessio.worklist.operations import (
    ask_todo,
    end_note,
    finish_todo,
    hand_over,
    pin_note,
    put_off,
    resume,
    take_back,
    write_note,
)
from cessio.worklist.rules import NoteUnknown, Subject

__all__ = [
    "NoteUnknown",
    "Subject",
    "ask_todo",
    "end_note",
    "finish_todo",
    "hand_over",
    "pin_note",
    "put_off",
    "resume",
    "take_back",
    "write_note",
]
