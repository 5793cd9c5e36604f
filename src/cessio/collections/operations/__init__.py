"""Writing what debtors promise, and the plans by which they are reminded."""

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
    note_promise,
)

__all__ = [
    "NotAPlan",
    "NothingToPromise",
    "PromiseEnded",
    "Steps",
    "add_plan",
    "change_plan",
    "choose_plan",
    "end_choice",
    "end_promise",
    "found_house_plan",
    "note_promise",
    "switch_off",
    "switch_on",
]
