"""How late debtors pay: the quantiles of a public payment history.

Source: IBM Watson Analytics sample ``WA_Fn-UseC_-Accounts-Receivable.csv`` (2,466 invoices of 100
customers, 2012-2013), column ``DaysLate``, every twentieth from 5 % to 100 %, measured once. Two
thirds were paid by their due date, the mean delay is 3.4 days, the longest 45.
"""

from __future__ import annotations

from random import Random

#: Days late at 5 %, 10 %, ... 100 % of the invoices.
DAYS_LATE = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 3, 5, 7, 10, 13, 18, 45)
_STEPS = len(DAYS_LATE)


def habit(rng: Random) -> int:
    """A debtor's own place among payers, in thousandths: 0 is the most punctual."""
    return rng.randrange(1000)


def days_late(rng: Random, own: int) -> int:
    """Days after the due date at which an invoice is paid by a debtor of such a habit.

    Half of the time near the debtor's own place, otherwise anywhere: over many debtors the whole
    follows the measured quantiles, and yet some are always late.
    """
    place = rng.randrange(1000)
    if rng.randrange(2):
        place = min(999, max(0, own + rng.randrange(-100, 101)))
    step, rest = divmod(place * _STEPS, 1000)
    before = DAYS_LATE[step - 1] if step else 0
    return before + (DAYS_LATE[step] - before) * rest // 1000
