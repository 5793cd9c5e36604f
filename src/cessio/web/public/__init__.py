"""Pages anybody may open."""

from cessio.web.public import (
    by_passkey,
    confirming,
    forgotten,
    joining,
    oauth,
    paying,
    second_step,
    sign_in,
    single_sign_on,
    stopping,
    verifying,
)

HANDLERS = [
    *sign_in.HANDLERS, *second_step.HANDLERS, *by_passkey.HANDLERS, *single_sign_on.HANDLERS,
    *oauth.HANDLERS,
    *verifying.HANDLERS, *confirming.HANDLERS,
    *joining.HANDLERS, *forgotten.HANDLERS, *paying.HANDLERS, *stopping.HANDLERS,
]  # fmt: skip

__all__ = ["HANDLERS"]
