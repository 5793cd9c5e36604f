"""Whose book a client user looks at: its own, one contract of it chosen in the address."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from cessio.contracts import queries as contracts
from cessio.contracts.queries import ContractView
from cessio.identity import Signed
from cessio.kernel.errors import NotFound
from cessio.kernel.paging import PageRequest, page_request
from cessio.web.requests import AnyRequest


@dataclass(frozen=True, slots=True)
class Scope:
    """The contract looked at, and the client's others to switch to."""

    contract: ContractView
    contracts: tuple[ContractView, ...]

    @property
    def client_id(self) -> int:
        """Whose it is."""
        return self.contract.client_id

    @property
    def currency(self) -> str:
        """The contract's."""
        return self.contract.currency


def client_of(signed: Signed) -> int:
    """The client a portal user belongs to; nothing is read without one. Raises ``NotFound``."""
    if signed.client_id is None:
        raise NotFound("client_unknown", "There is no such client")
    return signed.client_id


def scope_of(request: AnyRequest, session: Session, signed: Signed) -> Scope:
    """The contract of ``?contract=``, or the client's first. Raises ``NotFound``."""
    own = contracts.contracts(session, client_id=client_of(signed))
    asked = request.query_params.get("contract")
    chosen = [one for one in own if asked is None or str(one.id) == asked]
    if not chosen:
        raise NotFound("contract_unknown", "There is no such contract")
    return Scope(chosen[0], own)


def own_contract(session: Session, signed: Signed, contract_id: int) -> Scope:
    """The same for a contract named in the path. Raises ``NotFound``."""
    own = contracts.contracts(session, client_id=client_of(signed))
    chosen = [one for one in own if one.id == contract_id]
    if not chosen:
        raise NotFound("contract_unknown", "There is no such contract")
    return Scope(chosen[0], own)


def paging(request: AnyRequest, *, limit: int | None = None) -> PageRequest:
    """The page asked for by ``after`` or ``before``."""
    asked = request.query_params
    return page_request(limit=limit, after=asked.get("after"), before=asked.get("before"))
