"""Who wants no mail or SMS and says so: to one of us, or by answering an SMS.

An answer is believed only of a number that we wrote to.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime

from sqlalchemy.orm import Session

from cessio import audit
from cessio.correspondence import queries
from cessio.kernel.errors import Invalid
from cessio.plumbing.mail_stops import StopReason, note_stop

#: What an answer begins with that wants no more: gateways teach the first.
_STOP = frozenset({"stop", "arret", "stopper", "desabonner", "unsubscribe"})
#: Reasons that one of us may give; the others are what machines report.
TOLD = (StopReason.ASKED, StopReason.WRONG)


def refuse(
    session: Session, *, address: str, why: StopReason, source: str, debtor_id: int, by: str,
    at: datetime,
) -> None:  # fmt: skip
    """Write nothing to an address or number from now on, as somebody of us was told."""
    if why not in TOLD:
        raise Invalid("stop_reason", "choose why nothing is sent there", field="why")
    if note_stop(session, address=address, why=why, detail=source, by=by, at=at):
        audit.record(session, verb="mail_stop.note", subject_kind="debtor", subject_id=debtor_id,
                     after={"address": address, "why": why, "source": source}, by=by,
                     at=at)  # fmt: skip


def take_answer(session: Session, *, number: str, text: str, by: str, at: datetime) -> bool:
    """Take the answer to an SMS of ours; whether it stopped the number, or had before."""
    known = plain_number(number)
    if not wants_none(text) or not queries.wrote_to(session, known):
        return False
    note_stop(session, address=known, why=StopReason.STOPPED, by=by, at=at)
    return True


def wants_none(text: str) -> bool:
    """Whether an answer asks for no more messages."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    first = re.search(r"[a-z]+", plain)
    return first is not None and first.group() in _STOP


def plain_number(number: str) -> str:
    """A number as we keep those we write to: +33612345678."""
    digits = re.sub(r"[^0-9+]", "", number.replace("(0)", ""))
    if digits.startswith("00"):
        return "+" + digits[2:]
    if re.fullmatch(r"0[67][0-9]{8}", digits):
        return "+33" + digits[1:]
    return digits if digits.startswith("+") else "+" + digits
