"""Writing what debtors promise, the plans by which they are reminded, and the reminders."""

from cessio.collections.operations.letters import choose_day, put_on_paper, write_letters
from cessio.collections.operations.plans import (
    NotAPlan,
    Steps,
    add_plan,
    change_plan,
    choose_plan,
    end_choice,
    found_house_plan,
    switch_off,
    switch_on,
)
from cessio.collections.operations.promises import (
    NothingToPromise,
    PromiseEnded,
    end_promise,
    note_instalments,
    note_promise,
)

__all__ = [
    "NotAPlan",
    "NothingToPromise",
    "PromiseEnded",
    "Steps",
    "add_plan",
    "change_plan",
    "choose_day",
    "choose_plan",
    "end_choice",
    "end_promise",
    "found_house_plan",
    "note_instalments",
    "note_promise",
    "put_on_paper",
    "switch_off",
    "switch_on",
    "write_letters",
]
