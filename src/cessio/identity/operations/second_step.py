"""From the right password to a session, for who owes a code or must set up a second factor."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from cessio.identity.models import SecondStep
from cessio.identity.operations.second_factor import CodeRefused, check_code, set_up_factor
from cessio.identity.operations.sessions import (
    SignedIn,
    SignInRefused,
    haste,
    let_in,
    network_of,
    refused_now,
    token_hash,
)
from cessio.identity.queries.second_factor import Step, live_step
from cessio.kernel.errors import NotFound
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


def enrol_and_finish(
    session: Session, *, token: str, seed: str, code: str, vault: Vault, address: str,
    user_agent: str | None, at: datetime,
) -> tuple[SignedIn, tuple[str, ...]]:  # fmt: skip
    """Set up the factor that is required, then let in; with the recovery codes, shown this once.

    Raises as ``set_up_factor``, and ``NotFound`` when the step is none or over.
    """
    step = _live(session, token, at)
    codes = set_up_factor(
        session, person_id=step.person_id, seed=seed, code=code, vault=vault, at=at
    )
    return _done(session, step, token, address, user_agent, at), codes


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
