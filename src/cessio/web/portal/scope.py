"""Which contract a client user looks at: one of its own, chosen in the address."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from cessio.contracts import queries as contracts
from cessio.contracts.queries import ContractView
from cessio.identity import Signed
from cessio.kernel.errors import NotFound
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


def scope_of(request: AnyRequest, session: Session, signed: Signed) -> Scope:
    """The contract of ``?contract=``, or the client's first. Raises ``NotFound``."""
    own = contracts.contracts(session, client_id=signed.client_id)
    asked = request.query_params.get("contract")
    chosen = [one for one in own if asked is None or str(one.id) == asked]
    if signed.client_id is None or not chosen:
        raise NotFound("contract_unknown", "There is no such contract")
    return Scope(chosen[0], own)
