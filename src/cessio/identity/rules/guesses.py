"""How many wrong codes or links of one network are looked at."""

from __future__ import annotations

from datetime import timedelta

#: So many wrong ones of a network within the window, and the next is not even looked at.
MOST_WRONG = 20
WINDOW = timedelta(minutes=10)
