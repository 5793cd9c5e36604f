"""From the right password to a session, for who owes a code or must set up a second factor."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from cessio.identity.models import Person, SecondStep
from cessio.identity.operations.passkeys import (
    PasskeyRefused,
    add_passkey,
    begin_passkey,
    check_passkey,
)
from cessio.identity.operations.second_factor import CodeRefused, check_code, set_up_factor
from cessio.identity.operations.sessions import (
    SignedIn,
    SignInRefused,
    haste,
    let_in,
    network_of,
    refused_now,
    sign_out,
    token_hash,
)
from cessio.identity.queries import person
from cessio.identity.queries.second_factor import Step, live_step
from cessio.identity.rules.passkeys import Purpose, RelyingParty
from cessio.kernel.errors import Conflict, NotFound
from cessio.plumbing.vault import Vault


def finish_sign_in(
    session: Session, *, token: str, code: str, vault: Vault, address: str,
    user_agent: str | None, at: datetime,
) -> SignedIn | CodeRefused:  # fmt: skip
    """A session for who gives a right code, under a fresh token.

    Wrong codes count as failed sign-ins, and are held to the pace of wrong passwords besides their
    own. Raises ``NotFound`` when the step is none or over.
    """
    step, network = _live(session, token, at), network_of(address)
    wait = haste(session, step.email, network, at=at)
    if wait is not None:
        return CodeRefused(wait)
    refused = check_code(session, person_id=step.person_id, code=code, vault=vault, at=at)
    if refused is None:
        return _done(session, step, token, address, user_agent, at)
    slowed: SignInRefused = refused_now(session, step.email, address, network, at=at)
    waits = [one for one in (refused.retry_at, slowed.retry_at) if one is not None]
    return CodeRefused(max(waits, default=None))


def finish_by_passkey(
    session: Session, *, token: str, answer: str, party: RelyingParty, address: str,
    user_agent: str | None, at: datetime,
) -> SignedIn | PasskeyRefused:  # fmt: skip
    """The same by a passkey of who gave the password. Raises as ``finish_sign_in``."""
    step, network = _live(session, token, at), network_of(address)
    wait = haste(session, step.email, network, at=at)
    if wait is not None:
        return PasskeyRefused(wait)
    proved = check_passkey(session, purpose=Purpose.STEP, holder=token, answer=answer,
                           person_id=step.person_id, party=party, at=at)  # fmt: skip
    if not isinstance(proved, PasskeyRefused):
        return _done(session, step, token, address, user_agent, at)
    return PasskeyRefused(refused_now(session, step.email, address, network, at=at).retry_at)


def sign_in_by_passkey(
    session: Session, *, holder: str, answer: str, party: RelyingParty, address: str,
    user_agent: str | None, at: datetime, previous_token: str | None = None,
) -> SignedIn | PasskeyRefused:  # fmt: skip
    """A session by a passkey alone, whose device saw who holds it: two factors in one.

    A refusal is the same whoever's it is, and of a closed access.
    """
    proved = check_passkey(session, purpose=Purpose.DOOR, holder=holder, answer=answer,
                           person_id=None, party=party, at=at)  # fmt: skip
    if isinstance(proved, PasskeyRefused):
        return proved
    who = person(session, proved)
    if who.disabled_at is not None:
        return PasskeyRefused()
    if previous_token is not None:
        sign_out(session, token=previous_token, at=at)
    return let_in(session, who.id, who.email, address, user_agent, at=at)


def enrol_and_finish(
    session: Session, *, token: str, seed: str, code: str, vault: Vault, address: str,
    user_agent: str | None, at: datetime,
) -> tuple[SignedIn, tuple[str, ...]]:  # fmt: skip
    """Set up the factor that is required, then let in; with the recovery codes, shown this once.

    Raises as ``set_up_factor``, and ``NotFound`` when the step is none or over.
    """
    step = _enrolling(session, token, at)
    codes = set_up_factor(
        session, person_id=step.person_id, seed=seed, code=code, vault=vault, at=at
    )
    return _done(session, step, token, address, user_agent, at), codes


def begin_first_passkey(session: Session, *, token: str, party: RelyingParty, at: datetime) -> str:
    """What the browser of who must set up a factor makes a passkey by. Raises as below."""
    step = _enrolling(session, token, at)
    return begin_passkey(session, person_id=step.person_id, holder=token, party=party, at=at)


def enrol_passkey_and_finish(
    session: Session, *, token: str, name: str, answer: str, party: RelyingParty, address: str,
    user_agent: str | None, at: datetime,
) -> SignedIn | PasskeyRefused:  # fmt: skip
    """Keep the passkey that is the factor required, then let in.

    Raises as ``add_passkey``, ``NotFound`` when the step is none or over, ``Conflict`` for who has
    a factor.
    """
    step = _enrolling(session, token, at)
    refused = add_passkey(session, person_id=step.person_id, holder=token, name=name,
                          answer=answer, party=party, keep_session_id=None, at=at)  # fmt: skip
    return refused or _done(session, step, token, address, user_agent, at)


def _enrolling(session: Session, token: str, at: datetime) -> Step:
    """The step of who has no factor yet; their row is locked: of two who try, one sets it up."""
    step = _live(session, token, at)
    session.get(Person, step.person_id, with_for_update=True, populate_existing=True)
    step = _live(session, token, at)
    if not step.enrols:
        raise Conflict("factor_known", "You have a second factor already: prove it instead")
    return step


def _live(session: Session, token: str, at: datetime) -> Step:
    step = live_step(session, token_hash(token), at)
    if step is None:
        raise NotFound("second_step_over", "That took too long: give your password again")
    return step


def _done(
    session: Session, step: Step, token: str, address: str, user_agent: str | None, at: datetime
) -> SignedIn:
    session.execute(
        update(SecondStep).where(SecondStep.token_hash == token_hash(token)).values(ended_at=at)
    )
    return let_in(session, step.person_id, step.email, address, user_agent, at=at)
