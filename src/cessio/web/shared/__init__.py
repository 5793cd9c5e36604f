"""What clients share: read by guests with an account of their own, and by whoever holds a link."""

from cessio.web.shared import guest, pages

HANDLERS = [*guest.HANDLERS, *pages.HANDLERS]

__all__ = ["HANDLERS"]
