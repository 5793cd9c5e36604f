"""Reading lists, the names of the base, alerts, and what stops whom."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from cessio.kernel.errors import NotFound
from cessio.kernel.paging import Page, PageRequest
from cessio.parties.models import Client, Company, Debtor
from cessio.plumbing.keyset import sorted_page
from cessio.screening.models import (
    ListEntry,
    ListVersion,
    ScreenedCompany,
    ScreeningAlert,
    ScreeningOpinion,
    ScreeningSettings,
)
from cessio.screening.rules import (
    AlertState,
    Listed,
    ListedKind,
    ListSource,
    Pair,
    Settings,
    SubjectKind,
    Verdict,
)

_BLOCKING = (AlertState.OPEN.value, AlertState.HIT.value)


@dataclass(frozen=True, slots=True)
class VersionView:
    """A list as it was loaded; ``is_current`` when it is the one screened against."""

    id: int
    source: ListSource
    dated_on: date
    document_id: int
    sha256: bytes
    entry_count: int
    name_count: int
    new_count: int
    gone_count: int
    loaded_at: datetime
    loaded_by: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class AlertView:
    """An alert with both its sides: the name of the base, and the entry as its list told it."""

    id: int
    state: AlertState
    score: int
    name: str
    subject_kind: SubjectKind
    company_id: int
    company_name: str
    client_id: int | None
    debtor_id: int | None
    alias: str
    pairs: tuple[Pair, ...]
    source: ListSource
    listed: Listed
    version_id: int
    dated_on: date
    found_at: datetime
    state_at: datetime
    #: Whether the entry is in the list of now, as it was told then.
    is_listed: bool


@dataclass(frozen=True, slots=True)
class OpinionView:
    """What a person found."""

    id: int
    verdict: Verdict
    reason: str
    person_id: int
    given_at: datetime
    given_by: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How a company stands: screened when and against what, and its alerts that stop it."""

    screened_at: datetime | None
    is_due: bool
    name_count: int
    open_count: int
    hit_count: int
    cleared_count: int
    lists: bool


def settings(session: Session) -> Settings:
    """What the house set, or what holds by itself."""
    row = session.scalar(select(ScreeningSettings).order_by(ScreeningSettings.id.desc()).limit(1))
    return Settings() if row is None else Settings(row.threshold, row.stale_days)


def current_ids(session: Session) -> tuple[int, ...]:
    """The version of each source that is screened against."""
    query = select(func.max(ListVersion.id)).group_by(ListVersion.source)
    return tuple(sorted(session.scalars(query)))


def versions(session: Session, *, most: int = 50) -> tuple[VersionView, ...]:
    """Lists as they were loaded, latest first."""
    current = current_ids(session)
    names = [name for name in VersionView.__slots__ if name not in ("is_current", "source")]
    columns = [getattr(ListVersion, name) for name in names]
    rows = session.execute(
        select(ListVersion.source, *columns).order_by(ListVersion.id.desc()).limit(most)
    )
    return tuple(
        VersionView(source=ListSource(row[0]), is_current=row.id in current,
                    **dict(zip(names, row[1:], strict=True)))
        for row in rows
    )  # fmt: skip


def current(session: Session, source: ListSource) -> ListVersion | None:
    """The version of a source that holds."""
    query = select(ListVersion).where(ListVersion.source == source.value)
    return session.scalar(query.order_by(ListVersion.id.desc()).limit(1))


def stale(session: Session, *, on: date) -> tuple[VersionView, ...]:
    """Lists that nobody renewed for more days than the house allows."""
    days = settings(session).stale_days
    return tuple(
        one for one in versions(session)
        if one.is_current and (on - one.loaded_at.date()).days > days
    )  # fmt: skip


def entries(
    session: Session, version_ids: Collection[int]
) -> list[tuple[int, int, ListSource, Listed]]:
    """Every entry of some versions: its id, its version, its source and what it says."""
    unnested = (
        select(ListVersion.id.label("version_id"),
               func.unnest(ListVersion.entry_ids).label("entry_id"))
        .where(ListVersion.id.in_(version_ids)).subquery()
    )  # fmt: skip
    rows = session.execute(
        select(unnested.c.version_id, *_LISTED).join(unnested, unnested.c.entry_id == ListEntry.id)
        .order_by(ListEntry.id)
    )  # fmt: skip
    return [(row.id, row.version_id, ListSource(row.source), _listed(row)) for row in rows]


