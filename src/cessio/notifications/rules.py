"""How people are told, what they are told of jobs, and how long it is kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum


class Channel(StrEnum):
    """How a person wants to hear of one kind of thing."""

    BELL = "bell"
    MAIL = "mail"
    DIGEST = "digest"
    NONE = "none"


#: Told whatever was chosen: who took over a mailbox would mute it first.
ALWAYS_TOLD = frozenset(
    {
        "payout_account_asked", "payout_account_changed", "payout_account_refused",
        "signatory_asked",
    }
)  # fmt: skip
#: Comes by mail at once unless somebody chose otherwise: it waits for them. (A change of bank
#: details is besides written to everybody known at the client, whatever they chose.)
_BY_MAIL = frozenset({
    "drawdown_rejected", "standing_refused", "signatory_asked",
    "shared_statement",  # a guest has no bell
})  # fmt: skip


def channel_of(kind: str, chosen: str | None) -> Channel:
    """How a person hears of a kind: as chosen, else as it comes; never not at all of some."""
    usual = Channel.MAIL if kind in _BY_MAIL else Channel.BELL
    if chosen is None or (chosen == Channel.NONE and kind in ALWAYS_TOLD):
        return usual
    return Channel(chosen)


#: What was read is kept this long, what was not, this long.
READ_KEPT = timedelta(days=30)
UNREAD_KEPT = timedelta(days=180)
#: The bell counts no further: beyond, it says "99+".
COUNTED = 100
#: A job that ends sooner was watched by whoever asked for it.
WORTH_TELLING = timedelta(seconds=20)
#: Jobs of the machinery, which nobody waits for.
_MACHINERY = ("mail.", "identity.", "access.", "notifications.")


def worth_telling(
    kind: str, created_by: str, created_at: datetime, ended_at: datetime, *, done: bool
) -> bool:
    """Whether who asked for a job is told: of a failure always, of a success if it was long."""
    if not created_by.startswith(("person:", "token:")) or kind.startswith(_MACHINERY):
        return False
    return not done or ended_at - created_at >= WORTH_TELLING


def page_for(is_client: bool, href: str, client_href: str | None) -> str | None:
    """The page a person is led to, in their own application; ``None``: there is none for them.

    Raises ``ValueError`` for an address that is not of this site.
    """
    for each in (href, client_href):
        if each is not None and (not each.startswith("/") or each.startswith("//")):
            raise ValueError(f"{each} is not a page of ours")
    found = client_href or href if is_client else href
    other = "/backoffice" if is_client else "/portal"
    return None if found.startswith(other) else found
