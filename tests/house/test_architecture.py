"""Who may import, commit, read the clock and touch money how (architecture.md, twenty rules)."""

from __future__ import annotations

import ast

from tests.house.sources import BASE, EDGE, Module, calls, capabilities, imports, modules

CLOCK = frozenset(
    {
        "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time",
        "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.date.today",
        "time.time_ns", "clock.now", "clock.today",
    }
)  # fmt: skip


def _below_the_edge() -> list[Module]:
    return [module for module in modules() if module.capability not in EDGE | {"__init__"}]


def test_only_queries_and_bulk_import_another_capabilitys_models() -> None:
    words = capabilities()
    faults = []
    for module in modules():
        if module.capability == "__init__" or module.role in {"queries", "bulk"}:
            continue
        for line, name in imports(module):
            parts = name.split(".")
            if len(parts) < 3 or parts[0] != "cessio" or parts[2] != "models":
                continue
            if parts[1] in words and parts[1] != module.capability:
                faults.append(f"{module.name}:{line} imports {name}")
    assert not sorted(set(faults))


def test_nobody_outside_plumbing_ends_a_transaction() -> None:
    ends = {"commit", "rollback"}
    faults = [
        f"{module.name}:{line} calls {name}"
        for module in modules()
        if module.capability != "plumbing"
        for line, name in calls(module)
        if name.rpartition(".")[2] in ends and "." in name
    ]
    assert not faults


def test_nobody_below_the_edge_reads_the_clock() -> None:
    faults = [
        f"{module.name}:{line} calls {name}"
        for module in _below_the_edge()
        if module.capability != "plumbing"
        for line, name in calls(module)
        if name in CLOCK
    ]
    assert not faults


def test_sql_below_the_edge_does_not_read_the_clock_either() -> None:
    """``now()`` of the database is a clock: the instant comes with the call."""
    faults = [
        f"{module.name}:{line} calls {name}"
        for module in _below_the_edge()
        if module.capability not in BASE
        for line, name in calls(module)
        if name in {"func.now", "func.current_timestamp", "func.current_date", "func.localtime"}
    ]
    assert not faults


def test_no_float_touches_money() -> None:
    """No ``float`` in a capability that knows amounts, and no float literal where it decides.

    A bulk search may compare a similarity of names with 0.6; a rule may not.
    """
    faults = []
    for module in _below_the_edge():
        if module.capability in {"plumbing", "identity", "audit"}:
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Name) and node.id == "float":
                faults.append(f"{module.name}:{node.lineno} says float")
            literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
            if literal and (module.role in {"rules", "models"} or module.capability == "kernel"):
                faults.append(f"{module.name}:{node.lineno} has a float literal")
    assert not faults


def test_rules_are_pure() -> None:
    """Decisions import neither the database nor any input or output."""
    impure = ("sqlalchemy", "psycopg", "litestar", "dramatiq", "httpx2", "cessio.plumbing", "os")
    faults = [
        f"{module.name}:{line} imports {name}"
        for module in modules()
        if module.role == "rules" or module.capability == "kernel"
        for line, name in imports(module)
        if any(name == root or name.startswith(f"{root}.") for root in impure)
    ]
    assert not faults


def test_an_operation_says_who_and_when_by_keyword() -> None:
    """``by`` and ``at`` of a write are never positional: they would be swapped one day."""
    faults = []
    for module in modules():
        if module.capability not in capabilities() or module.role != "operations":
            continue
        for node in module.tree.body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                continue
            swapped = {"by", "at"} & {argument.arg for argument in node.args.args}
            if swapped:
                faults.append(f"{module.name}:{node.lineno} {node.name} takes {sorted(swapped)}")
    assert not faults


def test_select_lives_in_queries_and_bulk() -> None:
    """Reads have one place; operations, jobs and controllers call them by name."""
    faults = [
        f"{module.name}:{line} calls {name}"
        for module in modules()
        if module.role not in {"queries", "bulk", "models"} and module.capability != "plumbing"
        for line, name in calls(module)
        if name in {"select", "sqlalchemy.select", "sa.select"}
    ]
    assert not faults


def test_only_plumbing_reads_the_environment() -> None:
    allowed = {"plumbing", "cli"}
    faults = [
        f"{module.name}:{node.lineno}"
        for module in modules()
        if module.capability not in allowed
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute)
        and node.attr in {"environ", "getenv"}
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
    ]
    assert not faults


def test_xml_is_read_through_one_door() -> None:
    """A parser with its own settings would accept what ``plumbing/xml.py`` refuses."""
    doors = {"fromstring", "parse", "iterparse", "XML", "XMLParser", "HTMLParser"}
    faults = [
        f"{module.name}:{line} calls {name}"
        for module in modules()
        if module.parts != ("plumbing", "xml")
        for line, name in calls(module)
        if name.startswith("etree.") and name.removeprefix("etree.") in doors
    ]
    assert not faults


def test_nothing_unpickles() -> None:
    faults = [
        f"{module.name}:{line} imports {name}"
        for module in modules()
        for line, name in imports(module)
        if name.split(".")[0] in {"pickle", "marshal", "shelve", "dill"}
    ]
    assert not faults
