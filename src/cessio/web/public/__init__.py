"""Pages anybody may open."""

from cessio.web.public import confirming, sign_in, verifying

HANDLERS = [*sign_in.HANDLERS, *verifying.HANDLERS, *confirming.HANDLERS]

__all__ = ["HANDLERS"]
