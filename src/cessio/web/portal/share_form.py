"""The form of a share: read once to be shown in plain words, and again to be given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from cessio.contracts import queries as contracts
from cessio.contracts.queries import ContractView
from cessio.sharing import Invited, Kind, Made, Part, ShareRole, share_by_link, share_with_guest
from cessio.sharing.operations import Reader
from cessio.sharing.rules import share_problems
from cessio.web.forms import Form, chosen, day, integer, one_of, text
from cessio.web.readers import email


@dataclass(frozen=True, slots=True)
class Asked:
    """A share as somebody asked for it; ``contract_ids`` is all contracts when ``None``."""

    kind: Kind
    role: ShareRole
    name: str
    firm: str
    email: str
    language: str
    parts: tuple[Part, ...]
    contract_ids: tuple[int, ...] | None
    contracts: tuple[ContractView, ...]
    until_on: date

    @staticmethod
    def own(session: Session, client_id: int) -> tuple[ContractView, ...]:
        """The contracts to choose among."""
        return contracts.contracts(session, client_id=client_id)

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The same as hidden fields of a form."""
        pairs = [
            ("kind", self.kind.value), ("role", self.role.value), ("name", self.name),
            ("firm", self.firm), ("email", self.email), ("language", self.language),
            ("until_on", self.until_on.isoformat()),
            *(("part", part.value) for part in self.parts),
            *(("contract", str(one)) for one in self.contract_ids or ()),
            ("every", "yes" if self.contract_ids is None else ""),
        ]  # fmt: skip
        return [(name, value) for name, value in pairs if value]


def read(form: Form, session: Session, client_id: int, on: date) -> Asked | None:
    """What the form asks for; ``None`` when something of it is wrong, which the form then says."""
    kind = form.need("kind", chosen(Kind))
    role = form.need("role", chosen(ShareRole))
    name = form.need("name", text(120))
    firm = form.maybe("firm", text(120)) or ""
    address = form.need("email", email()) if form.raw("kind") == Kind.GUEST else None
    language = form.need("language", one_of({"fr", "en"}))
    parts = form.many("part", chosen(Part))
    chosen_ids, every = form.many("contract", integer()), form.flag("every")
    until_on = form.need("until_on", day())
    if not form.valid():
        return None
    own = Asked.own(session, client_id)
    ids = None if every else tuple(chosen_ids)
    problems = share_problems(
        name=name, firm=firm, parts=parts, contract_ids=ids,
        own_contracts=[one.id for one in own], until_on=until_on, on=on,
    )  # fmt: skip
    for problem in problems:
        form.refuse(problem)
    if problems:
        return None
    return Asked(
        kind=kind, role=role, name=name, firm=firm, email=address or "", language=language,
        parts=tuple(part for part in Part if part in parts), contract_ids=ids,
        contracts=tuple(one for one in own if ids is None or one.id in ids), until_on=until_on,
    )  # fmt: skip


def share(
    session: Session, client_id: int, asked: Asked, *, by: str, at: datetime
) -> Invited | Made:
    """Give what was asked for."""
    reader = Reader(asked.name, asked.firm, asked.role, asked.language, asked.email)
    if asked.kind is Kind.LINK:
        return share_by_link(
            session, client_id=client_id, reader=reader, parts=asked.parts,
            contract_ids=asked.contract_ids, until_on=asked.until_on, by=by, at=at,
        )  # fmt: skip
    return share_with_guest(
        session, client_id=client_id, reader=reader, parts=asked.parts,
        contract_ids=asked.contract_ids, until_on=asked.until_on, by=by, at=at,
    )  # fmt: skip