def entry_ids(session: Session, source: ListSource) -> dict[tuple[str, bytes], int]:
    """Every entry a source ever had, by its reference and what it said."""
    rows = session.execute(
        select(ListEntry.reference, ListEntry.sha256, ListEntry.id)
        .where(ListEntry.source == source.value)
    )  # fmt: skip
    return {(row[0], bytes(row[1])): row[2] for row in rows}


def version_marks(session: Session, version_ids: Collection[int]) -> tuple[Any, ...]:
    """What tells versions apart from those of another database."""
    rows = session.execute(
        select(ListVersion.id, ListVersion.sha256, ListVersion.loaded_at)
        .where(ListVersion.id.in_(version_ids)).order_by(ListVersion.id)
    )  # fmt: skip
    return tuple(tuple(row) for row in rows)


_LISTED = (
    ListEntry.id, ListEntry.source, ListEntry.reference, ListEntry.kind, ListEntry.names,
    ListEntry.born, ListEntry.countries, ListEntry.identifiers, ListEntry.programme,
)  # fmt: skip


def _listed(row: Any) -> Listed:
    return Listed(
        row.reference, ListedKind(row.kind), tuple(row.names), tuple(row.born),
        tuple(row.countries), tuple(row.identifiers), row.programme,
    )  # fmt: skip


def listed(session: Session, entry_ids: Collection[int]) -> dict[int, tuple[ListSource, Listed]]:
    """Some entries."""
    rows = session.execute(select(*_LISTED).where(ListEntry.id.in_(entry_ids)))
    return {row.id: (ListSource(row.source), _listed(row)) for row in rows}


# -- companies -----------------------------------------------------------------------------------


def due(session: Session, *, most: int, company_ids: Collection[int] | None = None) -> list[int]:
    """Companies whose names are to be screened, locked; others work on others."""
    query = select(ScreenedCompany.company_id).where(ScreenedCompany.is_due)
    if company_ids is not None:
        query = query.where(ScreenedCompany.company_id.in_(company_ids))
    query = query.order_by(ScreenedCompany.company_id).limit(most).with_for_update()
    return list(session.scalars(query))


def due_count(session: Session) -> int:
    """How many companies wait to be screened."""
    query = select(func.count()).select_from(ScreenedCompany).where(ScreenedCompany.is_due)
    return session.scalar(query) or 0


def standing(session: Session, company_id: int) -> Standing:
    """How a company stands."""
    row = session.get(ScreenedCompany, company_id)
    rows = session.execute(
        select(ScreeningAlert.state, func.count())
        .where(ScreeningAlert.company_id == company_id).group_by(ScreeningAlert.state)
    )  # fmt: skip
    counts: dict[str, int] = {row[0]: row[1] for row in rows}
    return Standing(
        row.screened_at if row else None, row is None or row.is_due, row.name_count if row else 0,
        counts.get("open", 0), counts.get("hit", 0), counts.get("cleared", 0),
        bool(current_ids(session)),
    )  # fmt: skip


# -- alerts --------------------------------------------------------------------------------------


def alerts(
    session: Session, request: PageRequest, *, state: AlertState | None = AlertState.OPEN,
    company_id: int | None = None, sort: str | None = None,
) -> Page[AlertView]:  # fmt: skip
    """Alerts, the latest first or by a column."""
    query, ids = _views(), current_ids(session)
    if state is not None:
        query = query.where(ScreeningAlert.state == state.value)
    if company_id is not None:
        query = query.where(ScreeningAlert.company_id == company_id)
    now = _entries_of(session, ids)
    return sorted_page(session, query, request, sort=sort, sorts=_SORTS, default="-found",
                       unique=ScreeningAlert.id, read=lambda row: _view(row, now))  # fmt: skip


_SORTS: dict[str, Any] = {
    "found": ScreeningAlert.id, "score": ScreeningAlert.score, "name": ScreeningAlert.name,
    "company": Company.name, "state": ScreeningAlert.state,
}  # fmt: skip


def alert(session: Session, alert_id: int) -> AlertView:
    """One alert. Raises ``NotFound``."""
    row = session.execute(_views().where(ScreeningAlert.id == alert_id)).one_or_none()
    if row is None:
        raise NotFound("alert_unknown", "there is no such alert")
    return _view(row, _entries_of(session, current_ids(session)))


