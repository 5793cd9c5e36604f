"""What of an address a view keeps."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from urllib.parse import urlencode

#: Longer than any list's filters.
LONGEST_QUERY = 2000
LONGEST_VALUE = 200
LONGEST_NAME = 60
#: A person who keeps more of one list needs a search, not another view.
MOST_VIEWS = 30


def kept_query(pairs: Iterable[tuple[str, str]], allowed: Collection[str]) -> str:
    """The filters and the order of a list's address, without its position or anything unknown."""
    kept = [
        (name, value.strip()) for name, value in pairs
        if name in allowed and value.strip() and len(value) <= LONGEST_VALUE
    ]  # fmt: skip
    query = urlencode(sorted(set(kept)))
    return query if len(query) <= LONGEST_QUERY else ""
