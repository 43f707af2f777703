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
import warnings
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from workflows.engine.language.nodes import (
    FUNCTIONS,
    LARGEST,
    BadExpression,
    ExpressionError,
    ExpressionFailed,
    Functions,
    Run,
    closure_of,
)

__all__ = ["FUNCTIONS", "LARGEST", "BadExpression", "Expression", "ExpressionError", "ExpressionFailed"]
__all__ += ["compile_expression", "names_in"]

#: Bounds that no honest condition comes near.
LONGEST_TEXT = 1_000
MOST_NODES = 200
DEEPEST = 20


class Expression:
    """A compiled expression."""

    __slots__ = ("_run", "functions", "names", "text", "tree")

    def __init__(self, text: str, tree: ast.expr, run: Run) -> None:
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
    _spell(text.strip(), tree)
    return Expression(text.strip(), tree, closure_of(tree))


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


def _spell(text: str, tree: ast.expr) -> None:
    """Refuse names that are written otherwise than they are read: Python takes a full-width ``ｌｅｎ`` for ``len``."""
    for node in ast.walk(tree):
        word = {ast.Name: "id", ast.Attribute: "attr"}.get(type(node))
        if word and not text.isascii() and not (ast.get_source_segment(text, node) or "").endswith(getattr(node, word)):
            raise BadExpression(f"The name {getattr(node, word)!r} is not written in ASCII")


#: Child nodes that only mark their parent: contexts and operators.
_MARKS = (ast.expr_context, ast.boolop, ast.operator, ast.unaryop, ast.cmpop)
