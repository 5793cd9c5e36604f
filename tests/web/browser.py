"""A browser or a machine in front of an application, for tests of routes.

``browser(app, access, signed)`` is a client whose requests carry the session's cookie, its form
token and what real browsers say of themselves; ``machine(app, secret)`` carries an API key.
"""

from __future__ import annotations

from typing import Any

from litestar import Litestar
from litestar.testing import TestClient

from cessio.identity import SignedIn
from cessio.web.sessions import Access

#: What a browser says of a form of the same site.
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}


def browser(app: Litestar, access: Access, signed: SignedIn | None = None) -> TestClient[Litestar]:
    """A browser that follows no redirect by itself; signed in if ``signed`` says as whom."""
    client = TestClient(app, raise_server_exceptions=True)
    client.follow_redirects = False
    client.headers.update(SAME_ORIGIN)
    if signed is not None:
        client.cookies.set(access.cookie_name, signed.token)
        client.headers["X-CSRF-Token"] = signed.csrf
    return client


def machine(app: Litestar, secret: str, **headers: Any) -> TestClient[Litestar]:
    """A machine with an API key."""
    client = TestClient(app)
    client.headers.update({"Authorization": f"Bearer {secret}", "Accept": "application/json"})
    client.headers.update(headers)
    return client
