"""Who acted, as a reader would say it: a person's name, or what the program does by itself."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from cessio.identity import queries as identity
from cessio.identity.operations import DIRECTORY
from cessio.plumbing.i18n import gettext
from cessio.web.words.jobs import job_name


def actors(session: Session, wanted: Iterable[str | None]) -> dict[str, str]:
    """A name for every actor string among ``wanted`` (``person:12``, ``job:cash.match``)."""
    names = identity.actor_names(session, {actor for actor in wanted if actor is not None})
    return {actor: _said(name) if actor == name else name for actor, name in names.items()}


def _said(actor: str) -> str:
    kind, _, name = actor.partition(":")
    if kind == "job":
        return job_name(name)
    if actor == DIRECTORY:
        return gettext("The directory of single sign-on")
    if kind == "share":
        return gettext("Whoever holds a shared link")
    if kind == "debtor":
        return gettext("The debtor, by a code of ours")
    if kind in ("schedule", "event", "system"):
        return gettext("By itself")
    return actor
