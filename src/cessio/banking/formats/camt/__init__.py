"""camt.052, camt.053 and camt.054, versions 01 to 14: ``read_camt(bytes) -> ParsedFile``.

``tables`` holds the shape of the messages, ``shape`` the walk that follows it, ``values`` the
exact values, ``entries`` one movement, ``reader`` the file, its balances and its totals.
"""

from cessio.banking.formats.camt.reader import read_camt

__all__ = ["read_camt"]
