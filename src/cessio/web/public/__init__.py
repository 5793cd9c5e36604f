"""Pages anybody may open."""

from cessio.web.public import sign_in, verifying

HANDLERS = [*sign_in.HANDLERS, *verifying.HANDLERS]

__all__ = ["HANDLERS"]
