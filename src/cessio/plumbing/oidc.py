"""Single sign-on by OpenID Connect: what one provider says of somebody who signed in there.

Authorization code with PKCE. The provider's description and keys are fetched over its own address
with a time limit, never inside a transaction, and kept for ten minutes. An ``id_token`` is
believed for its signature, issuer, audience, nonce and hour; the algorithms are ours to choose,
never the token's.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from cessio.kernel.errors import CessioError
from cessio.plumbing.settings import Oidc

ALGORITHMS = ("RS256", "PS256", "ES256")
SECONDS = 5.0
KEPT = timedelta(minutes=10)
#: How far clocks may differ.
DRIFT = 60
_ANSWER_MAX = 1_000_000


class OidcRefused(CessioError):
    """What came back from the provider is not to be believed, or nothing came."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the provider says of somebody; ``is_strong``: that a second factor was proved there."""

    issuer: str
    subject: str
    email: str | None
    groups: tuple[str, ...]
    is_strong: bool


@dataclass(frozen=True, slots=True)
class Going:
    """What a browser takes with it to the provider and must bring back."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> Going:
        """Three secrets, made now."""
        return cls(*(secrets.token_urlsafe(48) for _ in range(3)))


class Provider:
    """One provider, and our client there. Its methods raise ``OidcRefused``."""

    def __init__(self, settings: Oidc, *, back: str) -> None:
        self.settings, self.back = settings, back
        self._lock = Lock()
        self._known: tuple[datetime, dict[str, Any]] | None = None
        self._keys: tuple[datetime, Any] | None = None

    def address_for(self, going: Going, *, at: datetime) -> str:
        """Where the browser goes to sign in."""
        with self._client() as client:
            address, _ = client.create_authorization_url(
                self._endpoint("authorization_endpoint", at), state=going.state,
                nonce=going.nonce, code_verifier=going.verifier,
            )  # fmt: skip
        return str(address)

    def said(self, going: Going, answer: Mapping[str, str], *, at: datetime) -> Said:
        """What the provider says of whoever came back with this answer."""
        if not secrets.compare_digest(answer.get("state", "").encode(), going.state.encode()):
            raise _refused("state")
        self._check_sender(answer, at)
        if "error" in answer or not answer.get("code"):
            raise OidcRefused("sso_declined", "Your provider did not sign you in: try again")
        token = self._exchanged(answer["code"], going, at)
        return self._believed(self._claims(token, at), going, at)

    def _check_sender(self, answer: Mapping[str, str], at: datetime) -> None:
        """Whether this answer is of our provider and no other one (RFC 9207)."""
        says = self._metadata(at).get("authorization_response_iss_parameter_supported") is True
        if (says or "iss" in answer) and answer.get("iss") != self.settings.issuer:
            raise _refused("sender")

    def _exchanged(self, code: str, going: Going, at: datetime) -> str:
        from authlib.common.errors import AuthlibBaseError
        from httpx2 import HTTPError

        endpoint = self._endpoint("token_endpoint", at)
        try:
            with self._client() as client:
                given = client.fetch_token(
                    endpoint, grant_type="authorization_code", code=code,
                    code_verifier=going.verifier,
                )  # fmt: skip
        except HTTPError as error:
            raise _silent() from error
        except (AuthlibBaseError, ValueError) as error:
            raise _refused("code") from error
        token = given.get("id_token") if isinstance(given, dict) else None
        if not isinstance(token, str) or len(token) > _ANSWER_MAX:
            raise _refused("token")
        return token

    def _claims(self, token: str, at: datetime) -> dict[str, Any]:
        """The claims under a signature of the provider's."""
        from joserfc import jwt
        from joserfc.errors import InvalidKeyIdError, JoseError

        try:
            try:
                return jwt.decode(token, self._key_set(at), algorithms=ALGORITHMS).claims
            except InvalidKeyIdError:
                self._keys = None
                return jwt.decode(token, self._key_set(at), algorithms=ALGORITHMS).claims
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise _refused("signature") from error

    def _believed(self, claims: dict[str, Any], going: Going, at: datetime) -> Said:
        own, now = self.settings.client_id, at.timestamp()
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        subject, nonce = claims.get("sub"), claims.get("nonce")
        right = {
            "issuer": claims.get("iss") == self.settings.issuer,
            "audience": own in audiences
            and (len(audiences) == 1 or "azp" in claims)
            and claims.get("azp", own) == own,
            "hour": _is_number(claims.get("exp")) and claims["exp"] + DRIFT > now
            and _is_number(claims.get("iat")) and claims["iat"] - DRIFT < now,
            "nonce": isinstance(nonce, str)
            and secrets.compare_digest(nonce.encode(), going.nonce.encode()),
            "subject": isinstance(subject, str) and 0 < len(subject) <= 255,
        }  # fmt: skip
        for what, holds in right.items():
            if not holds:
                raise _refused(what)
        email = claims.get("email")
        is_proved = claims.get("email_verified") is True and isinstance(email, str)
        return Said(
            issuer=self.settings.issuer, subject=str(subject), email=email if is_proved else None,
            groups=_texts(claims.get(self.settings.groups_claim)),
            is_strong=bool({*_texts(claims.get("amr")), *_texts(claims.get("acr"))}
                           & set(self.settings.second_factor)),
        )  # fmt: skip

    def _client(self) -> Any:
        from authlib.integrations.httpx_client import OAuth2Client

        return OAuth2Client(
            client_id=self.settings.client_id, client_secret=self.settings.client_secret,
            scope="openid email profile", redirect_uri=self.back, code_challenge_method="S256",
            timeout=SECONDS, follow_redirects=False,
        )  # fmt: skip

    def _endpoint(self, name: str, at: datetime) -> str:
        address = self._metadata(at).get(name)
        if not isinstance(address, str) or not is_safe(address):
            raise _refused("description")
        return address

    def _metadata(self, at: datetime) -> dict[str, Any]:
        """The provider's description of itself, which must name itself as we do."""
        with self._lock:
            if self._known is None or self._known[0] + KEPT <= at:
                where = f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration"
                read = _fetched(where)
                if read.get("issuer") != self.settings.issuer:
                    raise _refused("description")
                self._known = at, read
            return self._known[1]

    def _key_set(self, at: datetime) -> Any:
        from joserfc.jwk import KeySet

        address = self._endpoint("jwks_uri", at)
        with self._lock:
            if self._keys is None or self._keys[0] + KEPT <= at:
                self._keys = at, KeySet.import_key_set(_fetched(address))  # type: ignore[arg-type]
            return self._keys[1]


def is_safe(address: str) -> bool:
    """Whether what is said there can be read by nobody else: TLS, or this machine."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (
        parts.scheme == "http" and parts.hostname in {"localhost", "127.0.0.1", "::1"}
    )


def _fetched(address: str) -> dict[str, Any]:
    import httpx2

    try:
        answer = httpx2.get(address, timeout=SECONDS, follow_redirects=False)
        read = answer.json() if answer.status_code == 200 else None
    except (httpx2.HTTPError, ValueError) as error:
        raise _silent() from error
    if not isinstance(read, dict) or len(answer.content) > _ANSWER_MAX:
        raise _silent()
    return read


def _texts(value: Any) -> tuple[str, ...]:
    given = value if isinstance(value, list) else [value]
    return tuple(one for one in given if isinstance(one, str))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _refused(what: str) -> OidcRefused:
    """One sentence for people; ``what`` is for the log."""
    return OidcRefused("sso_refused", "What your provider answered cannot be trusted: begin again "
                       "from this page", what=what)  # fmt: skip


def _silent() -> OidcRefused:
    return OidcRefused("sso_silent", "Your provider does not answer: try again, or sign in with "
                       "your password")  # fmt: skip
