"""A share as it is opened: what may be read, and the note that it was.

Each page of a share names the part it shows in its ``opt``. ``Opened`` is given to a handler only
when the share is open and has that part, and writes the access in the same transaction: a page
that answers has left its row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from litestar import Response
from litestar.params import FromPath
from sqlalchemy.orm import Session

from cessio.contracts.queries import ContractView
from cessio.identity.operations.sessions import token_hash
from cessio.kernel.errors import NotFound
from cessio.plumbing.database import transaction
from cessio.receivables import queries as receivables
from cessio.sharing import ShareView, note_access
from cessio.sharing import queries as sharing
from cessio.sharing.queries import Standing
from cessio.sharing.rules import Part
from cessio.web import page as pages
from cessio.web.exports import FORMATS
from cessio.web.guesses import Guesses
from cessio.web.portal.scope import Scope, chosen
from cessio.web.render import render
from cessio.web.requests import AnyRequest, At, Db, On, Pool, Who
from cessio.web.sessions import client_address

guesses = Guesses("link")


class LinkClosed(NotFound):
    """A link that was never made, is over or was ended: the three look the same."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What a reader may see: a contract of a share; ``by`` is who the books name."""

    share: ShareView
    scope: Scope
    by: str
    language: str


def to_guest(
    request: AnyRequest, session: Db, signed: Who, share_id: FromPath[int], at: At, on: On
) -> Opened:
    """The share of the address, if it is open to whoever is signed in. Raises ``NotFound``."""
    share = sharing.open_to_guest(session, share_id, person_id=signed.person_id, on=on)
    return _opened(request, session, share, f"/guest/{share.id}", signed.by, at)


def by_link(
    request: AnyRequest, session: Db, engine: Pool, token: FromPath[str], at: At, on: On
) -> Opened:
    """The share of a link. Raises ``LinkClosed``, the same for every reason."""
    with transaction(engine) as kept:  # a refusal undoes what the request's own session holds
        if guesses.spent(request, kept, at):
            raise _closed()
        share = sharing.by_link(kept, token_hash(token))
        if share is None:
            guesses.wrong(request, kept, at)
    if share is None:
        raise _closed()
    if share.standing(on) is not Standing.OPEN:
        raise _closed()
    return _opened(request, session, share, f"/shared/{token}", f"share:{share.id}", at)


def on_link_closed(request: AnyRequest, error: LinkClosed) -> Response[str]:
    """One sentence and nothing else."""
    return render(request, "public/sharing/show_closed.html", status=404)


def _opened(
    request: AnyRequest, session: Session, share: ShareView, home: str, by: str, at: datetime
) -> Opened:
    part: Part | None = request.route_handler.opt["part"]
    if part is not None and part not in share.parts:
        raise _unknown()
    query, path = request.query_params, request.path_params
    own = sharing.contracts_of(session, share)
    contract = chosen(own, str(path["contract_id"]) if "contract_id" in path
                      else query.get("contract"))  # fmt: skip
    note_access(
        session, share_id=share.id, part=part, file_format=_format(request),
        subject=_subject(session, request, contract),
        contract_id=contract.id if part is not None else None,
        from_on=_day(query.get("from") or f"{query.get('month', '')}-01"),
        to_on=_day(query.get("to")), address=client_address(request), at=at,
    )  # fmt: skip
    return Opened(share, Scope(contract, own, home, share), by, pages.current().language)


def _subject(session: Session, request: AnyRequest, contract: ContractView) -> str | None:
    """The number of the remittance whose paper is opened, if one is. Raises ``NotFound``."""
    named: int | None = request.path_params.get("remittance_id")
    if named is None:
        return None
    row = receivables.remittance(session, named, client_id=contract.client_id).remittance
    if row.contract_id != contract.id:
        raise _unknown()
    return row.reference


def _format(request: AnyRequest) -> str | None:
    """The kind of file asked for, if it is one."""
    opt = request.route_handler.opt
    named: str | None = opt.get("format") or request.path_params.get("file_format")
    asked = request.query_params.get("format")
    return named[:20] if named else asked if asked in FORMATS else None


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _unknown() -> NotFound:
    return NotFound("share_unknown", "There is no such share")


def _closed() -> LinkClosed:
    return LinkClosed("link_closed", "This link does not work, or no longer")
