"""Collections: getting paid by debtors that are late.

A *promise* is a debtor's word to pay so much by a day, on named invoices or on any it owes. It is
*open* until the day has passed, then *kept*, kept *late* or *broken*: that follows from the money
applied since, never from what somebody ticks. It is *ended* when it is withdrawn, when a later one
takes its place, or when somebody dealt with a broken one.

A *plan* says by *steps* how debtors are reminded, so many days around the due date. Each *version*
is tried on the book before it is *switched on* from a day; a *choice* gives a debtor, a contract,
a client or the house its plan. What reached a step on a day goes out as one *letter* per debtor.
"""

from cessio.collections import texts as texts  # registers what letters say
from cessio.collections.operations import (
    Steps,
    add_plan,
    change_plan,
    choose_day,
    choose_plan,
    end_choice,
    end_promise,
    found_house_plan,
    note_instalments,
    note_promise,
    put_on_paper,
    switch_off,
    switch_on,
    write_letters,
)
from cessio.collections.rules import DunningChannel, LeftOut, PromiseEnd, PromiseState

__all__ = [
    "DunningChannel", "LeftOut", "PromiseEnd", "PromiseState", "Steps", "add_plan", "change_plan",
    "choose_day", "choose_plan", "end_choice", "end_promise", "found_house_plan",
    "note_instalments", "note_promise", "put_on_paper", "switch_off", "switch_on", "write_letters",
]  # fmt: skip
