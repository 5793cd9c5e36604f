"""Statements that are kept, and how often they are made: the same for the portal and the office."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Response
from sqlalchemy.orm import Session

from cessio import documents
from cessio.contracts.queries import ContractView
from cessio.delivery import queries as delivery
from cessio.kernel.errors import CessioError, NotFound
from cessio.plumbing.i18n import LANGUAGES
from cessio.statements import queries, set_order
from cessio.statements.formats import NAMES
from cessio.statements.rules.rhythm import Rhythm, Wanted
from cessio.web.exports import file_response
from cessio.web.forms import Form, chosen, one_of, text

#: What people read first, then what programs do.
FORMATS = [(one.value, name) for one, name in NAMES.items()]


def kept_facts(session: Session, contract: ContractView) -> dict[str, Any]:
    """What the panel of a contract's kept statements shows."""
    held = queries.order_of(session, contract.id)
    return {
        "kept": queries.kept_periods(session, contract_id=contract.id,
                                     client_id=contract.client_id),
        "order": held, "format_names": dict(FORMATS),
        "folder": delivery.recipient_of_client(session, contract.client_id),
    }  # fmt: skip


def order_form(session: Session, contract: ContractView) -> Form:
    """The form filled with what holds."""
    held = queries.order_of(session, contract.id).wanted
    return Form(rhythm=held.rhythm.value, format=",".join(held.formats), language=held.language)


def save_order(
    session: Session, contract: ContractView, form: Form, *, by: str, at: datetime
) -> bool:
    """Keep what a form says; its faults are in the form."""
    rhythm, language = form.need("rhythm", chosen(Rhythm)), form.need("language", one_of(LANGUAGES))
    formats = tuple(form.many("format", text(12)))
    if not form.valid():
        return False
    try:
        set_order(session, contract_id=contract.id, by=by, at=at,
                  wanted=Wanted(rhythm, formats, language))  # fmt: skip
    except CessioError as error:
        form.refuse(error)
        return False
    return True


def kept_file(
    session: Session, kept_id: int, *, contract_id: int, file_format: str
) -> Response[bytes]:
    """A file of a contract as it was made. Raises ``NotFound`` for any other."""
    kept = queries.kept_statement(session, kept_id)
    if (kept.contract_id, kept.format) != (contract_id, file_format):
        raise NotFound("statement_unknown", "There is no such statement")
    found = documents.read(session, kept.document_id)
    return file_response(found.content, found.filename, found.media_type)
