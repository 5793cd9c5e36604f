"""Pages anybody may open."""

from cessio.web.public import sign_in

HANDLERS = [*sign_in.HANDLERS]

__all__ = ["HANDLERS"]
