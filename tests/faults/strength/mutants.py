"""Every small change of a module that a careless hand could make, one at a time."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType
from typing import Any

_TURNED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult, ast.Mod: ast.FloorDiv, ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip
_EXCHANGED = {"min": "max", "max": "min", "any": "all", "all": "any"}
_ROUNDED = {"ROUND_HALF_UP": "ROUND_DOWN", "ROUND_DOWN": "ROUND_UP", "ROUND_UP": "ROUND_DOWN",
            "ROUND_HALF_EVEN": "ROUND_HALF_UP", "ROUND_FLOOR": "ROUND_CEILING",
            "ROUND_CEILING": "ROUND_FLOOR"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mutant:
    """A change: where, of what, to what, and the module's code with it.

    ``is_inside`` a function's body: it needs no second reading of the module.
    """

    line: int
    was: str
    now: str
    code: CodeType
    is_inside: bool

    def __str__(self) -> str:
        return f"line {self.line}: {self.was} → {self.now}"


def mutants(source: str, file: str) -> Iterator[Mutant]:
    """All changes of a module, in order; annotations, decorators and texts stay."""
    tree = _bare(ast.parse(source))
    bodies = {id(one) for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)
              for line in each.body for one in ast.walk(line)}  # fmt: skip
    for place, node in enumerate(ast.walk(tree)):
        for turn in range(_turns(node)):
            whole = _bare(ast.parse(source))
            changed = next(one for at, one in enumerate(ast.walk(whole)) if at == place)
            was = ast.unparse(changed)
            fresh = _change(changed, turn)
            now = ast.unparse(fresh)
            whole = _Replace(changed, fresh).visit(whole)
            code = compile(ast.fix_missing_locations(whole), file, "exec")
            yield Mutant(getattr(node, "lineno", 0), was, now, code, id(node) in bodies)


def _bare(tree: ast.Module) -> ast.Module:
    """Without annotations of functions; those of fields are not changed."""
    return ast.fix_missing_locations(_Strip().visit(tree))


class _Strip(ast.NodeTransformer):
    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.returns = None
        node.decorator_list = [_kept(one) for one in node.decorator_list]
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        self.generic_visit(node)
        node.decorator_list = [_kept(one) for one in node.decorator_list]
        return node

    def visit_keyword(self, node: ast.keyword) -> ast.AST:
        self.generic_visit(node)
        return _kept(node) if node.arg == "strict" else node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        self.generic_visit(node)
        node.annotation = _kept(node.annotation)
        return node


def _kept(node: Any) -> Any:
    for one in ast.walk(node):
        one.is_kept = True
    return node


def _turns(node: ast.AST) -> int:
    """In how many ways a node can be changed."""
    if getattr(node, "is_kept", False):
        return 0
    match node:
        case ast.Compare(ops=[_]) | ast.BoolOp() | ast.BinOp() | ast.AugAssign():
            op = node.ops[0] if isinstance(node, ast.Compare) else node.op
            return int(type(op) in _TURNED)
        case ast.Compare():
            return len(node.ops)
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            return 1
        case ast.Constant(value=bool() | int()):
            return 1
        case ast.IfExp() | ast.If() | ast.While():
            return int(not isinstance(node.test, ast.Compare | ast.BoolOp | ast.UnaryOp))
        case ast.Call(func=ast.Name(id=name)):
            return int(name in _EXCHANGED)
        case ast.Name(id=name, ctx=ast.Load()):
            return int(name in _ROUNDED)
        case ast.Attribute(attr=name):
            return int(name in _ROUNDED)
    return 0


def _change(node: ast.AST, turn: int) -> ast.AST:
    fresh = copy.deepcopy(node)
    match fresh:
        case ast.Compare():
            fresh.ops[turn] = _TURNED[type(fresh.ops[turn])]()  # type: ignore[call-overload]
        case ast.BoolOp() | ast.BinOp() | ast.AugAssign():
            fresh.op = _TURNED[type(fresh.op)]()  # type: ignore[assignment]
        case ast.UnaryOp():
            return fresh.operand
        case ast.Constant(value=bool()):
            fresh.value = not fresh.value
        case ast.Constant(value=int(number)):
            fresh.value = number + 1
        case ast.IfExp() | ast.If() | ast.While():
            fresh.test = ast.UnaryOp(ast.Not(), fresh.test)
        case ast.Call(func=ast.Name()):
            fresh.func.id = _EXCHANGED[fresh.func.id]  # type: ignore[attr-defined]
        case ast.Name():
            fresh.id = _ROUNDED[fresh.id]
        case ast.Attribute():
            fresh.attr = _ROUNDED[fresh.attr]
    return fresh


class _Replace(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self.new if node is self.old else super().generic_visit(node)
