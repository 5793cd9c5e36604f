"""The second factor: set up, proved, lost, switched off; and who must have one.

A wrong code is told by a value, never raised: the try must be kept, and raising would undo it.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from cessio import audit
from cessio.identity import queries
from cessio.identity.models import FactorRequirement, Person, RecoveryCode, SecondFactor
from cessio.identity.operations.passkeys import end_passkeys_of
from cessio.identity.operations.sessions import end_sessions_of, token_hash
from cessio.identity.queries import second_factor as factors
from cessio.identity.queries.views import PersonView
from cessio.identity.rules import second_factor as rules
from cessio.kernel.errors import CessioError, Conflict, Forbidden, Invalid, NotFound
from cessio.plumbing.vault import SealBroken, Vault

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CodeRefused:
    """The code is wrong, was used, or came too soon after wrong ones (``retry_at``)."""

    retry_at: datetime | None = None

    @property
    def error(self) -> CessioError:
        """The refusal as a form says it."""
        if self.retry_at is not None:
            return Forbidden("code_too_soon", "Too many wrong codes: the next one is looked at "
                             "from {retry_at}", field="code", retry_at=self.retry_at)  # fmt: skip
        return Forbidden(
            "code_wrong", "This code is not right, or was used already: wait for the next one",
            field="code",
        )  # fmt: skip


def set_up_factor(
    session: Session, *, person_id: int, seed: str, code: str, vault: Vault,
    keep_session_id: int | None = None, at: datetime,
) -> tuple[str, ...]:  # fmt: skip
    """Keep an application that gave a right code; the recovery codes, to be shown this once.

    Every other session ends. Raises ``Conflict`` when there is an application, ``Invalid``.
    """
    person = _locked(session, person_id)
    if factors.open_factor(session, person_id) is not None:
        raise Conflict("factor_known", "You have an authenticator application already")
    step = rules.step_matching(seed, code, at, after=0) if rules.seed_is_whole(seed) else None
    if step is None:
        raise Invalid("code_not_of_seed", "This is not the code that the application shows now: "
                      "see that the clock of the device is right", field="code")  # fmt: skip
    row = SecondFactor(
        person_id=person_id, sealed=vault.seal(seed.encode(), _about(person_id)), last_step=step,
        set_at=at,
    )  # fmt: skip
    session.add(row)
    session.flush()
    codes = _fresh_codes(session, row.id)
    end_sessions_of(session, person_id=person_id, at=at, except_id=keep_session_id)
    _note(session, "set_up_factor", person, by=f"person:{person_id}", at=at)
    return codes


def check_code(
    session: Session, *, person_id: int, code: str, vault: Vault, at: datetime
) -> CodeRefused | None:
    """Whether a code of the application, or an unused recovery code, is right: ``None`` if it is.

    A right one is used up. Wrong ones are counted, and slow the next. Raises ``NotFound``.
    """
    row = factors.open_factor(session, person_id)
    if row is None:
        raise NotFound("factor_none", "There is no second factor")
    wait = rules.wait_after(row.failures, row.failed_at)
    if wait is not None and wait > at:
        return CodeRefused(wait)
    step = rules.step_matching(_seed(row, vault), code, at, after=row.last_step)
    if step is not None:
        row.last_step = step
    elif not _use_recovery_code(session, row, code, at):
        row.failures, row.failed_at = row.failures + 1, at
        session.flush()
        return CodeRefused(rules.wait_after(row.failures, row.failed_at))
    row.failures, row.failed_at = 0, None
    session.flush()
    return None


def renew_recovery_codes(session: Session, *, person_id: int, at: datetime) -> tuple[str, ...]:
    """Ten fresh codes; those before no longer work. The caller checked a code."""
    person, row = _locked(session, person_id), factors.open_factor(session, person_id)
    if row is None:
        raise NotFound("factor_none", "There is no second factor")
    session.execute(
        update(RecoveryCode)
        .where(RecoveryCode.factor_id == row.id, RecoveryCode.ended_at.is_(None))
        .values(ended_at=at)
    )
    _note(session, "renew_recovery_codes", person, by=f"person:{person_id}", at=at)
    return _fresh_codes(session, row.id)


def end_factor(
    session: Session, *, person_id: int, why: str | None = None,
    keep_session_id: int | None = None, by: str, at: datetime,
) -> None:  # fmt: skip
    """Switch the application off: by the person, who proved it.

    Another, who says why (a lost device), takes the passkeys with it. Every session but the one
    named ends. Raises ``Forbidden`` for the last factor of a person of whom one is required,
    ``Invalid`` without a reason, ``NotFound``.
    """
    person, row = _locked(session, person_id), factors.open_factor(session, person_id)
    acting = queries.person_behind(session, by)
    if row is None and (acting == person_id or not factors.factor_count(session, person_id)):
        raise NotFound("factor_none", "There is no second factor")
    if acting == person_id:
        if factors.factor_count(session, person_id) == 1 and factors.must_have(session, person_id):
            raise Forbidden("factor_last", "A second factor is required of you: set up another "
                            "before you take the last one away")  # fmt: skip
    elif not (why or "").strip():
        raise Invalid("factor_reason", "Say why the second factor is reset", field="why")
    if row is not None:
        row.ended_at, row.ended_by = at, by
    if acting != person_id:
        end_passkeys_of(session, person_id=person_id, by=by, at=at)
    session.flush()
    end_sessions_of(session, person_id=person_id, at=at, except_id=keep_session_id)
    _note(session, "end_factor" if acting == person_id else "reset_factor", person, why=why, by=by,
          at=at)  # fmt: skip


def require_factor(session: Session, *, client_id: int, by: str, at: datetime) -> None:
    """Let nobody of a client in without; twice changes nothing. Of staff it is asked always.

    Who asks it of others has one: else the door might close behind everybody.
    """
    acting = queries.person_behind(session, by)
    if acting is None or not factors.factor_count(session, acting):
        raise Forbidden("factor_own_first", "Set up your own second factor first")
    made = session.scalar(
        insert(FactorRequirement)
        .values(client_id=client_id, set_at=at, set_by=by)
        .on_conflict_do_nothing()
        .returning(FactorRequirement.id)
    )
    if made is not None:
        _note_required(session, client_id, "require_factor", by, at)


def stop_requiring_factor(session: Session, *, client_id: int, by: str, at: datetime) -> None:
    """It is each person's own choice again, but of who signs; twice changes nothing."""
    ended = session.scalar(
        update(FactorRequirement)
        .where(FactorRequirement.client_id == client_id,
               FactorRequirement.ended_at.is_(None))
        .values(ended_at=at, ended_by=by)
        .returning(FactorRequirement.id)
    )  # fmt: skip
    if ended is not None:
        _note_required(session, client_id, "stop_requiring_factor", by, at)


