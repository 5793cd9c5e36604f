"""Remittances that come as files: stored as sent, their columns found or asked, lines read."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from cessio import audit, documents
from cessio.kernel.calendar import business_date
from cessio.plumbing.deferred import deferred
from cessio.receivables import queries
from cessio.receivables.bulk import lines
from cessio.receivables.formats import tabular
from cessio.receivables.formats.tabular import Field, Mapping, Proposal, Table
from cessio.receivables.models import ColumnMapping, Remittance
from cessio.receivables.operations.drafts import keep, open_contract, open_draft, require
from cessio.receivables.queries.facts import ContractFacts
from cessio.receivables.rules import RemittanceState, Source

if TYPE_CHECKING:
    import polars as pl
else:
    pl = deferred("polars")


_MEDIA_TYPES = {
    "csv": "text/csv",
    "txt": "text/plain",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xls": "application/vnd.ms-excel",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
}


@dataclass(frozen=True, slots=True)
class DraftCreated:
    """A draft made of a file. ``mapping_needed``: it has no line until its columns are told."""

    remittance_id: int
    mapping_needed: bool
    proposal: Proposal


def draft_from_file(
    session: Session, *, contract_id: int, data: bytes, filename: str,
    mapping: Mapping | None = None, by: str, at: datetime,
) -> DraftCreated:  # fmt: skip
    """Store a file and read it into a draft.

    Its columns are those of ``mapping``, else those remembered for the client's files of this
    shape, else those found if that is sure; otherwise the draft waits for ``apply_mapping``.
    Raises ``FileRefused``, ``MappingInvalid``, ``ContractNotOpen``.
    """
    on = business_date(at)
    facts = open_contract(session, contract_id, on=on)
    table = tabular.receive_table(data, sheet=mapping.sheet if mapping else None)
    proposal = tabular.propose(table, french=facts.language == "fr", today=on)
    remittance = open_draft(
        session, facts=facts, source=Source.FILE, filename=filename[:180], by=by, at=at
    )
    stored = documents.store(
        session, kind="remittance_file", subject_kind="remittance", subject_id=remittance.id,
        filename=filename, media_type=_media_type(filename), content=data,
        client_id=facts.client_id, by=by, at=at,
    )  # fmt: skip
    remittance.document_id = stored.id
    known = mapping or _remembered(session, facts, table, proposal)
    if known is None and proposal.sure:
        known = proposal.mapping
    _fill(session, remittance, facts, table, proposal, known)
    if mapping is not None:
        _remember(session, facts, table, mapping, by=by, at=at)
    return DraftCreated(remittance.id, known is None, proposal)


def apply_mapping(
    session: Session, *, remittance_id: int, mapping: Mapping, by: str, at: datetime
) -> DraftCreated:
    """Read a draft's file again with the columns a person told, and remember them.

    Corrections made to its lines are lost. Raises ``WrongState``, ``MappingInvalid``.
    """
    remittance = queries.locked_remittance(session, remittance_id)
    require(remittance, RemittanceState.DRAFT)
    on = business_date(at)
    facts = queries.contract_facts(session, remittance.contract_id, on=on)
    table, proposal = _again(session, remittance, facts, mapping, at)
    lines.forget(session, remittance_id)
    _fill(session, remittance, facts, table, proposal, mapping)
    _remember(session, facts, table, mapping, by=by, at=at)
    audit.record(
        session, verb="remittance.map", subject_kind="remittance", subject_id=remittance_id,
        after=mapping.stored(), by=by, at=at, client_id=facts.client_id,
    )  # fmt: skip
    return DraftCreated(remittance_id, False, proposal)


@dataclass(frozen=True, slots=True)
class Previewed:
    """What a mapping would read of a file: counts, the sum of the amounts, and some lines.

    ``first`` are its first lines and ``faulty`` the first that could not be read whole, each with
    its values by name and the codes of its faults.
    """

    line_count: int
    fault_count: int
    amount_minor: int
    first: tuple[dict[str, Any], ...]
    faulty: tuple[dict[str, Any], ...]
    notes: tuple[tabular.Note, ...]


_SHOWN = ("line", "kind", "number", "debtor_siren", "debtor_vat", "debtor_name", "issue_date",
          "due_date", "amount_minor", "vat_minor", "currency")  # fmt: skip


def preview_mapping(
    session: Session, *, remittance_id: int, mapping: Mapping, at: datetime, most: int = 8
) -> Previewed:
    """Read a draft's file with a mapping and keep nothing. Raises as ``apply_mapping`` does."""
    remittance = queries.locked_remittance(session, remittance_id)
    require(remittance, RemittanceState.DRAFT)
    facts = queries.contract_facts(session, remittance.contract_id, on=business_date(at))
    table, _proposal = _again(session, remittance, facts, mapping, at)
    header = table.with_header(mapping.header_line).header
    read = tabular.read_lines(table.records, header, mapping, currency=facts.currency)
    frame = read.frame
    faulty = frame.filter(pl.col("faults").is_not_null())
    return Previewed(
        frame.height, faulty.height, int(frame["amount_minor"].sum() or 0),
        _shown(frame.head(most)), _shown(faulty.head(most)), read.notes,
    )  # fmt: skip


def _shown(frame: pl.DataFrame) -> tuple[dict[str, Any], ...]:
    return tuple(
        {**{name: row[name] for name in _SHOWN}, "faults": json.loads(row["faults"] or "[]")}
        for row in frame.iter_rows(named=True)
    )


