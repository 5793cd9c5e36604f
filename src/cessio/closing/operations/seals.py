"""The daily seal: what was closed since the last one, hashed, signed, and kept outside.

Three steps, since a file is no part of a transaction: plan it, draw it in one snapshot, remember
it. Stopped between the last two, the next attempt finds the file, sees that the book still is what
it says, and remembers it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy.orm import Session

from cessio import audit
from cessio.closing import queries
from cessio.closing.bulk import ended_writers, hashed, streams
from cessio.closing.formats import seals as format_
from cessio.closing.formats.seals import DaySeal, Stream
from cessio.closing.models import BookSeal
from cessio.kernel.errors import Conflict
from cessio.plumbing import formats, i18n, mail, migrate
from cessio.plumbing.i18n import gettext
from cessio.plumbing.keeper import AlreadyKept, Keeper
from cessio.plumbing.mail import Attachment, Mail

SEALS = "seal-*.txt"


class BookOlder(Conflict):
    """Seals were made of a later state of this book: it was restored from an older copy."""


class SealsMissing(Conflict):
    """The place where seals are kept lacks what this book remembers."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A seal about to be drawn; ``found`` is one already kept that the book does not know yet.

    ``book`` is named by the rows of its first seal, and empty until there is one.
    """

    book: str
    number: int
    on: date
    previous: str
    streams: tuple[Stream, ...]
    restored: dict[str, Any] | None
    found: bytes | None = None


def plan_seal(
    session: Session, *, keeper: Keeper, by: str, restored: str | None = None
) -> Plan | None:
    """What the next seal covers, once nobody writes below it; None when nothing was closed since.

    ``restored`` says why this book is older than its seals, which otherwise raises ``BookOlder``.
    Raises ``SealsMissing``, ``WritersBusy``.
    """
    on, known = queries.last_closed(session), queries.last_seal(session)
    kept = _last_kept(keeper)
    known_number = known.number if known is not None else 0
    kept_number = format_.read(kept).number if kept is not None else 0
    if kept_number < known_number:
        raise SealsMissing(
            "seal_missing", "seal {number} is not in {folder}: put it back", number=known_number,
            folder=str(keeper.folder),
        )  # fmt: skip
    if kept is not None and kept_number > known_number and restored is None:
        if kept_number > known_number + 1:
            raise _older(kept_number, known_number)
        seal = format_.read(kept)
        found = tuple(one.stream for one in seal.streams)
        return Plan(seal.book, seal.number, seal.on, seal.previous, found, seal.restored, kept)
    if known is not None and kept_number == known_number and kept != known.content.encode():
        raise SealsMissing("seal_differs", "seal {number} is not the one that was kept",
                           number=known_number)  # fmt: skip
    if on is None or (known is not None and on <= known.on and kept_number == known_number):
        return None
    before = format_.read(known.content.encode()) if known is not None else None
    last = format_.read(kept) if kept is not None else None
    wanted = format_.following(streams(), before)
    return Plan(
        book=last.book if last is not None else "", number=kept_number + 1, on=on,
        previous=sha256(kept).hexdigest() if kept is not None else "",
        streams=ended_writers(session, wanted, on),
        restored={"number": known_number, "by": by, "why": restored}
        if kept_number > known_number else None,
    )  # fmt: skip


def draw_seal(
    session: Session, *, plan: Plan, keeper: Keeper, at: datetime,
    tell: Callable[[int, int], None] = lambda _done, _total: None,
) -> bytes:  # fmt: skip
    """Hash what the plan covers, sign it and keep it; returns the file.

    ``session`` sees one instant, after the plan's. Raises ``BookOlder``.
    """
    digest = sha256()
    with keeper.draft() as draft:

        def note(mark: bytes) -> None:
            digest.update(mark)
            draft.write(mark)

        sealed = []
        for one in hashed(session, plan.streams, note):
            sealed.append(one)
            tell(len(sealed), len(plan.streams))
        if plan.found is not None:
            if format_.read(plan.found).streams != tuple(sealed):
                raise _older(plan.number, plan.number - 1)
            return plan.found
        seal = DaySeal(
            book=plan.book or digest.hexdigest()[:16], number=plan.number, on=plan.on,
            sealed_at=at, previous=plan.previous, schema=migrate.head() or "",
            streams=tuple(sealed), rows=digest.hexdigest(), restored=plan.restored,
        )  # fmt: skip
        with suppress(AlreadyKept):  # the same rows, of an attempt that got no further
            keeper.publish(draft, seal.rows_name)
    public = keeper.public_key
    with suppress(AlreadyKept):
        keeper.keep(f"key-{public.hex()[:16]}.pub", public.hex().encode() + b"\n")
    content = format_.write(seal, public, keeper.sign)
    keeper.keep(f"{seal.name}.txt", content)
    return content


def remember_seal(
    session: Session, *, content: bytes, keeper: Keeper, by: str, at: datetime
) -> DaySeal:
    """Let the book know of a seal that is kept, and mail it to who keeps it too."""
    seal = format_.read(content)
    session.add(
        BookSeal(
            number=seal.number,
            on=seal.on,
            code=format_.code(content),
            content=content.decode(),
            row_count=seal.row_count,
            sealed_at=seal.sealed_at,
        )
    )
    session.flush()
    audit.record(
        session, verb="seal_day", subject_kind="book_seal", subject_id=seal.number,
        after={"on": seal.on, "code": format_.code(content), "rows": seal.row_count},
        why=seal.restored["why"] if seal.restored else None, by=by, at=at,
    )  # fmt: skip
    for mailbox in keeper.mail_to:
        mail.post(
            session, _mail(seal, content, mailbox), key=f"{seal.name}:{mailbox}", by=by, at=at
        )
    return seal


def _mail(seal: DaySeal, content: bytes, mailbox: str) -> Mail:
    """The file of a seal to a mailbox, which has no language of its own: in both."""
    code = format_.code(content)
    said = []
    for language in i18n.LANGUAGES:
        with i18n.use_language(language):
            said.append(gettext(
                "Seal {number} of the books closed up to {day}: {rows} lines, code {code}. Keep "
                "this mail: its file proves later that nothing of them was changed.",
                number=seal.number, day=formats.date(seal.on), rows=seal.row_count, code=code,
            ))  # fmt: skip
    file = Attachment(f"{seal.name}.txt", "text/plain", content)
    return Mail(mailbox, f"{seal.name} {code}", "\n\n".join(said), attachments=(file,))


def _last_kept(keeper: Keeper) -> bytes | None:
    names = keeper.names(SEALS)
    return keeper.read(names[-1]) if names else None


def _older(kept: int, known: int) -> BookOlder:
    return BookOlder(
        "book_older",
        "seals up to number {kept} are kept and this book knows of {known}: it is an older copy. "
        "Say so with: cessio seal --restored REASON",
        kept=kept, known=known,
    )  # fmt: skip
