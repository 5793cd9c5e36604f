"""Work goes on after the book was put back from an older copy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy.orm import Session

from cessio.agreeing.deeds.base import Deed, deed
from cessio.funding.queries.reconciling import lost_debits, unknown_payouts
from cessio.identity import Permission
from cessio.kernel.errors import Invalid
from cessio.plumbing import restored

#: A finding shorter than this says nothing.
LEAST = 10


@deed
@dataclass(frozen=True, slots=True)
class ResumeWork(Deed):
    """Jobs run and money leaves again: the book was compared with all that is outside it."""

    kind: ClassVar[str] = "resume_work"
    asked_with: ClassVar[tuple[Permission, ...]] = (Permission.RELEASE_PAYMENTS,)
    agreed_with: ClassVar[Permission] = Permission.RELEASE_PAYMENTS

    restoration_id: int
    bank: str
    seals: str
    papers: str

    def subject(self) -> int:
        """The restore."""
        return self.restoration_id

    def state(self, session: Session) -> Mapping[str, Any]:
        """What the bank and this book do not agree about."""
        return {"unknown_payouts": unknown_payouts(session), "lost_debits": lost_debits(session)}

    def told(self, session: Session) -> Mapping[str, Any]:
        """Why it was restored."""
        held = restored.held(session)
        return {"name": held.reason if held is not None else ""}

    def pairs(self, state: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
        """What was found, comparison by comparison; how much stays unknown."""
        kept = [
            (name, f"{count} · {currency}", (minor, currency))
            for name in ("unknown_payouts", "lost_debits")
            for currency, (count, minor) in state[name].items()
        ]
        return [*kept, *((f"found_{name}", None, said) for name, said in self._found().items())]

    def do(self, session: Session, *, by: str, at: datetime) -> int | None:
        """Let work go on."""
        for name, said in self._found().items():
            if len(said.strip()) < LEAST:
                raise Invalid("found_missing", "say what you compared and what you found",
                              field=name)  # fmt: skip
        restored.resume(session, self.restoration_id, found=self._found(), by=by, at=at)
        return None

    def _found(self) -> dict[str, str]:
        return {name: said for name, said in asdict(self).items() if name != "restoration_id"}