def _locked(session: Session, person_id: int) -> PersonView:
    session.get(Person, person_id, with_for_update=True, populate_existing=True)
    return queries.person(session, person_id)


def _seed(row: SecondFactor, vault: Vault) -> str:
    try:
        return vault.open(row.sealed, _about(row.person_id)).decode()
    except SealBroken:
        log.error("second factor %s was sealed under another secret", row.id)
        return rules.new_seed()


def _use_recovery_code(session: Session, row: SecondFactor, typed: str, at: datetime) -> bool:
    key = rules.recovery_key(typed)
    if key is None:
        return False
    used = session.scalar(
        update(RecoveryCode)
        .where(RecoveryCode.factor_id == row.id, RecoveryCode.code_hash == token_hash(key),
               RecoveryCode.used_at.is_(None), RecoveryCode.ended_at.is_(None))
        .values(used_at=at)
        .returning(RecoveryCode.id)
    )  # fmt: skip
    if used is not None:
        _note(session, "use_recovery_code", queries.person(session, row.person_id),
              by=f"person:{row.person_id}", at=at)  # fmt: skip
    return used is not None


def _fresh_codes(session: Session, factor_id: int) -> tuple[str, ...]:
    codes = tuple(rules.new_recovery_code() for _ in range(rules.RECOVERY_CODES))
    session.add_all(
        RecoveryCode(factor_id=factor_id, code_hash=token_hash(rules.recovery_key(code) or ""))
        for code in codes
    )
    session.flush()
    return codes


def _about(person_id: int) -> str:
    return f"second factor of person {person_id}"


def _note_required(session: Session, client_id: int, verb: str, by: str, at: datetime) -> None:
    audit.record(session, verb=verb, subject_kind="client", subject_id=client_id, by=by, at=at,
                 client_id=client_id)  # fmt: skip


def _note(
    session: Session, verb: str, person: PersonView, *, why: str | None = None, by: str,
    at: datetime,
) -> None:  # fmt: skip
    audit.record(session, verb=verb, subject_kind="person", subject_id=person.id, why=why, by=by,
                 at=at, client_id=person.client_id)  # fmt: skip
