"""The writes of screening."""

from cessio.screening.operations.lists import LoadedList, load_list, set_settings
from cessio.screening.operations.looking import give_opinion
from cessio.screening.operations.screening import Screened, screen_due, search

__all__ = [
    "LoadedList", "Screened", "give_opinion", "load_list", "screen_due", "search",
    "set_settings",
]  # fmt: skip
