"""What every API handler shares: strict JSON in, exact JSON out, once per idempotency key.

Amounts travel as whole minor units (``amount_minor``), dates as ISO, rates as decimal strings. A
POST needs an ``Idempotency-Key``: the same key with the same body gives the same answer for ever,
with another body 409. Unknown or repeated fields are refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Response
from litestar.di import NamedDependency, Provide
from sqlalchemy.orm import Session

from cessio import identity
from cessio.contracts import queries as contracts
from cessio.contracts.queries import ContractView
from cessio.identity import Audience, Permission, Signed
from cessio.identity.operations import Answer
from cessio.kernel.errors import Forbidden, Invalid, NotFound, Problems
from cessio.kernel.paging import PageRequest, page_request
from cessio.plumbing.i18n import LANGUAGES
from cessio.web.forms import Form, Submitted, Upload
from cessio.web.requests import AnyRequest

KEY_HEADER = "idempotency-key"
#: What every list that goes on over several pages is asked with.
PAGE = ("limit", "after", "before")
#: Of a file: the whole body may be this long.
MOST_BYTES = 40_000_000


#: An amount in minor units: far more than any, and still exact wherever JSON is read.
Minor = Annotated[int, msgspec.Meta(ge=-(10**15), le=10**15)]
#: The number of a row.
Key = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]
#: A sentence somebody wrote.
Words = Annotated[str, msgspec.Meta(max_length=500)]


class Input(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Base of what a request may hold; a field that is not named here is refused."""


async def provide_raw(request: AnyRequest) -> bytes:
    """The body as it came; the guard of the route checked it."""
    return await request.body()


Raw = NamedDependency[bytes]
RAW = {"raw": Provide(provide_raw)}


def once(
    request: AnyRequest, session: Session, signed: Signed, at: datetime, raw: bytes,
    act: Callable[[], Any], *, status: int = 201,
) -> Response[bytes]:  # fmt: skip
    """Run an act once per caller, route and key; repetitions get the first answer again."""
    key = request.headers.get(KEY_HEADER)
    if not key:
        raise Invalid(
            "idempotency_key_missing", "send an Idempotency-Key header with every POST",
            field=KEY_HEADER,
        )  # fmt: skip
    path = f"{request.method} {request.scope['path']}"
    answer = identity.idempotent(
        session, actor=f"person:{signed.person_id}", route=path, key=key,
        input_hash=hashlib.sha256(raw).digest(), at=at,
        act=lambda: Answer(status, msgspec.json.encode(act(), enc_hook=_written)),
    )  # fmt: skip
    headers = {"Idempotency-Replayed": "true"} if answer.replayed else {}
    return Response(
        answer.body, status_code=answer.status, media_type=answer.media_type, headers=headers
    )


def give(value: Any, *, status: int = 200) -> Response[bytes]:
    """A view as JSON."""
    body = msgspec.json.encode(value, enc_hook=_written)
    return Response(body, status_code=status, media_type="application/json")


def only_file(submitted: Submitted) -> Upload:
    """The file in the field ``file``, and nothing beside it. Raises ``Invalid``, ``Problems``."""
    if len(submitted.uploads.get("file", ())) != 1:
        raise Invalid("file_missing", "send one file in the field file", field="file")
    form = Form(submitted)
    file = form.upload("file", max_bytes=MOST_BYTES)
    if file is None or not form.valid():
        raise Problems(form.faults)
    return file


def scope_of(signed: Signed) -> int | None:
    """The client whose rows a token may see; None for the factor's own people."""
    return signed.client_id if signed.audience is Audience.CLIENT else None


def known_language(code: str) -> str:
    """A language we write in. Raises ``Invalid``."""
    if code not in LANGUAGES:
        raise Invalid("language_unknown", "this language is not known", field="language")
    return code


def staff_only(signed: Signed) -> None:
    """Raise ``Forbidden`` for a client's token."""
    if signed.audience is not Audience.STAFF:
        raise Forbidden("not_permitted", "Your role does not include this")


def permitted(signed: Signed, *any_of: Permission) -> None:
    """Raise ``Forbidden`` unless the token's person holds one of the permissions."""
    if not any(signed.may(permission) for permission in any_of):
        raise Forbidden("not_permitted", "Your role does not include this")


def asked_id(request: AnyRequest, name: str) -> int | None:
    """A row's number in the address, such as ``before``. Raises ``Invalid``."""
    value = request.query_params.get(name)
    if value is None or value == "":
        return None
    if not (value.isascii() and value.isdecimal() and len(value) < 19):
        raise Invalid("number_unreadable", "{name} is a whole number", field=name, name=name)
    return int(value)


def own_contract(session: Session, signed: Signed, contract_id: int) -> ContractView:
    """A contract the caller may see. Raises ``NotFound``, also for another client's."""
    contract = contracts.contract(session, contract_id)
    if scope_of(signed) not in (None, contract.client_id):
        raise NotFound("contract_unknown", "there is no contract {id}", id=contract_id)
    return contract


def page_asked(request: AnyRequest) -> PageRequest:
    """``limit``, ``after`` and ``before`` of the address."""
    asked = request.query_params
    return page_request(
        limit=asked_id(request, "limit"), after=asked.get("after"), before=asked.get("before")
    )


def _written(value: Any) -> Any:
    """Types of ours that JSON has no word for."""
    if isinstance(value, frozenset):
        return sorted(value)
    raise NotImplementedError(type(value).__name__)


def digest(seen: str) -> bytes:
    """The hash of what a second person read. Raises ``Invalid``."""
    try:
        return bytes.fromhex(seen)
    except ValueError:
        raise Invalid("form_outdated", "This form is out of date, please load it again",
                      field="seen") from None  # fmt: skip
