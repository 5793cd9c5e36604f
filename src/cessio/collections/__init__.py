"""Collections: getting paid by debtors that are late.

A *promise* is a debtor's word to pay so much by a day, on named invoices or on any it owes. It is
*open* until the day has passed, then *kept*, kept *late* or *broken*: that follows from the money
applied since, never from what somebody ticks. It is *ended* when it is withdrawn, when a later one
takes its place, or when somebody dealt with a broken one.
"""

from cessio.collections.operations import end_promise, note_promise
from cessio.collections.rules import PromiseEnd, PromiseState

__all__ = ["PromiseEnd", "PromiseState", "end_promise", "note_promise"]