def change_mapping(
    session: Session, *, mapping_id: int, mapping: Mapping, by: str, at: datetime
) -> None:
    """Change how a client's files of one shape are read from now on. Raises ``NotFound``."""
    row = queries.locked_mapping(session, mapping_id)
    if lacks := tabular.missing(mapping.told):
        raise tabular.MappingInvalid(
            "mapping_incomplete", "no column is named for: {fields}", field=lacks[0],
            fields=", ".join(lacks),
        )  # fmt: skip
    before, after = row.mapping, {**mapping.stored(), "names": row.mapping.get("names")}
    row.mapping, row.saved_at, row.saved_by = after, at, by
    session.flush()
    audit.record(session, verb="mapping.change", subject_kind="column_mapping",
                 subject_id=mapping_id, before=before, after=after, by=by, at=at,
                 client_id=row.client_id)  # fmt: skip


def forget_mapping(session: Session, *, mapping_id: int, by: str, at: datetime) -> None:
    """Forget how a client's files of one shape are read: the next asks again."""
    row = queries.locked_mapping(session, mapping_id)
    audit.record(session, verb="mapping.forget", subject_kind="column_mapping",
                 subject_id=mapping_id, before=row.mapping, by=by, at=at,
                 client_id=row.client_id)  # fmt: skip
    session.delete(row)
    session.flush()


def _again(
    session: Session, remittance: Remittance, facts: ContractFacts, mapping: Mapping, at: datetime,
) -> tuple[Table, Proposal]:  # fmt: skip
    assert remittance.document_id is not None
    data = documents.read(session, remittance.document_id).content
    table = tabular.receive_table(data, sheet=mapping.sheet)
    french = facts.language == "fr"
    return table, tabular.propose(table, french=french, today=business_date(at))


def _remembered(
    session: Session, facts: ContractFacts, table: Table, proposal: Proposal
) -> Mapping | None:
    """The columns a person told for such files; dates and decimals as this file writes them."""
    hashes = table.hashes()
    stored = queries.remembered_mapping(
        session, client_id=facts.client_id, header_hashes=list(hashes)
    )
    if stored is None:
        return None
    header_hash, told = stored
    known, found = Mapping.read(told), proposal.mapping
    line = hashes[header_hash]
    unclear = line != found.header_line or any(
        note.code == "dates_ambiguous" for note in proposal.notes
    )
    return replace(
        known, sheet=found.sheet, header_line=line,
        decimals=known.decimals if unclear else found.decimals,
        date_order=known.date_order if unclear else found.date_order,
    )  # fmt: skip


def _remember(
    session: Session, facts: ContractFacts, table: Table, mapping: Mapping, *, by: str,
    at: datetime,
) -> None:  # fmt: skip
    if mapping.header_line is None:
        return
    header = table.with_header(mapping.header_line).header
    stored = {**mapping.stored(), "names": list(header.names)}
    values: dict[str, Any] = {"mapping": stored, "saved_at": at, "saved_by": by}
    session.execute(
        insert(ColumnMapping)
        .values(client_id=facts.client_id, header_hash=header.hash, **values)
        .on_conflict_do_update(index_elements=["client_id", "header_hash"], set_=values)
    )


def _fill(
    session: Session, remittance: Remittance, facts: ContractFacts, table: Table,
    proposal: Proposal, mapping: Mapping | None,
) -> None:  # fmt: skip
    """Read the lines with a mapping if there is one; keep what was proposed beside it."""
    told: dict[str, Any] = {"proposal": proposal.stored(), "used": None, "notes": []}
    if mapping is not None:
        header = table.with_header(mapping.header_line).header
        read = tabular.read_lines(table.records, header, mapping, currency=facts.currency)
        lines.stage_frame(session, _with_names(session, read.frame, mapping))
        notes = [*proposal.notes, *read.notes]
        told |= {"used": mapping.stored(), "notes": [note.stored() for note in notes]}
        remittance.mapping = told
        keep(session, remittance, facts)
    else:
        remittance.mapping = told
    session.flush()


def _with_names(session: Session, frame: pl.DataFrame, mapping: Mapping) -> pl.DataFrame:
    """Where a file names its debtors by name alone, the debtors that bear exactly that name."""
    if {Field.DEBTOR_SIREN, Field.DEBTOR_VAT} & mapping.told:
        return frame
    names = frame["debtor_name"].drop_nulls().unique().to_list()
    known = lines.debtors_by_name(session, names)
    found = frame["debtor_name"].replace_strict(known, default=None, return_dtype=pl.Int64)
    said = pl.lit('{"code": "debtor_by_name"}')
    before = pl.col("faults").str.strip_suffix("]")
    marked = pl.when(pl.col("faults").is_null()).then(
        pl.concat_str(pl.lit("["), said, pl.lit("]"))
    ).otherwise(pl.concat_str(before, pl.lit(", "), said, pl.lit("]")))  # fmt: skip
    with_id = frame.with_columns(found.alias("debtor_id"))
    return with_id.with_columns(
        pl.when(pl.col("debtor_id").is_not_null()).then(marked).otherwise("faults").alias("faults")
    )


def _media_type(filename: str) -> str:
    return _MEDIA_TYPES.get(filename.rpartition(".")[2].lower(), "application/octet-stream")
