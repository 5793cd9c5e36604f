"""What comes from outside is read in a child process: nobody calls a parser where money is."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module

from tests.house.sources import Module, calls, imports, modules

#: What reads bytes of other people, by module. A new one is named here, and called confined.
READERS = {
    "cessio.banking.formats.camt": {"read_camt"},
    "cessio.banking.formats.pain002": {"read_pain002"},
    "cessio.contracts.formats.fixings": {"read_fixings"},
    "cessio.correspondence.returned": {"read_report"},
    "cessio.funding.formats.payee_answers": {"read_answers"},
    "cessio.receivables.formats.tabular": {"read_table"},
    "cessio.receivables.formats.tabular.confined": {"read_packed"},
    "cessio.screening.formats": {"read_list"},
}

#: Takes bytes and needs no child: the confined call itself, and our own sealed files.
BOUNDED = {
    "cessio.banking.formats.pain001.payments_of",
    "cessio.contracts.formats.fixings.receive_fixings",
    "cessio.closing.formats.seals.code",
    "cessio.closing.formats.seals.read",
}

#: Libraries that read formats, and the files of ours that may name them for anything else.
PARSERS = (
    "lxml", "zipfile", "tarfile", "gzip", "bz2", "lzma", "fastexcel", "openpyxl", "pypdf", "xml",
    "email.parser", "mailbox", "csv", "plistlib", "tomllib", "PIL", "yaml",
)  # fmt: skip
MAY_NAME = {
    "plumbing/xml", "plumbing/csv", "plumbing/archive", "web/backoffice/dunning_letters",
}  # fmt: skip


def test_every_reader_is_called_confined_and_nowhere_else() -> None:
    names = set().union(*READERS.values())
    faults = []
    for module in modules():
        for line, called in calls(module):
            if called.rpartition(".")[2] in names and not _reads(module):
                faults.append(f"{module.name}:{line} calls {called}")
    assert not faults, "say confined.read(reader, data, …)"
    said = {name for module in modules() for name in _confined(module)}
    assert said | {"read_table"} == names, "read_packed calls read_table"


def test_readers_are_functions_of_their_modules_that_take_bytes() -> None:
    for module, names in READERS.items():
        for name in names:
            first = next(iter(getattr(import_module(module), name).__annotations__.values()))
            assert first in ("bytes", bytes), f"{module}.{name}"


def test_what_is_taken_from_formats_and_reads_bytes_is_known() -> None:
    known = {f"{module}.{name}" for module, names in READERS.items() for name in names}
    found = {
        name
        for module in modules() if not _reads(module)
        for _, name in imports(module) if ".formats." in name and _takes_bytes(name)
    }  # fmt: skip
    assert found - known <= BOUNDED


def test_only_readers_name_a_library_that_reads_formats() -> None:
    faults = [
        f"{module.name}:{line} imports {name}"
        for module in modules()
        for line, name in imports(module)
        if any(name == one or name.startswith(f"{one}.") for one in PARSERS)
        and "formats" not in module.parts and "/".join(module.parts) not in MAY_NAME
    ]  # fmt: skip
    assert not faults


def _reads(module: Module) -> bool:
    return "formats" in module.parts


def _takes_bytes(name: str) -> bool:
    place, _, last = name.rpartition(".")
    try:
        found = getattr(import_module(place), last, None)
    except ModuleNotFoundError:
        return False
    return next(iter(getattr(found, "__annotations__", {}).values()), None) in ("bytes", bytes)


def _confined(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "confined.read":
            yield ast.unparse(node.args[0]).rpartition(".")[2]