def alerts_of(session: Session, company_id: int) -> tuple[AlertView, ...]:
    """What was found of a company, what stops it first."""
    query = _views().where(ScreeningAlert.company_id == company_id)
    order = (ScreeningAlert.state.in_(_BLOCKING).desc(), ScreeningAlert.id.desc())
    now = _entries_of(session, current_ids(session))
    return tuple(_view(row, now) for row in session.execute(query.order_by(*order).limit(20)))


def locked_alert(session: Session, alert_id: int) -> ScreeningAlert:
    """An alert, locked until the transaction ends. Raises ``NotFound``."""
    row = session.get(ScreeningAlert, alert_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("alert_unknown", "there is no such alert")
    return row


def counts(session: Session) -> dict[AlertState, int]:
    """How many alerts there are by state."""
    rows = session.execute(
        select(ScreeningAlert.state, func.count()).group_by(ScreeningAlert.state)
    )
    return {AlertState(state): count for state, count in rows}


def next_open(session: Session, *, after_id: int) -> int | None:
    """The open alert that comes next, from the first when it was the last."""
    is_open = ScreeningAlert.state == AlertState.OPEN.value
    query = select(func.min(ScreeningAlert.id)).where(is_open)
    found = session.scalar(query.where(ScreeningAlert.id > after_id)) or session.scalar(query)
    return None if found == after_id else found


def opinions(session: Session, alert_id: int) -> tuple[OpinionView, ...]:
    """What people found of an alert, in their order."""
    rows = session.scalars(
        select(ScreeningOpinion).where(ScreeningOpinion.alert_id == alert_id)
        .order_by(ScreeningOpinion.id)
    )  # fmt: skip
    return tuple(
        OpinionView(row.id, Verdict(row.verdict), row.reason, row.person_id, row.given_at,
                    row.given_by)
        for row in rows
    )  # fmt: skip


def known_alerts(session: Session, company_ids: Sequence[int]) -> list[tuple[Any, ...]]:
    """What was found of some companies before: id, company, name, source, reference, entry,
    state."""
    rows = session.execute(
        select(ScreeningAlert.id, ScreeningAlert.company_id, ScreeningAlert.name,
               ListEntry.source, ListEntry.reference, ScreeningAlert.entry_id,
               ScreeningAlert.state)
        .join(ListEntry, ListEntry.id == ScreeningAlert.entry_id)
        .where(ScreeningAlert.company_id.in_(company_ids)).order_by(ScreeningAlert.id)
    )  # fmt: skip
    return [tuple(row) for row in rows]


def _entries_of(session: Session, version_ids: Collection[int]) -> set[int]:
    """The entries of some versions that alerts are about."""
    if not version_ids:
        return set()
    listed_now = select(func.unnest(ListVersion.entry_ids)).where(ListVersion.id.in_(version_ids))
    query = select(ScreeningAlert.entry_id).where(ScreeningAlert.entry_id.in_(listed_now))
    return set(session.scalars(query.distinct()))


def _views() -> Select[*tuple[Any, ...]]:
    entry = [column.label(f"entry_{column.key}") for column in _LISTED]
    return (
        select(ScreeningAlert, Company.name, Client.id, Debtor.id, ListVersion.dated_on, *entry)
        .join(Company, Company.id == ScreeningAlert.company_id)
        .join(ListEntry, ListEntry.id == ScreeningAlert.entry_id)
        .join(ListVersion, ListVersion.id == ScreeningAlert.version_id)
        .outerjoin(Client, Client.company_id == Company.id)
        .outerjoin(Debtor, Debtor.company_id == Company.id)
    )


def _view(found: Any, listed_now: Collection[int]) -> AlertView:
    row, company_name, client_id, debtor_id, dated_on, *entry = found
    _id, source, reference, kind, names, born, countries, identifiers, programme = entry
    return AlertView(
        row.id, AlertState(row.state), row.score, row.name, SubjectKind(row.subject_kind),
        row.company_id, company_name, client_id, debtor_id, row.alias,
        tuple(Pair(**pair) for pair in row.pairs), ListSource(source),
        Listed(reference, ListedKind(kind), tuple(names), tuple(born), tuple(countries),
               tuple(identifiers), programme),
        row.version_id, dated_on, row.found_at, row.state_at, row.entry_id in listed_now,
    )  # fmt: skip


def version_document(session: Session, version_id: int) -> int:
    """The document of a list. Raises ``NotFound``."""
    row = session.get(ListVersion, version_id)
    if row is None:
        raise NotFound("list_unknown", "there is no such list")
    return row.document_id
