"""Tables of receivables as clients export them: CSV, XLSX, XLS, ODS, in any order of columns."""

from cessio.receivables.formats.tabular.confined import receive_table
from cessio.receivables.formats.tabular.header import Field, Header
from cessio.receivables.formats.tabular.proposing import (
    Column,
    Proposal,
    Table,
    propose,
    read_table,
)
from cessio.receivables.formats.tabular.reading import (
    CONSTANTS,
    Lines,
    Mapping,
    MappingInvalid,
    Note,
    check_mapping,
    missing,
    read_lines,
)
from cessio.receivables.formats.tabular.records import FileRefused, Records
from cessio.receivables.formats.tabular.values import DateOrder, Decimals

__all__ = [
    "CONSTANTS",
    "Column",
    "DateOrder",
    "Decimals",
    "Field",
    "FileRefused",
    "Header",
    "Lines",
    "Mapping",
    "MappingInvalid",
    "Note",
    "Proposal",
    "Records",
    "Table",
    "check_mapping",
    "missing",
    "propose",
    "read_lines",
    "read_table",
    "receive_table",
]
