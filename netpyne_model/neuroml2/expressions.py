"""Evaluates the formulas that NeuroML cells hold in their inhomogeneous values."""

import ast
import operator
from collections.abc import Callable
from functools import lru_cache

import numpy as np

from ..errors import quoted

_OPERATORS: dict[type, Callable] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
_FUNCTIONS: dict[str, Callable] = {
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "H": lambda x: np.where(np.asarray(x) >= 0, 1.0, 0.0),
}


def evaluate(expression: str, p: np.ndarray) -> np.ndarray:
    """Evaluate an expression of the path length `p` (um); the result has its shape.

    It may hold numbers, ``p``, the operators ``+ - * / ^``, and ``exp``, ``log``, ``sqrt``, ``H``
    (Heaviside); anything else raises a ValueError.
    """
    with np.errstate(over="ignore"):  # of a steep sigmoid, whose exp() may well be infinite
        return np.broadcast_to(_value(_parsed(expression), p, expression), p.shape).astype(float)


@lru_cache(maxsize=4096)
def _parsed(expression: str) -> ast.expr:
    return ast.parse(expression.replace("^", "**"), mode="eval").body


def _value(node: ast.AST, p: np.ndarray, expression: str):
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return float(node.value)  # whole numbers to the power of others would grow without end
    if isinstance(node, ast.Name) and node.id == "p":
        return p
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        left, right = (_value(side, p, expression) for side in (node.left, node.right))
        return _OPERATORS[type(node.op)](left, right)
    if isinstance(node, ast.UnaryOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](_value(node.operand, p, expression))
    function = _FUNCTIONS.get(ast.unparse(node.func)) if isinstance(node, ast.Call) else None
    if isinstance(node, ast.Call) and function is not None:
        return function(*(_value(argument, p, expression) for argument in node.args))
    raise ValueError(
        f"{quoted(expression)}: only numbers, p, + - * / ^ and {', '.join(_FUNCTIONS)} are known"
    )
