"""Screening: the names of the base held against lists of people nobody may be paid for.

A *list* is a file an authority publishes; each loaded one is a *version*, made of *entries* with
their names. A company is *due* when its names, those of its people and of who holds its accounts
were not yet held against the versions of now. An *alert* is a name that resembles an entry, with
its score and the words behind it: it is open until two people *clear* it, or one says it is a
*hit*. Nothing is paid to a company with an alert, nothing is assigned by or on one that was hit.
"""

from cessio.screening.operations import (
    LoadedList,
    give_opinion,
    load_list,
    screen_due,
    search,
    set_settings,
)
from cessio.screening.queries import AlertView, Standing, alert, alerts, standing
from cessio.screening.rules import AlertState, ListSource, Settings, Verdict, being_checked

__all__ = [
    "AlertState", "AlertView", "ListSource", "LoadedList", "Settings", "Standing", "Verdict",
    "alert", "alerts", "being_checked", "give_opinion", "load_list", "screen_due", "search",
    "set_settings", "standing",
]  # fmt: skip
