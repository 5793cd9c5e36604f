"""What each column of a client's file of invoices is: shown as found or as told last, read back."""

from __future__ import annotations

from typing import Any

from cessio.kernel.errors import NotFound
from cessio.receivables.formats.tabular import CONSTANTS, DateOrder, Decimals, Field, Mapping
from cessio.receivables.queries import MappingView, RemittanceRow
from cessio.receivables.rules import RemittanceState
from cessio.web.forms import Form, chosen, integer, one_of, text
from cessio.web.render import _
from cessio.web.words import label

#: The columns every file of invoices has, and whether one must be named; then the others.
MAIN = {
    Field.NUMBER: True, Field.DEBTOR_SIREN: False, Field.DEBTOR_NAME: False,
    Field.ISSUE_DATE: True, Field.DUE_DATE: False, Field.AMOUNT: False,
}  # fmt: skip
OTHERS = tuple(field for field in Field if field not in MAIN)
#: What every line may say alike, in the order the page asks it.
SAME = tuple(field for field in Field if field in CONSTANTS)


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
    said = stored.get("constants") or {}
    values |= {f"constant_{name}": value for name, value in said.items()}
    values["header_line"] = str(stored["header_line"] or "")
    return values | {"date_order": stored["date_order"], "decimals": stored["decimals"] or "auto"}


def told(form: Form, row: RemittanceRow, *, headings: bool = False) -> Mapping:
    """The columns a person told; its faults are in the form. Raises ``NotFound``.

    ``headings``: the form says on which line the headings are; else where they were found.
    """
    proposal = _proposal(row)
    places = {str(column["index"]) for column in proposal["columns"]}
    columns = {}
    for name in (*MAIN, *OTHERS):
        place = form.maybe(f"column_{name.value}", one_of(places))
        if place is not None:
            columns[name] = int(place)
    found = proposal["mapping"]
    line = form.maybe("header_line", integer(0, 50)) if headings else found["header_line"]
    return _mapping(form, columns, found["sheet"], line or None)


def told_of(form: Form, view: MappingView) -> Mapping:
    """A remembered mapping as a person changed it, without a file at hand."""
    places = {str(place) for place, _name in _headings(view)}
    columns = {}
    for name in (*MAIN, *OTHERS):
        place = form.maybe(f"column_{name.value}", one_of(places))
        if place is not None:
            columns[name] = int(place)
    return _mapping(form, columns, view.mapping.get("sheet"), view.mapping.get("header_line"))


def _mapping(
    form: Form, columns: dict[Field, int], sheet: str | None, header_line: int | None
) -> Mapping:
    order = form.need("date_order", chosen(DateOrder))
    decimals = form.need("decimals", one_of({"auto", *Decimals}))
    constants = {}
    for name in SAME:
        value = form.maybe(f"constant_{name.value}", text(80))
        if value is not None and name not in columns:
            constants[name] = value
    return Mapping(
        columns, order, Decimals(decimals) if decimals not in (None, "auto") else None,
        sheet, header_line, constants,
    )  # fmt: skip


def initial_of(view: MappingView) -> dict[str, str]:
    """The form of a remembered mapping."""
    stored = view.mapping
    values = {f"column_{name}": str(column) for name, column in stored["columns"].items()}
    said = stored.get("constants") or {}
    values |= {f"constant_{name}": value for name, value in said.items()}
    return values | {"date_order": stored["date_order"], "decimals": stored["decimals"] or "auto"}


def choices_of(view: MappingView, form: Form) -> dict[str, Any]:
    """What the page of a remembered mapping shows: fields and their options."""
    return {
        **_common(form), "form": form, "view": view,
        "options": [(str(place), name) for place, name in _headings(view)],
    }  # fmt: skip


def _headings(view: MappingView) -> list[tuple[int, str]]:
    """Each column of the file by its place: its heading, or its letter."""
    last = max([len(view.names) - 1, *view.mapping["columns"].values()])
    return [
        (place, (view.names[place] if place < len(view.names) else None) or _letters(place))
        for place in range(last + 1)
    ]


def _common(form: Form) -> dict[str, Any]:
    return {
        "fields": [(name, label(name), required) for name, required in MAIN.items()],
        "others": [(name, label(name)) for name in OTHERS],
        "same": [(name, label(name)) for name in SAME],
        "others_used": any(form.raw(f"column_{name.value}") for name in OTHERS),
        "same_used": any(form.raw(f"constant_{name.value}") for name in SAME),
        "orders": [(one.value, label(one)) for one in DateOrder],
        "decimals": [("auto", _("Found in each column")),
                     *((one.value, label(one)) for one in Decimals)],
    }  # fmt: skip


def choices(row: RemittanceRow, form: Form) -> dict[str, Any]:
    """What the page of the columns shows: fields, their options, samples. Raises ``NotFound``."""
    proposal = _proposal(row)
    columns = proposal["columns"]
    return {
        "row": row, "form": form, "columns": columns, "missing": proposal["missing"],
        "options": [(str(one["index"]), _column_name(one)) for one in columns],
        **_common(form),
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
