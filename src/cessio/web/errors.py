"""From what was raised to what is answered: one table of statuses, three shapes of answer.

A page for people, a fragment for htmx, ``application/problem+json`` for the API. The unexpected
says nothing of its cause; the log has it under the same reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ServiceUnavailableException
from litestar.types import ExceptionHandlersMap
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from cessio.kernel.errors import CessioError, Conflict, Forbidden, Invalid, NotFound, Problems
from cessio.kernel.money import AmountError, Money
from cessio.plumbing import i18n
from cessio.plumbing.i18n import lazy
from cessio.plumbing.scanner import ScannerSilent
from cessio.web import page as pages
from cessio.web.bodies import AddressTooLong, HeadersTooLarge, TooLarge
from cessio.web.render import render
from cessio.web.words import sentence

log = structlog.get_logger()

#: Whoever holds such an address is let in by what follows: told to no log, no index, no other site.
SECRET_PREFIXES = ("/shared/", "/join/", "/confirm/", "/pay/", "/reset/")

#: A lock or an answer that did not come in time, two who waited for each other, a serial order.
_WAITED = frozenset({"55P03", "57014", "40P01", "40001"})

#: First match wins, so a subclass stands before its base.
STATUSES: tuple[tuple[type[CessioError], int], ...] = (
    (TooLarge, 413),
    (ScannerSilent, 503),
    (AddressTooLong, 414),
    (HeadersTooLarge, 431),
    (NotFound, 404),
    (Forbidden, 403),
    (Conflict, 409),
    (Invalid, 422),
    (AmountError, 422),
    (CessioError, 422),
)

TITLES = {
    400: lazy("This request cannot be read"),
    401: lazy("Please sign in"),
    403: lazy("This is not open to you"),
    404: lazy("There is nothing here"),
    405: lazy("This cannot be done here"),
    409: lazy("Things have changed meanwhile"),
    413: lazy("This is too large"),
    414: lazy("This address is too long"),
    415: lazy("This is not what is read here"),
    422: lazy("This cannot be accepted as it is"),
    429: lazy("Too many attempts"),
    431: lazy("This is too large"),
    500: lazy("Something went wrong on our side"),
    503: lazy("The service is not available right now"),
}

ADVICE = {
    400: lazy("Go back, load the page again and send it once more."),
    401: lazy("Your session has ended. Sign in and come back to this page."),
    403: lazy("Your role does not include this. An administrator can change it."),
    404: lazy("The page does not exist, or it is not yours to see."),
    405: lazy("Go back and use the buttons of the page."),
    409: lazy("Someone else acted first. Reload the page and look again."),
    413: lazy("Send a smaller file."),
    415: lazy("Forms are read here, and nothing else: use the buttons of the page."),
    429: lazy("Wait a few minutes, then try again."),
    500: lazy("Nothing was saved. We have been told; quote the reference if you call us."),
    503: lazy("Nothing was saved. Try again in a few minutes."),
}


def status_of(error: CessioError) -> int:
    """The HTTP status of an expected error."""
    return next(status for kind, status in STATUSES if isinstance(error, kind))


def wants_problem(request: Request[Any, Any, Any]) -> bool:
    """The API speaks JSON; so does whoever accepts JSON and not HTML."""
    accept = request.headers.get("accept", "")
    return request.scope["path"].startswith("/api/") or (
        "json" in accept and "text/html" not in accept
    )


def on_expected(request: Request[Any, Any, Any], error: CessioError) -> Response[Any]:
    """Answer a refusal of the business."""
    status = status_of(error)
    if isinstance(error, Forbidden):
        noted(request, "access_refused", code=error.code)
    pages.start(request)
    if wants_problem(request):
        return _problem(request, status, error.code, sentence(error), _details(error))
    return _page(request, status, sentence(error))


def on_http(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """Answer what the framework refused; its details stay out of pages."""
    status = error.status_code
    pages.start(request)
    if wants_problem(request):
        extra = error.extra if isinstance(error.extra, list) else []
        return _problem(request, status, f"http_{status}", str(_title(status)), {"errors": extra},
                        error.headers)  # fmt: skip
    return _page(request, status, None, error.headers)


def on_unstorable(
    request: Request[Any, Any, Any], error: DataError | OverflowError
) -> Response[Any]:
    """Answer a text, a number or a date that cannot be held: what was sent is at fault."""
    log.warning("value_unstorable", path=logged_path(request.scope["path"]), exc_info=error)
    return on_expected(
        request, Invalid("value_unstorable", "a text or a number cannot be kept as it was sent")
    )


def on_waited(
    request: Request[Any, Any, Any], error: OperationalError | NoConnectionFree
) -> Response[Any]:
    """Answer who waited too long for others: nothing is kept, and the same may be sent again."""
    found = getattr(getattr(error, "orig", None), "sqlstate", None)
    if isinstance(error, OperationalError) and found not in _WAITED:
        return on_unexpected(request, error)
    log.warning("waited_too_long", path=logged_path(request.scope["path"]))
    return on_http(request, ServiceUnavailableException(headers={"Retry-After": "5"}))


def on_unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Answer a fault of ours: log it whole, say nothing of it."""
    log.error("request_failed", path=logged_path(request.scope["path"]), exc_info=error)
    pages.start(request)
    if wants_problem(request):
        return _problem(request, 500, "internal_error", str(_title(500)), {})
    return _page(request, 500, None)


