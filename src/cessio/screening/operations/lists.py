"""Loading a list, and what the house sets about screening."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from cessio import audit, documents
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import Conflict, Invalid, Problems
from cessio.plumbing import confined, outbox
from cessio.screening import queries, rules
from cessio.screening.formats import read_list
from cessio.screening.models import ListEntry, ListVersion, ScreenedCompany, ScreeningSettings
from cessio.screening.rules import Listed, ListSource, Settings

_MEDIA = {ListSource.EU: "application/xml", ListSource.FRANCE: "application/json",
          ListSource.OWN: "text/csv"}  # fmt: skip
_CHUNK = 2000


class ListDoubtful(Conflict):
    """The file is older or much shorter than the one that holds: a person says it is right."""


@dataclass(frozen=True, slots=True)
class LoadedList:
    """A list that holds from now on, and what differs from the one before."""

    version_id: int
    entry_count: int
    new_count: int
    gone_count: int


def load_list(
    session: Session, *, source: ListSource, data: bytes, filename: str,
    dated_on: date | None = None, confirmed: bool = False, by: str, at: datetime,
) -> LoadedList:  # fmt: skip
    """Keep a list as it was published; every company is due to be held against it.

    Raises ``Invalid`` with the line of the first fault, ``Conflict`` for the very file that
    holds, ``ListDoubtful`` for one older or a fifth shorter, unless ``confirmed``.
    """
    dated = confined.read(read_list, data, source=source, dated_on=dated_on)
    if dated.dated_on > business_date(at):
        raise Invalid("list_of_tomorrow", "the file is dated {on}, which is to come",
                      field="dated_on", on=dated.dated_on)  # fmt: skip
    before = queries.current(session, source)
    sha256 = hashlib.sha256(data).digest()
    if before is not None:
        if before.sha256 == sha256:
            raise Conflict("list_known", "this very file is the one that holds", field="file")
        if not confirmed:
            _doubt(before, dated.dated_on, len(dated.read.entries))
    stored = documents.store(
        session, kind="sanctions_list", subject_kind="sanctions_list", subject_id=0,
        filename=filename, media_type=_MEDIA[source], content=data, by=by, at=at,
    )  # fmt: skip
    ids = _kept(session, source, dated.read.entries)
    former = set(before.entry_ids) if before is not None else set()
    row = ListVersion(
        source=source.value, dated_on=dated.dated_on, document_id=stored.id, sha256=sha256,
        entry_count=len(ids), name_count=sum(len(one.names) for one in dated.read.entries),
        new_count=len(set(ids) - former), gone_count=len(former - set(ids)), entry_ids=ids,
        loaded_at=at, loaded_by=by,
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(
        session, verb="load_sanctions_list", subject_kind="sanctions_list", subject_id=row.id,
        after={"source": source, "dated_on": dated.dated_on, "entries": len(ids),
               "new": row.new_count, "gone": row.gone_count, "sha256": sha256.hex(),
               "confirmed": confirmed},
        by=by, at=at,
    )  # fmt: skip
    _screen_all(session, f"list:{row.id}", by=by, at=at)
    return LoadedList(row.id, len(ids), row.new_count, row.gone_count)


def _doubt(before: ListVersion, dated_on: date, count: int) -> None:
    if dated_on < before.dated_on:
        raise ListDoubtful(
            "list_older", "the file is of {on}, the list that holds of {held_on}: confirm that"
            " the older one is to hold", on=dated_on, held_on=before.dated_on, field="confirmed",
        )  # fmt: skip
    if rules.is_short(before.entry_count, count):
        raise ListDoubtful(
            "list_short", "the file has {count} entries, the list that holds {held}: confirm that"
            " it is whole", count=count, held=before.entry_count, field="confirmed",
        )  # fmt: skip


def _kept(session: Session, source: ListSource, entries: Sequence[Listed]) -> list[int]:
    """The ids of the entries, those not seen before written."""
    for start in range(0, len(entries), _CHUNK):
        session.execute(
            insert(ListEntry).on_conflict_do_nothing(),
            [_row(source, one) for one in entries[start : start + _CHUNK]],
        )
    by_hash = queries.entry_ids(session, source)
    return [by_hash[one.reference, one.sha256] for one in entries]


def _row(source: ListSource, one: Listed) -> dict[str, object]:
    return {
        "source": source.value, "reference": one.reference, "sha256": one.sha256,
        "kind": one.kind.value, "names": list(one.names), "born": list(one.born),
        "countries": list(one.countries), "identifiers": list(one.identifiers),
        "programme": one.programme,
    }  # fmt: skip


def set_settings(session: Session, *, wanted: Settings, by: str, at: datetime) -> None:
    """Set the score from which a resemblance is an alert, and when a list is old.

    Another score screens the whole base again. Raises ``Problems``, ``Conflict``.
    """
    if problems := wanted.problems():
        raise Problems([*problems])
    before = queries.settings(session)
    if before == wanted:
        raise Conflict("settings_unchanged", "nothing changes")
    row = ScreeningSettings(threshold=wanted.threshold, stale_days=wanted.stale_days, set_at=at,
                            set_by=by)  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(
        session, verb="set_screening", subject_kind="screening_settings", subject_id=row.id,
        before={"threshold": before.threshold, "stale_days": before.stale_days},
        after={"threshold": wanted.threshold, "stale_days": wanted.stale_days}, by=by, at=at,
    )  # fmt: skip
    if before.threshold != wanted.threshold:
        _screen_all(session, f"settings:{row.id}", by=by, at=at)


def _screen_all(session: Session, key: str, *, by: str, at: datetime) -> None:
    session.execute(update(ScreenedCompany).where(~ScreenedCompany.is_due).values(is_due=True))
    outbox.publish(session, "screening.due", {"key": key}, by=by, at=at)
