"""The token endpoint of OAuth 2.0 for programs: ``client_credentials`` and nothing else.

Answers are those of RFC 6749 §5: JSON, kept by nobody, with its names of errors.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from litestar import Response, post

from cessio.identity.operations import GrantRefused, grant_token
from cessio.web.bodies import ANY_FIELDS
from cessio.web.forms import Submitted
from cessio.web.guards import public
from cessio.web.guesses import Guesses
from cessio.web.requests import AnyRequest, At, Db, Sent
from cessio.web.sessions import TOKEN_PATH

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
SAID = {
    "invalid_request": "Send grant_type=client_credentials once, as a form, with the client id and "
    "secret either as HTTP Basic or in the form",
    "unsupported_grant_type": "The only grant here is client_credentials",
    "invalid_client": "No program has this client id and secret, or no longer",
    "invalid_scope": "The program was not given this scope, or its person lost it",
}
guesses = Guesses("oauth")


@dataclass(frozen=True, slots=True)
class _Client:
    key: str
    secret: str


@post(TOKEN_PATH, guards=[public], include_in_schema=False, sync_to_thread=True,
      opt={ANY_FIELDS: True})  # fmt: skip
def give_token(request: AnyRequest, session: Db, at: At, submitted: Sent) -> Response[Any]:
    """A token of an hour for a client id and secret; fields unknown are ignored (RFC 6749 §3.2)."""
    fields = _read(request, submitted)
    client = None if fields is None else _client(request, fields)
    if fields is None or client is None or not fields.get("grant_type"):
        return _refused(request, "invalid_request")
    if fields["grant_type"] != "client_credentials":
        return _refused(request, "unsupported_grant_type")
    if guesses.spent(request, session, at):
        return _refused(request, "invalid_client")
    asked = fields.get("scope")
    done = grant_token(
        session, client_key=client.key, secret=client.secret, at=at,
        scopes=None if asked is None else asked.split(" "),
    )  # fmt: skip
    if isinstance(done, GrantRefused):
        if done.error == "invalid_client":
            guesses.wrong(request, session, at)
        return _refused(request, done.error)
    return Response(
        {"access_token": done.secret, "token_type": "Bearer", "expires_in": done.seconds,
         "scope": " ".join(done.scopes)},
        status_code=200, headers=NO_STORE,
    )  # fmt: skip


def _read(request: AnyRequest, submitted: Submitted) -> dict[str, str] | None:
    """The fields of a form, each once; ``None`` for anything else (RFC 6749 §3.2)."""
    is_form = request.content_type[0] == "application/x-www-form-urlencoded"
    if not is_form or submitted.uploads or request.scope["query_string"]:
        return None
    if any(len(values) != 1 for values in submitted.fields.values()):
        return None
    return {name: values[0] for name, values in submitted.fields.items()}


def _client(request: AnyRequest, fields: dict[str, str]) -> _Client | None:
    """By one of the two ways, never by both."""
    header = request.headers.get("authorization")
    if header is None:
        key, secret = fields.get("client_id"), fields.get("client_secret")
        return _Client(key, secret) if key and secret else None
    found = re.fullmatch(r"basic +([A-Za-z0-9+/=]+)", header, re.I)
    if found is None or "client_secret" in fields:
        return None
    try:
        key, colon, secret = b64decode(found[1], validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    if not colon or fields.get("client_id", unquote_plus(key)) != unquote_plus(key):
        return None
    return _Client(unquote_plus(key).replace("\0", ""), unquote_plus(secret))


def _refused(request: AnyRequest, error: str) -> Response[Any]:
    is_stranger = error == "invalid_client"
    more = {"WWW-Authenticate": 'Basic realm="Cessio"'} if is_stranger else {}
    return Response(
        {"error": error, "error_description": SAID[error]},
        status_code=401 if is_stranger else 400, headers={**NO_STORE, **more},
    )  # fmt: skip


HANDLERS = [give_token]
