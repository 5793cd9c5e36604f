"""Settlement: what the client pays for, and what is held back and given back.

The *financing commission* is the price of funds in use, day by day on their value dates, posted
at the month's end; the *annual minimum* completes the year's factoring commission; the
*retention fund* is called as remittances come in and released as the outstanding falls. A *run*
is one business day settled, step by step, each once.
"""

from cessio.settlement.operations import DayNotReached, StepDone, run_day

__all__ = ["DayNotReached", "StepDone", "run_day"]
