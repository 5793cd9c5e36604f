"""Pages anybody may open."""

from cessio.web.public import confirming, joining, sign_in, verifying

HANDLERS = [*sign_in.HANDLERS, *verifying.HANDLERS, *confirming.HANDLERS, *joining.HANDLERS]

__all__ = ["HANDLERS"]
