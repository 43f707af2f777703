"""The sandbox: the small language of gateway conditions, timers and multi-instance counts.

The text looks like Python and is read by Python's parser, but it is never compiled or evaluated by Python: a white
list of syntax nodes is turned into closures here, and whatever is not on the list is refused when the diagram is
deployed. There is no way to reach an attribute of an object: ``director_opinion.decision`` looks the key
``decision`` up in the mapping that stands under ``director_opinion``, and nothing else has attributes.

* Values are text, whole numbers, booleans, None, and lists of them. There are no fractions: money and rates stay in
  tables, and a float would be wrong by the time it is compared.
* A name that nobody has answered is None, and so is every value of it; ``None`` compares as equal or unequal but has
  no order, so ``x.days > 5`` fails loudly instead of taking the default path in silence.
* Arithmetic is ``+``, ``-`` and ``*`` on whole numbers up to ``LARGEST``; text is neither joined nor repeated.
* Functions are ``len`` and those that the caller passes to ``evaluate`` (``workdays(3)`` in timers).
"""

import ast
import operator
import warnings
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

#: Bounds that no honest condition comes near.
LONGEST_TEXT = 1_000
MOST_NODES = 200
DEEPEST = 20
LARGEST = 10**15

#: What an expression may call; all but ``len`` is given by whoever evaluates it.
FUNCTIONS = frozenset({"len", "workdays"})

Functions = Mapping[str, Callable[..., Any]]
_Run = Callable[[Mapping[str, Any], Functions], Any]


class ExpressionError(ValueError):
    """Something is wrong with an expression."""


class BadExpression(ExpressionError):
    """The text is not in the language; found when a diagram is deployed."""


class ExpressionFailed(ExpressionError):
    """The text is in the language, but not for these values; found while an instance runs."""


class Expression:
    """A compiled expression."""

    __slots__ = ("_run", "functions", "names", "text", "tree")

    def __init__(self, text: str, tree: ast.expr, run: _Run) -> None:
        self.text = text
        self.tree = tree
        words = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        #: The names that it reads, and the functions that it calls.
        self.names = frozenset(words - FUNCTIONS)
        self.functions = frozenset(words & FUNCTIONS)
        self._run = run

    def evaluate(self, names: Mapping[str, Any], functions: Functions | None = None) -> Any:
        """Give the value for these names (element id -> values); raise ``ExpressionFailed`` where there is none."""
        return self._run(names, functions or {})

    @property
    def constant(self) -> Any:
        """The value of an expression that is nothing but a constant, otherwise ``...``."""
        return self.tree.value if isinstance(self.tree, ast.Constant) else ...


@lru_cache(maxsize=4096)
def compile_expression(text: str) -> Expression:
    """Read one expression; raise ``BadExpression`` with the reason when it is not in the language."""
    tree = _parse(text)
    _measure(tree)
    return Expression(text.strip(), tree, _expression(tree))


def names_in(text: str) -> frozenset[str]:
    """Give the names that an expression reads: element ids, without functions."""
    return compile_expression(text).names


def _parse(text: str) -> ast.expr:
    text = text.strip()
    if not text:
        raise BadExpression("The expression is empty")
    if len(text) > LONGEST_TEXT:
        raise BadExpression(f"The expression is longer than {LONGEST_TEXT} characters")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else type(error).__name__
        raise BadExpression(f"The expression {text[:80]!r} can't be read: {reason}") from None


def _measure(tree: ast.expr) -> None:
    """Refuse a tree that is too big or too deep, without recursing into it."""
    level: list[ast.AST] = [tree]
    nodes = 0
    depth = 0
    while level:
        nodes += len(level)
        depth += 1
        if depth > DEEPEST or nodes > MOST_NODES:
            raise BadExpression("The expression is too large: split the decision into two gateways")
        level = [child for node in level for child in ast.iter_child_nodes(node) if not isinstance(child, _MARKS)]


#: Child nodes that only mark their parent: contexts and operators.
_MARKS = (ast.expr_context, ast.boolop, ast.operator, ast.unaryop, ast.cmpop)


def _expression(node: ast.expr) -> _Run:
    build = _BUILDERS.get(type(node))
    if build is None:
        raise BadExpression(f"{_what(node)} is not allowed in an expression")
    return build(node)


def _what(node: ast.AST) -> str:
    return f"{type(node).__name__} ({ast.unparse(node)[:60]!r})"


def _constant(node: ast.Constant) -> _Run:
    value = node.value
    if not (value is None or isinstance(value, (str, bool, int))):
        raise BadExpression(f"{_what(node)} is not allowed: write whole numbers, text, True, False or None")
    if isinstance(value, int) and abs(value) > LARGEST:
        raise BadExpression(f"The number {ast.unparse(node)[:20]} is too large")
    return lambda names, functions: value


def _name(node: ast.Name) -> _Run:
    key = node.id
    if key in FUNCTIONS:
        raise BadExpression(f"{key!r} is a function and must be called")
    _check_word(key)
    return lambda names, functions: names.get(key)


def _attribute(node: ast.Attribute) -> _Run:
    if not isinstance(node.value, ast.Name):
        raise BadExpression(f"{_what(node)} is not allowed: write <element>.<value>")
    _check_word(node.attr)
    owner, key = _expression(node.value), node.attr

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


def _either_or(node: ast.BoolOp) -> _Run:
    parts = [_expression(part) for part in node.values]
    wanted = isinstance(node.op, ast.Or)

    def run(names: Mapping[str, Any], functions: Functions) -> Any:
        value: Any = None
        for part in parts:
            value = part(names, functions)
            if bool(value) is wanted:
                return value
        return value

    return run


def _unary(node: ast.UnaryOp) -> _Run:
    operand = _expression(node.operand)
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


def _binary(node: ast.BinOp) -> _Run:
    calculate = _ARITHMETIC.get(type(node.op))
    if calculate is None:
        raise BadExpression(f"{_what(node)} is not allowed: only + - * on whole numbers")
    left, right = _expression(node.left), _expression(node.right)

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


def _comparison(node: ast.Compare) -> _Run:
    for comparator, right in zip(node.ops, node.comparators, strict=True):
        if isinstance(comparator, (ast.Is, ast.IsNot)) and not _is_singleton(right):
            raise BadExpression(f"{_what(node)}: 'is' compares with None, True or False only")
    first = _expression(node.left)
    rest = [
        (_COMPARISONS[type(op)], _expression(right)) for op, right in zip(node.ops, node.comparators, strict=True)
    ]

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


def _list(node: ast.List | ast.Tuple) -> _Run:
    parts = [_expression(part) for part in node.elts]
    return lambda names, functions: [part(names, functions) for part in parts]


def _choice(node: ast.IfExp) -> _Run:
    test, yes, no = _expression(node.test), _expression(node.body), _expression(node.orelse)
    return lambda names, functions: (yes if test(names, functions) else no)(names, functions)


def _call(node: ast.Call) -> _Run:
    if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS or node.keywords or len(node.args) != 1:
        raise BadExpression(f"{_what(node)} is not allowed: the functions are {', '.join(sorted(FUNCTIONS))}")
    name, argument = node.func.id, _expression(node.args[0])

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


_BUILDERS: dict[type[ast.expr], Callable[[Any], _Run]] = {
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
