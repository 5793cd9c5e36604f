"""Whose book is looked at: a user's own client's, or a share of one; one contract of it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from cessio.contracts import queries as contracts
from cessio.contracts.queries import ContractView
from cessio.identity import Signed
from cessio.kernel.errors import NotFound
from cessio.kernel.paging import PageRequest, page_request
from cessio.sharing import ShareView
from cessio.web.requests import AnyRequest
from cessio.web.words import label


@dataclass(frozen=True, slots=True)
class Scope:
    """The contract looked at, and the client's others to switch to."""

    contract: ContractView
    contracts: tuple[ContractView, ...]
    #: Where its pages are; and the share by which an outsider reads them, if one does.
    home: str = "/portal"
    share: ShareView | None = None

    @property
    def client_id(self) -> int:
        """Whose it is."""
        return self.contract.client_id

    @property
    def currency(self) -> str:
        """The contract's."""
        return self.contract.currency

    @property
    def layout(self) -> str:
        """The frame of its pages."""
        return "layouts/portal.html" if self.share is None else "layouts/shared.html"

    def shows(self, part: str) -> bool:
        """Whether the reader may open a part of the book: a share shows what it names."""
        return self.share is None or part in self.share.parts

    @property
    def tabs(self) -> list[tuple[str, str]]:
        """The pages of a share: its words and their addresses."""
        if self.share is None:
            return []
        return [(label(part), f"{self.home}/{part.value}") for part in self.share.parts]

    def tab_of(self, path: str) -> str | None:
        """The tab under which a page stands: its own, or that of the page it belongs to."""
        under = (address for _, address in self.tabs if f"{path}/".startswith(f"{address}/"))
        return next(under, None)


def client_of(signed: Signed) -> int:
    """The client a portal user belongs to; nothing is read without one. Raises ``NotFound``."""
    if signed.client_id is None:
        raise NotFound("client_unknown", "There is no such client")
    return signed.client_id


def scope_of(request: AnyRequest, session: Session, signed: Signed) -> Scope:
    """The contract of ``?contract=``, or the client's first. Raises ``NotFound``."""
    own = contracts.contracts(session, client_id=client_of(signed))
    return Scope(chosen(own, request.query_params.get("contract")), own)


def chosen(own: tuple[ContractView, ...], asked: str | None) -> ContractView:
    """The contract of an id, or the first. Raises ``NotFound``."""
    found = next((one for one in own if asked is None or str(one.id) == asked), None)
    if found is None:
        raise NotFound("contract_unknown", "There is no such contract")
    return found


def own_contract(session: Session, signed: Signed, contract_id: int) -> Scope:
    """The same for a contract named in the path. Raises ``NotFound``."""
    own = contracts.contracts(session, client_id=client_of(signed))
    return Scope(chosen(own, str(contract_id)), own)


def paging(request: AnyRequest, *, limit: int | None = None) -> PageRequest:
    """The page asked for by ``after`` or ``before``."""
    asked = request.query_params
    return page_request(limit=limit, after=asked.get("after"), before=asked.get("before"))
