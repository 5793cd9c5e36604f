"""What a request may carry: how long an address, how much in headers, how many fields, of what.

All of it is refused before anything of it is taken apart, so no request costs more memory than its
own bytes.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from litestar import Request
from litestar.datastructures import FormMultiDict
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler

from cessio.kernel.errors import CessioError, Invalid, Problems
from cessio.web.strict_json import check_json

#: The address with its query, all headers together (a cookie, where one comes from: the address
#: again), the typed part of a form: each far more than any page of ours sends.
ADDRESS_BYTES: Final = 16_384
HEADER_BYTES: Final = 65_536
TYPED_BYTES: Final = 2_000_000
MAX_FIELDS: Final = 1000

_JSON: Final = "application/json"
_TYPED: Final = "application/x-www-form-urlencoded"
_FILES: Final = "multipart/form-data"
#: Option of a handler whose callers may send fields it does not know: a standard says so.
ANY_FIELDS: Final = "any_fields"
#: Of the machinery: no handler asks for it.
CSRF_FIELD: Final = "csrf_token"


class TooLarge(Invalid):
    """A body has more in it than any of ours."""


class AddressTooLong(Invalid):
    """An address, with its query, is longer than any of ours."""


class HeadersTooLarge(Invalid):
    """The headers of a request are larger than any browser's."""


class MediaTypeRefused(HTTPException):
    """A body must say what it is, and be what is read here: nothing is guessed from its looks."""

    status_code = 415


def refuse_oversized(request: Request[Any, Any, Any]) -> None:
    """Refuse an address or headers beyond all measure. Raises ``Invalid`` of both kinds."""
    scope = request.scope
    if len(scope["raw_path"] or scope["path"]) + len(scope["query_string"]) > ADDRESS_BYTES:
        raise AddressTooLong("address_too_long", "This address is too long: ask for less at once")
    if sum(len(name) + len(value) for name, value in scope["headers"]) > HEADER_BYTES:
        raise HeadersTooLarge("headers_too_large", "This request carries too many headers or"
                              " cookies: delete the cookies of this site")  # fmt: skip


async def sent_fields(request: Request[Any, Any, Any]) -> FormMultiDict:
    """The fields of a form as they came. Raises ``TooLarge``, ``Invalid`` for what is no text."""
    if request.content_type[0] == _TYPED:
        body = await request.body()
        if len(body) > TYPED_BYTES or body.count(b"&") >= MAX_FIELDS:
            raise TooLarge("form_too_large", "The form has too many fields")
    try:
        found = await request.form()
    except (UnicodeError, LookupError):
        raise Invalid("form_unreadable", "The form holds text that cannot be read") from None
    if len(list(found.multi_items())) > MAX_FIELDS:
        raise TooLarge("form_too_large", "The form has too many fields")
    return found


async def refuse_form(request: Request[Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Refuse what is no form, and any field where a button is all there is.

    A handler that reads fields refuses others itself, see ``forms.Submitted``.
    """
    if handler.opt.get(ANY_FIELDS):
        return
    _refuse_media_type(request, (_TYPED, _FILES))
    if not _reads(handler, "submitted"):
        names = {*(await sent_fields(request)).keys()} - {CSRF_FIELD}
        if names:
            raise Problems([*map(unasked, sorted(names)[:20])])


async def refuse_body(request: Request[Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Refuse what a program sends that is not the JSON or the upload this handler reads."""
    reads_files = _reads(handler, "submitted")
    _refuse_media_type(request, (_FILES,) if reads_files else (_JSON,))
    if request.content_type[0] == _JSON:
        value = check_json(await request.body())
        if value != {} and not _reads(handler, "data"):
            names = sorted(value)[:20] if isinstance(value, dict) else []
            raise (
                Problems([*map(unasked, names)])
                if names
                else Invalid("json_unreadable", "the body is not JSON that can be read")
            )


def unasked(name: str) -> CessioError:
    """The fault of a field nobody asked for."""
    name = name[:60]
    return Invalid(
        "field_unknown", "The field {name} is not part of this form", field=name, name=name
    )


def _reads(handler: BaseRouteHandler, name: str) -> bool:
    return name in handler.parsed_fn_signature.parameters


def _refuse_media_type(request: Request[Any, Any, Any], read_here: Collection[str]) -> None:
    length = request.headers.get("content-length", "0")
    has_body = length != "0" or "transfer-encoding" in request.headers
    if has_body and request.content_type[0] not in read_here:
        raise MediaTypeRefused(detail=f"send {' or '.join(read_here)}")
