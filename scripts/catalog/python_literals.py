"""Reads data out of a Python source file without running it."""

import ast
import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Call:
    """A constructor call found in the data: its name and its keyword arguments."""

    name: str
    given: Mapping[str, Any]

    def __getitem__(self, key: str) -> Any:
        return self.given.get(key)


def assigned(source: bytes, name: str) -> Any:
    """The value assigned to `name` at the top of the file. Raises ValueError for what is no data, KeyError for none."""
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.AnnAssign) and _is_name(statement.target, name) and statement.value is not None:
            return _value(statement.value)
        if isinstance(statement, ast.Assign) and any(_is_name(target, name) for target in statement.targets):
            return _value(statement.value)
    raise KeyError(name)


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _value(node: ast.expr) -> Any:
    match node:
        case ast.Constant():
            return node.value
        case ast.List() | ast.Tuple():
            return [_value(item) for item in node.elts]
        case ast.Dict():
            return {
                _value(key): _value(value) for key, value in zip(node.keys, node.values, strict=True) if key is not None
            }
        case ast.Call():
            return _call(node)
        case ast.Attribute():
            return ast.unparse(node)
        case ast.UnaryOp(op=ast.USub()):
            return -_value(node.operand)
        case _:
            raise ValueError(f"not data: {ast.unparse(node)[:80]}")


def _call(node: ast.Call) -> Any:
    name = ast.unparse(node.func)
    plain = [_value(item) for item in node.args]
    if name == "Decimal":
        return Decimal(str(plain[0]))
    if name == "datetime.date":
        return datetime.date(*plain)
    if name == "datetime.time":
        return datetime.time(*plain)
    return Call(name, {keyword.arg: _value(keyword.value) for keyword in node.keywords if keyword.arg is not None})
