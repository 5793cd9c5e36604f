"""Files and functions stay small enough to be read at once (architecture.md, rule 19)."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.house.sources import Module, capabilities, modules

FILE_LINES = {"rules": 300, "models": 300, "queries": 400, "operations": 400, "jobs": 100}
ANY_FILE_LINES = 500
FACE_LINES = 40
FUNCTION_LINES = 60
MEDIAN_FUNCTION_LINES = 10


def _functions(module: Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{module.name}:{node.lineno} {node.name}", _length(node)


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of the body without its docstring: words do not count against a function."""
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    if not body:
        return 0
    return (node.end_lineno or node.lineno) - body[0].lineno + 1


def _budget(module: Module) -> int:
    if module.path.name == "__init__.py" and len(module.parts) == 2:
        return FACE_LINES if module.capability in capabilities() else ANY_FILE_LINES
    if module.capability not in capabilities():
        return ANY_FILE_LINES
    return FILE_LINES.get(module.role, ANY_FILE_LINES)


def test_no_file_is_over_its_budget() -> None:
    over = [
        f"{module.name}: {module.lines} lines of {_budget(module)}"
        for module in modules()
        if module.lines > _budget(module)
    ]
    assert not over


def test_no_function_is_over_sixty_lines() -> None:
    over = [
        f"{where}: {lines} lines"
        for module in modules()
        for where, lines in _functions(module)
        if lines > FUNCTION_LINES
    ]
    assert not over


def test_half_of_the_functions_are_within_ten_lines() -> None:
    lengths = sorted(lines for module in modules() for _, lines in _functions(module))
    assert lengths[len(lengths) // 2] <= MEDIAN_FUNCTION_LINES
