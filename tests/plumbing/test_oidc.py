"""What a provider's token must say to be believed; a provider that lies in each way in turn."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from cessio.kernel.errors import Problems
from cessio.plumbing.oidc import Going, OidcRefused, Provider
from cessio.plumbing.settings import Oidc, Settings

KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
OTHER = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
BACK = "https://cessio.example/sign-in/single/back"
NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


class Liar:
    """A provider whose every answer a test chooses."""

    def __init__(self) -> None:
        liar = self

        class Handler(BaseHTTPRequestHandler):
            def _say(self) -> None:
                liar.paths.append(self.path)
                leads = self.path in liar.leading
                body = b"" if leads else json.dumps(liar.answers[self.path]).encode()
                self.send_response(liar.leading.get(self.path, 200))
                if leads:
                    self.send_header("Location", f"{liar.issuer}/elsewhere")
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self) -> None:
                self._say()

            def do_POST(self) -> None:
                sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
                liar.asked = (sent, self.headers.get("Authorization", ""))
                self._say()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        self.asked = ("", "")
        self.paths: list[str] = []
        #: With what status an address says to go elsewhere.
        self.leading: dict[str, int] = {}
        self.answers: dict[str, Any] = {
            "/.well-known/openid-configuration": {
                "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/auth",
                "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/jwks",
            },
            "/jwks": {"keys": [KEY.as_dict(private=False)]},
        }  # fmt: skip
        Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def liar() -> Iterator[Liar]:
    made = Liar()
    yield made
    made.server.shutdown()
    made.server.server_close()


def _provider(liar: Liar) -> Provider:
    settings = Oidc(liar.issuer, "cessio", "a secret", (("g", "admin"),), "x",
                    second_factor=("mfa",))  # fmt: skip
    return Provider(settings, back=BACK)


def _claims(liar: Liar, going: Going, **changes: Any) -> dict[str, Any]:
    now = int(NOW.timestamp())
    own = {"iss": liar.issuer, "aud": "cessio", "sub": "s", "nonce": going.nonce, "iat": now,
           "exp": now + 300, "email": "a@b.example", "email_verified": True, "groups": ["g"],
           "amr": ["pwd", "mfa"]}  # fmt: skip
    return {name: value for name, value in (own | changes).items() if value is not None}


def _signed(claims: dict[str, Any], key: Any = KEY, alg: str = "RS256", **header: Any) -> str:
    return jwt.encode({"alg": alg, "kid": "one", **header}, claims, key, algorithms=[alg])


def _said(liar: Liar, going: Going, token: str, **answer: str) -> Any:
    liar.answers["/token"] = {"access_token": "x", "token_type": "Bearer", "id_token": token}
    sent = {"code": "c", "state": going.state} | answer
    return _provider(liar).said(going, sent, at=NOW)


def test_a_true_token_is_believed_and_the_code_is_bound_by_pkce(liar: Liar) -> None:
    going = Going.new()
    said = _said(liar, going, _signed(_claims(liar, going)))
    assert (said.subject, said.email, said.groups, said.is_strong) == (
        "s", "a@b.example", ("g",), True
    )  # fmt: skip
    sent, authorization = liar.asked
    assert f"code_verifier={going.verifier}" in sent
    assert authorization.startswith("Basic ")
    address = _provider(liar).address_for(going, at=NOW)
    assert "code_challenge_method=S256" in address
    assert going.verifier not in address
    assert f"nonce={going.nonce}" in address


@pytest.mark.parametrize(
    "lie",
    [
        {"iss": "https://evil.example"}, {"aud": "another"}, {"aud": ["cessio", "another"]},
        {"aud": ["cessio", "another"], "azp": "another"}, {"azp": "another"}, {"aud": None},
        {"exp": int(NOW.timestamp()) - 61}, {"exp": None}, {"exp": "later"}, {"exp": True},
        {"iat": int(NOW.timestamp()) + 3600}, {"iat": None}, {"nonce": "another"}, {"nonce": None},
        {"nonce": 1}, {"sub": None}, {"sub": ""}, {"sub": 12},
    ],
)  # fmt: skip
def test_a_claim_that_is_not_ours_is_refused(liar: Liar, lie: dict[str, Any]) -> None:
    going = Going.new()
    with pytest.raises(OidcRefused):
        _said(liar, going, _signed(_claims(liar, going, **lie)))


def test_a_signature_of_nobody_or_by_a_shared_word_is_refused(liar: Liar) -> None:
    going = Going.new()
    claims = _claims(liar, going)
    public = KEY.as_pem(private=False)
    part = lambda value: base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")  # noqa: E731
    for token in (
        _signed(claims, OTHER),
        f"{part({'alg': 'none'})}.{part(claims)}.",
        _signed(claims, OctKey.import_key("a secret that is thirty-two bytes"), "HS256"),
        _signed(claims, OctKey.import_key(base64.b64encode(public)), "HS256"),
        _signed(claims, kid="two"),
        _signed(claims)[:-4] + "AAAA",
        "x.y.z",
        "",
    ):
        with pytest.raises(OidcRefused):
            _said(liar, going, token)


def test_an_address_not_proved_is_none_and_a_single_factor_is_not_strong(liar: Liar) -> None:
    for changes in ({"email_verified": False}, {"email_verified": "true"}, {"email": 1}):
        going = Going.new()
        assert _said(liar, going, _signed(_claims(liar, going, **changes))).email is None
    going = Going.new()
    said = _said(liar, going, _signed(_claims(liar, going, amr=["pwd"], groups="g")))
    assert (said.is_strong, said.groups) == (False, ("g",))


def test_another_state_and_another_sender_are_refused(liar: Liar) -> None:
    going = Going.new()
    token = _signed(_claims(liar, going))
    for answer in ({"state": "x"}, {"state": ""}, {"iss": "https://evil.example"}, {"code": ""},
                   {"error": "access_denied"}):  # fmt: skip
        with pytest.raises(OidcRefused):
            _said(liar, going, token, **answer)
    described = liar.answers["/.well-known/openid-configuration"]
    described["authorization_response_iss_parameter_supported"] = True
    with pytest.raises(OidcRefused):
        _said(liar, going, token)
    assert _said(liar, going, token, iss=liar.issuer).subject == "s"


def test_a_description_of_somebody_else_or_in_the_clear_is_refused(liar: Liar) -> None:
    described = liar.answers["/.well-known/openid-configuration"]
    for lie in ({"issuer": "https://evil.example"}, {"token_endpoint": "http://evil.example/t"},
                {"jwks_uri": "file:///etc/passwd"}, {"jwks_uri": None}):  # fmt: skip
        liar.answers["/.well-known/openid-configuration"] = described | lie
        going = Going.new()
        with pytest.raises(OidcRefused):
            _said(liar, going, _signed(_claims(liar, going)))


def test_a_new_key_of_the_provider_is_fetched(liar: Liar) -> None:
    provider, going = _provider(liar), Going.new()
    fresh = RSAKey.generate_key(2048, {"kid": "two", "use": "sig", "alg": "RS256"})
    for key, kid in ((KEY, "one"), (fresh, "two")):
        liar.answers["/jwks"] = {"keys": [key.as_dict(private=False)]}
        token = _signed(_claims(liar, going), key, kid=kid)
        liar.answers["/token"] = {"access_token": "x", "token_type": "Bearer", "id_token": token}
        said = provider.said(going, {"code": "c", "state": going.state}, at=NOW)
        assert said.subject == "s"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/jwks", "/token"])
def test_a_provider_leads_us_nowhere(liar: Liar, path: str, status: int) -> None:
    liar.leading[path] = status
    going = Going.new()
    token = _signed(_claims(liar, going))
    liar.answers["/elsewhere"] = liar.answers.get(path, {"id_token": token})
    with pytest.raises(OidcRefused):
        _said(liar, going, token)
    assert path in liar.paths
    assert "/elsewhere" not in liar.paths


WHOLE = {
    "CESSIO_OIDC_ISSUER": "https://login.example", "CESSIO_OIDC_CLIENT_ID": "cessio",
    "CESSIO_OIDC_CLIENT_SECRET": "s", "CESSIO_OIDC_ROLES": "a=admin, b = cash_clerk",
}  # fmt: skip


def test_settings_are_whole_or_refused() -> None:
    oidc = Settings.load(WHOLE).oidc
    assert oidc is not None
    assert oidc.roles == (("a", "admin"), ("b", "cash_clerk"))
    assert oidc.name == "login.example"
    assert "client_secret" not in repr(oidc)
    for name in WHOLE:
        with pytest.raises(Problems):
            Settings.load({key: value for key, value in WHOLE.items() if key != name})
    for bent in ({"CESSIO_OIDC_ISSUER": "http://login.example"}, {"CESSIO_OIDC_ROLES": "a"}):
        with pytest.raises(Problems):
            Settings.load(WHOLE | bent)
