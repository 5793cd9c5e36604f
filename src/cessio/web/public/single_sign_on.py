"""Staff in by the provider that the deployment names: there, and back with its word.

What goes there with a browser (state, nonce, verifier) comes back in a sealed cookie of that same
browser: nobody finishes what another one began. Nothing is fetched inside a transaction.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from litestar import Response, get
from litestar.datastructures import Cookie
from litestar.response import Redirect

from cessio.agreeing import sign_in_by_provider
from cessio.identity import Role, SignedIn
from cessio.identity.operations import ProviderRefused, SecondStepNeeded, Vouched
from cessio.identity.rules import STAFF_ROLES
from cessio.kernel.errors import CessioError, NotFound
from cessio.plumbing.database import transaction
from cessio.plumbing.oidc import Going, OidcRefused, Provider, Said
from cessio.plumbing.settings import SettingError, Settings
from cessio.plumbing.vault import SealBroken, Vault
from cessio.web.forms import Form
from cessio.web.guards import public
from cessio.web.public import second_step, sign_in
from cessio.web.render import redirect
from cessio.web.requests import AnyRequest, At, Pool, Safe
from cessio.web.sessions import Access, client_address

log = structlog.get_logger()

START, BACK = "/sign-in/single", "/sign-in/single/back"
_ABOUT = "single sign-on"
_LASTS = timedelta(minutes=10)
OPEN: dict[str, Any] = {"guards": [public], "include_in_schema": False, "sync_to_thread": True}


@dataclass(frozen=True, slots=True)
class SingleSignOn:
    """The provider, and the roles of its groups in order."""

    provider: Provider
    roles: tuple[tuple[str, Role], ...]

    @classmethod
    def of(cls, settings: Settings) -> SingleSignOn | None:
        """That of an installation, if it has one. Raises ``SettingError`` for an unknown role."""
        if settings.oidc is None:
            return None
        known = {role.value: role for role in STAFF_ROLES}
        for _group, role in settings.oidc.roles:
            if role not in known:
                raise SettingError("role_unknown", "{role} is no role of the staff: {roles}",
                                   field="CESSIO_OIDC_ROLES", role=role,
                                   roles=", ".join(sorted(known)))  # fmt: skip
        roles = tuple((group, known[role]) for group, role in settings.oidc.roles)
        return cls(Provider(settings.oidc, back=f"{settings.public_url}{BACK}"), roles)


@get(START, **OPEN)
def leave(request: AnyRequest, engine: Pool, at: At, vault: Safe) -> Response[Any]:
    """On to the provider; here nothing is kept but the cookie."""
    going, target = Going.new(), request.query_params.get("next", "")[:2000]
    try:
        address = _ours(request).provider.address_for(going, at=at)
    except OidcRefused as error:
        return _refused(request, engine, error)
    answer = Redirect(address, status_code=303)
    answer.set_cookie(_cookie(request, _sealed(vault, going, target, at)))
    return answer


@get(BACK, **OPEN)
def come_back(request: AnyRequest, engine: Pool, at: At, vault: Safe) -> Response[Any]:
    """In, to our own second factor, or back to the door with a sentence."""
    try:
        going, target = _opened(request, vault, at)
        said = _ours(request).provider.said(going, _answer(request), at=at)
    except OidcRefused as error:
        return _refused(request, engine, error)
    done = _let_in(request, engine, said, at)
    if isinstance(done, ProviderRefused):
        return _refused(request, engine, done.error)
    if isinstance(done, SecondStepNeeded):
        answer: Response[Any] = sign_in.second_step(request, done, target)
    else:
        answer = second_step.inside(request, redirect(second_step.onward(target)), done)
    answer.set_cookie(replace(_cookie(request, ""), max_age=0))
    return answer


def _let_in(
    request: AnyRequest, engine: Pool, said: Said, at: datetime
) -> SignedIn | SecondStepNeeded | ProviderRefused:
    vouched = Vouched(said.issuer, said.subject, said.email, said.groups, said.is_strong)
    with transaction(engine) as session:
        return sign_in_by_provider(
            session, said=vouched, roles=_ours(request).roles, address=client_address(request),
            user_agent=request.headers.get("user-agent"), at=at,
            previous_token=request.app.plugins.get(Access).token_of(request),
        )  # fmt: skip


def _ours(request: AnyRequest) -> SingleSignOn:
    ours = request.app.state.single_sign_on
    if not isinstance(ours, SingleSignOn):
        raise NotFound("sso_none", "There is no single sign-on here")
    return ours


def _answer(request: AnyRequest) -> Mapping[str, str]:
    items = list(request.query_params.multi_items())
    answer = dict(items)
    if len(answer) != len(items):
        raise OidcRefused("sso_refused", "What your provider answered cannot be trusted: begin "
                          "again from this page", what="repeated")  # fmt: skip
    return answer


def _sealed(vault: Vault, going: Going, target: str, at: datetime) -> str:
    plain = json.dumps({**asdict(going), "target": target, "at": at.timestamp()})
    return urlsafe_b64encode(vault.seal(plain.encode(), _ABOUT)).decode()


def _opened(request: AnyRequest, vault: Vault, at: datetime) -> tuple[Going, str]:
    sealed = request.cookies.get(_cookie(request, "").key, "")
    try:
        kept = json.loads(vault.open(urlsafe_b64decode(sealed.encode()), _ABOUT))
    except (ValueError, SealBroken):
        kept = None
    if kept is None or kept["at"] + _LASTS.total_seconds() <= at.timestamp():
        raise OidcRefused("sso_late", "This sign-in was not begun in this browser, or too long "
                          "ago: begin again from this page")  # fmt: skip
    return Going(kept["state"], kept["nonce"], kept["verifier"]), kept["target"]


def _cookie(request: AnyRequest, value: str) -> Cookie:
    access = request.app.plugins.get(Access)
    return replace(access.cookie(value), key=f"{access.cookie_name}-sso", max_age=600)


def _refused(request: AnyRequest, engine: Pool, error: CessioError) -> Response[Any]:
    log.warning("sign_in_by_provider_refused", code=error.code, what=error.params.get("what"))
    form = Form()
    form.refuse(error)
    with transaction(engine) as session:
        answer = sign_in.page(request, session, form, status=422)
    answer.set_cookie(replace(_cookie(request, ""), max_age=0))
    return answer


HANDLERS = [leave, come_back]
