"""The nodes of the sandbox: each piece of syntax on the white list becomes a closure, everything else is refused.

``expressions`` reads and bounds the text and says what the language is; here is what its pieces mean.
"""

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

#: The bound of every number, in the text and on the way: a product of two is still computed at once.
LARGEST = 10**15

#: What an expression may call; all but ``len`` is given by whoever evaluates it.
FUNCTIONS = frozenset({"len", "workdays"})

Functions = Mapping[str, Callable[..., Any]]
Run = Callable[[Mapping[str, Any], Functions], Any]


class ExpressionError(ValueError):
    """Something is wrong with an expression."""


class BadExpression(ExpressionError):
    """The text is not in the language; found when a diagram is deployed."""


class ExpressionFailed(ExpressionError):
    """The text is in the language, but not for these values; found while an instance runs."""


def closure_of(node: ast.expr) -> Run:
    """Turn a node into a function of the names and functions; raise ``BadExpression`` when it is not allowed."""
    build = _BUILDERS.get(type(node))
    if build is None:
        raise BadExpression(f"{_what(node)} is not allowed in an expression")
    return build(node)


def _what(node: ast.AST) -> str:
    return f"{type(node).__name__} ({ast.unparse(node)[:60]!r})"


def _constant(node: ast.Constant) -> Run:
    value = node.value
    if not (value is None or isinstance(value, (str, bool, int))):
        raise BadExpression(f"{_what(node)} is not allowed: write whole numbers, text, True, False or None")
    if isinstance(value, int) and abs(value) > LARGEST:
        raise BadExpression(f"The number {ast.unparse(node)[:20]} is too large")
    return lambda names, functions: value


def _name(node: ast.Name) -> Run:
    key = node.id
    if key in FUNCTIONS:
        raise BadExpression(f"{key!r} is a function and must be called")
    _check_word(key)
    return lambda names, functions: names.get(key)


def _attribute(node: ast.Attribute) -> Run:
    if not isinstance(node.value, ast.Name):
        raise BadExpression(f"{_what(node)} is not allowed: write <element>.<value>")
    _check_word(node.attr)
    owner, key = closure_of(node.value), node.attr

    def run(names: Mapping[str, Any], functions: Functions) -> Any:
        values = owner(names, functions)
        if values is None:
            return None
        if not isinstance(values, Mapping):
            raise ExpressionFailed(f"{ast.unparse(node)} has no values")
        return values.get(key)

    return run


def _check_word(word: str) -> None:
    if not word.isascii() or word.startswith("_"):
        raise BadExpression(f"The name {word!r} is not allowed")


def _either_or(node: ast.BoolOp) -> Run:
    parts = [closure_of(part) for part in node.values]
    wanted = isinstance(node.op, ast.Or)

    def run(names: Mapping[str, Any], functions: Functions) -> Any:
        value: Any = None
        for part in parts:
            value = part(names, functions)
            if bool(value) is wanted:
                return value
        return value

    return run


def _unary(node: ast.UnaryOp) -> Run:
    operand = closure_of(node.operand)
    if isinstance(node.op, ast.Not):
        return lambda names, functions: not operand(names, functions)
    if isinstance(node.op, ast.USub):
        return lambda names, functions: -_whole(operand(names, functions))
    raise BadExpression(f"{_what(node)} is not allowed in an expression")


_ARITHMETIC: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
}


def _binary(node: ast.BinOp) -> Run:
    calculate = _ARITHMETIC.get(type(node.op))
    if calculate is None:
        raise BadExpression(f"{_what(node)} is not allowed: only + - * on whole numbers")
    left, right = closure_of(node.left), closure_of(node.right)

    def run(names: Mapping[str, Any], functions: Functions) -> int:
        # Each operand is bounded, so that the result is small enough to compute before it is checked.
        return _whole(calculate(_whole(left(names, functions)), _whole(right(names, functions))))

    return run


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ExpressionFailed(f"{str(value)[:40]!r} is not a whole number")
    if abs(value) > LARGEST:
        raise ExpressionFailed("A number is too large")
    return value


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def run(one: Any, other: Any) -> bool:
        if type(one) is not type(other) or not isinstance(one, (int, str)) or isinstance(one, bool):
            raise ExpressionFailed(f"{str(one)[:40]!r} and {str(other)[:40]!r} have no order")
        return compare(one, other)

    return run


def _is_in(one: Any, many: Any) -> bool:
    if not isinstance(many, (list, tuple)):
        raise ExpressionFailed(f"{str(many)[:40]!r} is not a list")
    return one in many


_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.Lt: _ordered(operator.lt),
    ast.LtE: _ordered(operator.le),
    ast.Gt: _ordered(operator.gt),
    ast.GtE: _ordered(operator.ge),
    ast.In: _is_in,
    ast.NotIn: lambda one, many: not _is_in(one, many),
}


def _comparison(node: ast.Compare) -> Run:
    for comparator, right in zip(node.ops, node.comparators, strict=True):
        if isinstance(comparator, (ast.Is, ast.IsNot)) and not _is_singleton(right):
            raise BadExpression(f"{_what(node)}: 'is' compares with None, True or False only")
    first = closure_of(node.left)
    rest = [(_COMPARISONS[type(op)], closure_of(right)) for op, right in zip(node.ops, node.comparators, strict=True)]

    def run(names: Mapping[str, Any], functions: Functions) -> bool:
        left = first(names, functions)
        for compare, operand in rest:
            right = operand(names, functions)
            if not compare(left, right):
                return False
            left = right
        return True

    return run


def _is_singleton(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and (node.value is None or isinstance(node.value, bool))


def _list(node: ast.List | ast.Tuple) -> Run:
    parts = [closure_of(part) for part in node.elts]
    return lambda names, functions: [part(names, functions) for part in parts]


def _choice(node: ast.IfExp) -> Run:
    test, yes, no = closure_of(node.test), closure_of(node.body), closure_of(node.orelse)
    return lambda names, functions: (yes if test(names, functions) else no)(names, functions)


def _call(node: ast.Call) -> Run:
    if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS or node.keywords or len(node.args) != 1:
        raise BadExpression(f"{_what(node)} is not allowed: the functions are {', '.join(sorted(FUNCTIONS))}")
    name, argument = node.func.id, closure_of(node.args[0])

    def run(names: Mapping[str, Any], functions: Functions) -> Any:
        value = argument(names, functions)
        if name == "len":
            return _length(value)
        if name not in functions:
            raise ExpressionFailed(f"{name} is not available here")
        return functions[name](_whole(value))

    return run


def _length(value: Any) -> int:
    if value is None:
        return 0
    if not isinstance(value, (str, list, tuple, Mapping)):
        raise ExpressionFailed(f"{str(value)[:40]!r} has no length")
    return len(value)


_BUILDERS: dict[type[ast.expr], Callable[[Any], Run]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.BoolOp: _either_or,
    ast.UnaryOp: _unary,
    ast.BinOp: _binary,
    ast.Compare: _comparison,
    ast.List: _list,
    ast.Tuple: _list,
    ast.IfExp: _choice,
    ast.Call: _call,
}
