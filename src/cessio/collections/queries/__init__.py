"""Reading promises with what was paid on them, and the plans by which debtors are reminded."""

from cessio.collections.queries.planned import (
    ChoiceView,
    PlanView,
    StepView,
    SwitchView,
    VersionView,
    choices,
    house_plan,
    plan,
    plans,
    versions_in_force,
)
from cessio.collections.queries.promise_money import PromisedInvoice
from cessio.collections.queries.promised import (
    MOST,
    Promisable,
    PromiseView,
    broken_promises,
    instalments_left,
    locked_promise,
    promisable,
    promise,
    promises,
    promises_on,
    promises_to_replace,
)

__all__ = [
    "MOST", "ChoiceView", "PlanView", "Promisable", "PromiseView", "PromisedInvoice", "StepView",
    "SwitchView", "VersionView", "broken_promises", "choices", "house_plan", "instalments_left",
    "locked_promise", "plan", "plans", "promisable", "promise", "promises", "promises_on",
    "promises_to_replace", "versions_in_force",
]  # fmt: skip
