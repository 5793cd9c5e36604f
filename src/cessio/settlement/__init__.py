"""Settlement: what the client pays for, and what is held back and given back.

The *financing commission* is the price of funds in use, day by day on their value dates, posted
at the month's end or taken with a drawdown; the *annual minimum* completes the year's factoring
commission; the *retention fund* is called as remittances come in and released as the outstanding
falls. A *run* is one business day settled, step by step, each once. What a debtor does not pay is
*transferred back* to the client, or *indemnified* as far as it is covered. What was charged in a
month is on one *fee invoice* a contract.
"""

from cessio.settlement.operations import (
    DayNotReached,
    StepDone,
    UnpaidSettled,
    issue_fee_invoices,
    run_day,
    settle_every_unpaid,
    settle_unpaid,
    undo_unpaid,
)

__all__ = [
    "DayNotReached",
    "StepDone",
    "UnpaidSettled",
    "issue_fee_invoices",
    "run_day",
    "settle_every_unpaid",
    "settle_unpaid",
    "undo_unpaid",
]
