"""One's own passkeys, and the proof by one of them; the door's share is ``public/by_passkey``.

A browser with JavaScript asks for the options (``…/begin``, JSON) and sends the form with its
answer; without, there are the code and the password.
"""

from __future__ import annotations

from typing import Any

from litestar import Response, post
from litestar.enums import MediaType
from litestar.response import Redirect

from cessio.access.operations import keep_passkey, take_passkey_away
from cessio.identity.operations import (
    PasskeyRefused,
    ask_passkey,
    begin_passkey,
    check_passkey,
    note_proof,
)
from cessio.identity.rules.passkeys import ANSWER_MAX, Purpose, RelyingParty, relying_party
from cessio.kernel.errors import CessioError, Conflict, Forbidden
from cessio.web import second_factor as pages
from cessio.web.forms import Form, text
from cessio.web.guards import anyone_signed_in, proven
from cessio.web.preferences import local_path
from cessio.web.render import N_, redirect
from cessio.web.requests import AnyRequest, At, Db, Id, Sent, Who
from cessio.web.sessions import Access

HOME = "/account/passkeys"
PROOF = "/account/proof/passkey"
OPEN: dict[str, Any] = {
    "guards": [anyone_signed_in], "include_in_schema": False, "sync_to_thread": True,
}  # fmt: skip
PROVEN: dict[str, Any] = {**OPEN, "guards": [anyone_signed_in, proven]}


def party_of(request: AnyRequest) -> RelyingParty:
    """For whom passkeys are made here. Raises ``Conflict`` where browsers make none."""
    party = relying_party(request.app.state.settings.public_url)
    if party is None:
        raise Conflict("passkeys_impossible", "Browsers make passkeys for a site with a name, over "
                       "https: this one is reached by an address without")  # fmt: skip
    return party


def options(asked: str) -> Response[str]:
    """What the browser is to do, as it is written for it."""
    return Response(asked, media_type=MediaType.JSON, headers={"Cache-Control": "no-store"})


@post(f"{HOME}/begin", **PROVEN)
def begin(request: AnyRequest, session: Db, signed: Who, at: At) -> Response[Any]:
    """What a passkey is made by; asked for with a fresh proof."""
    return options(
        begin_passkey(session, person_id=signed.person_id, holder=_holder(request),
                      party=party_of(request), at=at)
    )  # fmt: skip


@post(HOME, **PROVEN)
def add(request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent) -> Response[Any]:
    """Keep it, under the name that its person gives it."""
    form = Form(submitted)
    name, answer = form.need("name", text(60)), form.need("answer", text(ANSWER_MAX))
    if form.valid():
        try:
            refused = keep_passkey(
                session, person_id=signed.person_id, holder=_holder(request), name=name,
                answer=answer, party=party_of(request), keep_session_id=signed.session_id, at=at,
            )  # fmt: skip
            if refused is None:
                return redirect(
                    pages.HOME, N_("Passkey added; your other browsers are signed out.")
                )
            form.refuse(refused.error)
        except CessioError as error:
            form.refuse(error)
    return pages.show(request, session, signed, passkey=form, status=422)


@post(f"{HOME}/{{passkey_id:int}}/end", **PROVEN)
def take_away(
    request: AnyRequest, session: Db, signed: Who, at: At, passkey_id: Id
) -> Response[Any]:
    """One that is lost or no longer used; the last of who must have one stays."""
    try:
        with session.begin_nested():
            take_passkey_away(session, passkey_id=passkey_id, person_id=signed.person_id,
                              keep_session_id=signed.session_id, at=at)  # fmt: skip
    except Forbidden as error:
        return _told(request, session, signed, error)
    return redirect(
        pages.HOME, N_("Passkey removed: it opens nothing; your other browsers are signed out.")
    )


@post(f"{PROOF}/begin", **OPEN)
def begin_proof(request: AnyRequest, session: Db, signed: Who, at: At) -> Response[Any]:
    """What a passkey of one's own is to prove before a sensitive act."""
    return options(
        ask_passkey(session, purpose=Purpose.PROOF, holder=_holder(request),
                    person_id=signed.person_id, party=party_of(request), at=at)
    )  # fmt: skip


@post(PROOF, **OPEN)
def give_proof(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent
) -> Response[Any] | Redirect:
    """Right: note it, and go where one was going."""
    form = Form(submitted)
    answer, target = form.need("answer", text(ANSWER_MAX)), form.maybe("next", text(2000)) or "/"
    if form.valid():
        done = check_passkey(
            session, purpose=Purpose.PROOF, holder=_holder(request), answer=answer,
            person_id=signed.person_id, party=party_of(request), at=at,
        )  # fmt: skip
        if not isinstance(done, PasskeyRefused) and signed.session_id is not None:
            note_proof(session, session_id=signed.session_id, at=at)
            return Redirect(local_path(target), status_code=303)
        form.refuse(PasskeyRefused().error)
    return pages.ask(request, session, signed, form, status=422)


def _told(request: AnyRequest, session: Db, signed: Who, error: CessioError) -> Response[Any]:
    form = Form()
    form.refuse(error)
    return pages.show(request, session, signed, passkey=form, status=422)


def _holder(request: AnyRequest) -> str:
    return request.app.plugins.get(Access).token_of(request) or ""


HANDLERS = [begin, add, take_away, begin_proof, give_proof]
