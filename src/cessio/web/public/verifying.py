"""Is this statement genuine? For whoever holds one with its verification code."""

from __future__ import annotations

import re
from typing import Any

from litestar import Response, get
from litestar.params import FromPath
from litestar.response import Redirect

from cessio.statements import queries as statements
from cessio.web.forms import Form
from cessio.web.guards import public
from cessio.web.render import render
from cessio.web.requests import AnyRequest, Db

TEMPLATE = "public/verifying/show_verification.html"
_CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}")


@get("/verify", guards=[public], include_in_schema=False, sync_to_thread=True)
def ask_code(request: AnyRequest) -> Response[Any]:
    """The form for a code typed from paper."""
    typed = request.query_params.get("code", "")
    code = _written(typed)
    if code is not None:
        return Redirect(f"/verify/{code}", status_code=303)
    return render(request, TEMPLATE, form=Form(code=typed[:40]), code=None, found=None,
                  unreadable=bool(typed.strip()))  # fmt: skip


@get("/verify/{code:str}", guards=[public], include_in_schema=False, sync_to_thread=True)
def show_verification(request: AnyRequest, session: Db, code: FromPath[str]) -> Response[Any]:
    """What was issued under the code: the figures to compare with the paper, and no more."""
    written = _written(code)
    found = statements.issued(session, code=written) if written is not None else None
    return render(
        request, TEMPLATE, status=200 if found else 404, form=Form(code=written or ""),
        code=written, found=found, unreadable=written is None,
    )  # fmt: skip


def _written(typed: str) -> str | None:
    """The code in its own spelling, however it was typed: spaces, small letters, no hyphens."""
    plain = re.sub(r"[^0-9A-Z]", "", typed.upper())[:13]
    code = "-".join(plain[i : i + 4] for i in (0, 4, 8))
    return code if len(plain) == 12 and _CODE.fullmatch(code) else None


HANDLERS = [ask_code, show_verification]
