"""The second person's yes or no, bound to the hash of exactly what was shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from litestar import Response
from sqlalchemy.orm import Session

from cessio import agreeing
from cessio.agreeing import Deed
from cessio.house import ReasonList
from cessio.identity import Signed
from cessio.web.forms import FieldError, Form, one_of, text
from cessio.web.reasons import given
from cessio.web.render import N_, redirect

#: What the buttons of a decision are called.
ANSWERS = APPROVE, REJECT = "approve", "reject"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a second person said; usable once the form is valid."""

    agrees: bool
    seen: bytes
    reason: str


def answer(form: Form, reasons: ReasonList | None = None) -> Answer:
    """Read ``answer``, ``seen`` and ``reason`` (one of the house's, or words)."""
    said, seen = form.need("answer", one_of(ANSWERS)), form.need("seen", digest)
    reason = (
        form.maybe("reason", text(500)) if reasons is None
        else given(form, "reason", reasons, needed=False)
    )  # fmt: skip
    return Answer(said == APPROVE, seen, reason or "")


def put(session: Session, deed: Deed, signed: Signed, at: datetime) -> Response[Any]:
    """Ask a second person for a deed, and show what waits. Raises as ``agreeing.ask``."""
    with session.begin_nested():
        approval_id = agreeing.ask(session, deed=deed, by=signed.by, at=at)
    return redirect(f"/backoffice/approvals/{approval_id}",
                    N_("Asked: it holds once a second person agrees."))  # fmt: skip


def digest(raw: str) -> bytes:
    """The hash of what was shown, as its form sent it back."""
    try:
        return bytes.fromhex(raw)
    except ValueError:
        raise FieldError(
            "form_outdated", "This form is out of date, please load it again"
        ) from None