def noted(request: Request[Any, Any, Any], event: str, **facts: Any) -> None:
    """Log what concerns security: who (by number), from where, at which address; no field typed."""
    user = request.scope.get("user")
    log.warning(
        event, method=request.method, path=logged_path(request.scope["path"]),
        network=request.client.host if request.client else "", by=getattr(user, "by", ""), **facts,
    )  # fmt: skip


def logged_path(path: str) -> str:
    """An address as the log may keep it: what opens a page by being known is left out."""
    for prefix in SECRET_PREFIXES:
        if path.startswith(prefix):
            _secret, slash, rest = path.removeprefix(prefix).partition("/")
            return f"{prefix}…{slash}{rest}"
    return path


EXCEPTION_HANDLERS: ExceptionHandlersMap = {
    CessioError: on_expected,
    HTTPException: on_http,
    DataError: on_unstorable,
    OverflowError: on_unstorable,
    OperationalError: on_waited,
    NoConnectionFree: on_waited,
    Exception: on_unexpected,
}


def _title(status: int) -> i18n.Lazy:
    return TITLES.get(status) or TITLES[500 if status >= 500 else 400]


def reference(request: Request[Any, Any, Any]) -> str:
    """The request's reference in the log, if the log middleware gave one."""
    return str(request.scope.get("state", {}).get("request_id", ""))


def _page(
    request: Request[Any, Any, Any], status: int, text: str | None,
    headers: Mapping[str, str] | None = None,
) -> Response[Any]:  # fmt: skip
    fragment = request.headers.get("hx-request") == "true"
    template = "layouts/error_fragment.html" if fragment else "layouts/error.html"
    response = render(
        request, template, status=status, heading=str(_title(status)), code=status,
        text=text or str(ADVICE.get(status, "")), reference=reference(request),
    )  # fmt: skip
    if fragment:
        response.headers |= {"HX-Retarget": "#flashes", "HX-Reswap": "innerHTML"}
    response.headers |= _passed_on(headers)
    return response


def _passed_on(headers: Mapping[str, str] | None) -> dict[str, str]:
    kept = {"allow", "retry-after", "www-authenticate", "location"}
    return {name: value for name, value in (headers or {}).items() if name.lower() in kept}


def _problem(
    request: Request[Any, Any, Any], status: int, code: str, detail: str,
    more: Mapping[str, Any], headers: Mapping[str, str] | None = None,
) -> Response[Any]:  # fmt: skip
    body = {
        "type": f"/problems/{code}", "title": str(_title(status)), "status": status, "code": code,
        "detail": detail, "instance": request.scope["path"], **more,
    }  # fmt: skip
    if reference(request):
        body["reference"] = reference(request)
    return Response(
        body, status_code=status, media_type="application/problem+json",
        headers={"Cache-Control": "no-store", **_passed_on(headers)},
    )  # fmt: skip


def _details(error: CessioError) -> dict[str, Any]:
    if isinstance(error, Problems):
        return {"errors": [_one(problem) for problem in error.problems]}
    return {"params": _jsonable(error.params)} | ({"field": error.field} if error.field else {})


def _one(problem: CessioError) -> dict[str, Any]:
    return {
        "code": problem.code, "field": problem.field, "detail": sentence(problem),
        "params": _jsonable(problem.params),
    }  # fmt: skip


def _jsonable(params: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value if isinstance(value, int | bool | None) else _money(value)
        for name, value in params.items()
    }


def _money(value: Any) -> Any:
    if isinstance(value, Money):
        return {"minor": value.minor, "currency": value.currency}
    return str(value)
