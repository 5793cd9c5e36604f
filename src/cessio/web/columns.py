"""What each column of a client's file of invoices is: shown as found or as told last, read back."""

from __future__ import annotations

from typing import Any

from cessio.kernel.errors import NotFound
from cessio.receivables.formats.tabular import DateOrder, Decimals, Field, Mapping
from cessio.receivables.queries import RemittanceRow
from cessio.receivables.rules import RemittanceState
from cessio.web.forms import Form, chosen, one_of
from cessio.web.render import _
from cessio.web.words import label

#: The columns every file of invoices has, and whether one must be named; then the others.
MAIN = {
    Field.NUMBER: True, Field.DEBTOR_SIREN: False, Field.DEBTOR_NAME: False,
    Field.ISSUE_DATE: True, Field.DUE_DATE: False, Field.AMOUNT: False,
}  # fmt: skip
OTHERS = tuple(field for field in Field if field not in MAIN)


def waits_for_columns(row: RemittanceRow) -> bool:
    """Whether a draft has a file of which no line could be read yet."""
    return (
        row.state is RemittanceState.DRAFT and row.line_count == 0 and row.document_id is not None
    )


def initial(row: RemittanceRow) -> dict[str, str]:
    """The form as found in the file, or as it was read last. Raises ``NotFound``."""
    proposal = _proposal(row)
    stored = (row.mapping or {}).get("used") or proposal["mapping"]
    values = {f"column_{name}": str(column) for name, column in stored["columns"].items()}
    return values | {"date_order": stored["date_order"], "decimals": stored["decimals"] or "auto"}


def told(form: Form, row: RemittanceRow) -> Mapping:
    """The columns a person told; its faults are in the form. Raises ``NotFound``."""
    proposal = _proposal(row)
    places = {str(column["index"]) for column in proposal["columns"]}
    columns = {}
    for name in (*MAIN, *OTHERS):
        place = form.maybe(f"column_{name.value}", one_of(places))
        if place is not None:
            columns[name] = int(place)
    order = form.need("date_order", chosen(DateOrder))
    decimals = form.need("decimals", one_of({"auto", *Decimals}))
    found = proposal["mapping"]
    return Mapping(
        columns, order, Decimals(decimals) if decimals not in (None, "auto") else None,
        found["sheet"], found["header_line"],
    )  # fmt: skip


def choices(row: RemittanceRow, form: Form) -> dict[str, Any]:
    """What the page of the columns shows: fields, their options, samples. Raises ``NotFound``."""
    proposal = _proposal(row)
    columns = proposal["columns"]
    return {
        "row": row, "form": form, "columns": columns, "missing": proposal["missing"],
        "options": [(str(one["index"]), _column_name(one)) for one in columns],
        "fields": [(name, label(name), required) for name, required in MAIN.items()],
        "others": [(name, label(name)) for name in OTHERS],
        "others_used": any(form.raw(f"column_{name.value}") for name in OTHERS),
        "orders": [(one.value, label(one)) for one in DateOrder],
        "decimals": [("auto", _("Found in each column")),
                     *((one.value, label(one)) for one in Decimals)],
    }  # fmt: skip


def _proposal(row: RemittanceRow) -> dict[str, Any]:
    if row.document_id is None or row.mapping is None:
        raise NotFound("no_file", "this remittance does not come from a file")
    proposal: dict[str, Any] = row.mapping["proposal"]
    return proposal


def _column_name(column: dict[str, Any]) -> str:
    """The heading of a column, or its letter as spreadsheets count, with a sample."""
    name = column["name"] or _letters(column["index"])
    sample = column["samples"][0] if column["samples"] else ""
    return f"{name} ({sample[:24]})" if sample else str(name)


def _letters(index: int) -> str:
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(65 + rest) + text
    return text
