"""Templates are compiled once for each language, with everything in them that never changes already worked out.

A page holds some fifty fixed words, icons and addresses. Looked up at each rendering they take far longer than the
page's own content, so they are folded into the compiled template: ``_("Inbox")``, ``icon("bell")``, ``asset("app.js")``
and ``url_for("inbox.pending")`` become text where all their arguments stand in the template. A template in another
language, or below another root of the site, is another compiled template. What a page says stays the same; calls with
anything variable in them are left as they are. Lists of words that templates look into are spoken once as well.
"""

from collections.abc import Callable
from functools import lru_cache
from itertools import chain
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType, SimpleNamespace
from typing import Any

from flask import Flask, has_request_context, request, url_for
from flask.templating import Environment
from flask_babel import get_translations, gettext
from flask_babel.speaklater import LazyString
from jinja2 import Template, nodes
from jinja2.runtime import Context, internalcode
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape
from werkzeug.routing import BuildError

from webapp.i18n import ago, current_language, day, instant, localized
from webapp.static_files import asset, icon

_PLAIN = frozenset({FunctionType, MethodType, BuiltinFunctionType})


class DirectContext(Context):
    """Calls plain functions without first asking them a dozen questions."""

    @internalcode
    def call(__self, __obj: Any, *args: Any, **kwargs: Any) -> Any:
        """Call as templates do; what wants the context passed in goes the library's way."""
        if type(__obj) in _PLAIN and not hasattr(__obj, "jinja_pass_arg"):
            kwargs.pop("_loop_vars", None)
            kwargs.pop("_block_vars", None)
            return __obj(*args, **kwargs)
        return super().call(__obj, *args, **kwargs)


class SpokenEnvironment(Environment):
    """The app's templates. Each language has an overlay that compiles for itself and knows what language it speaks."""

    context_class = DirectContext
    #: Whether fixed calls are folded; not on the environment of the app, which also serves outside of requests.
    is_folding = False

    def __init__(self, app: Flask, **options: Any) -> None:
        super().__init__(app, **options)
        self.overlays: dict[tuple[str, str], SpokenEnvironment] = {}

    @internalcode
    def _load_template(self, name: str, globals: Any) -> Template:
        if self.is_folding or not has_request_context():
            return super()._load_template(name, globals)
        spoken = (current_language(), request.root_path)
        overlay = self.overlays.get(spoken)
        if overlay is None:
            overlay = self.overlays[spoken] = self._speaking(*spoken)
        return overlay._load_template(name, globals)

    def _speaking(self, language: str, root: str) -> "SpokenEnvironment":
        overlay: SpokenEnvironment = self.overlay()
        overlay.is_folding = True
        overlay.filters = self.filters | {
            "day": lambda value: day(value, language),
            "instant": lambda value: instant(value, language),
            "ago": lambda value: ago(value, language),
        }
        overlay.globals = {name: _said(value) for name, value in self.globals.items()} | {
            "url_for": _remembering_addresses(),
            "_": _speaker(),
            "localized": lambda chinese, english: localized(chinese, english, language),
            "current_language": lambda: language,
        }
        overlay.globals["gettext"] = overlay.globals["_"]
        return overlay

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        return _Folding().visit(tree) if self.is_folding else tree  # type: ignore[no-any-return]


def _remembering_addresses() -> Callable[..., str]:
    """Make a ``url_for`` that remembers what it gave; below one root an address depends on its arguments alone."""

    @lru_cache(maxsize=4096, typed=True)
    def address(endpoint: str, *parts: Any) -> str:
        return url_for(endpoint, **dict(zip(parts[::2], parts[1::2], strict=True)))

    def remembered(endpoint: str, **values: Any) -> str:
        if endpoint.startswith(".") or not all(type(value) in (int, str) for value in values.values()):
            return url_for(endpoint, **values)
        return address(endpoint, *chain.from_iterable(values.items()))

    return remembered


def _said(value: Any) -> Any:
    """Lists of words, and the modules that hold them, in the language of this request; all else as it is."""
    if isinstance(value, LazyString):
        return str(value)
    if type(value) is dict:
        return {key: _said(each) for key, each in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_said(each) for each in value)
    if isinstance(value, ModuleType):
        return SimpleNamespace(**{name: _said(each) for name, each in vars(value).items() if not name.startswith("_")})
    return value


def _speaker() -> Callable[..., Markup]:
    """Make a ``gettext`` for the language of this request, which asks nothing but its catalogue at each word."""
    said = get_translations().ugettext

    def speak(text: str, /, **values: Any) -> Markup:
        return Markup(said(text) % {name: escape(value) for name, value in values.items()})  # noqa: S704

    return speak


def _words(text: str) -> Markup:
    # As the library does it: words are trusted, and two percent signs stand for one.
    return Markup(gettext(text)) % {}  # noqa: S704


def _address(endpoint: str, **values: Any) -> str:
    if endpoint.startswith(".") or any(name.startswith("_") for name in values):
        raise LookupError(endpoint)
    return url_for(endpoint, **values)


_FIXED: dict[str, Callable[..., str]] = {"_": _words, "gettext": _words, "url_for": _address, "icon": icon,
                                         "asset": asset}  # fmt: skip


class _Folding(NodeTransformer):
    """Replaces calls whose arguments are all written out by what they give."""

    def visit_Call(self, node: nodes.Call) -> nodes.Node:
        self.generic_visit(node)
        if not isinstance(node.node, nodes.Name) or node.node.name not in _FIXED:
            return node
        given = [*node.args, *(keyword.value for keyword in node.kwargs)]
        if node.dyn_args or node.dyn_kwargs or not all(isinstance(part, nodes.Const) for part in given):
            return node
        named = {keyword.key: keyword.value.value for keyword in node.kwargs}
        try:
            text = _FIXED[node.node.name](*(part.value for part in node.args), **named)
        except (LookupError, TypeError, BuildError):
            # It fails, or means something else, where it is called.
            return node
        const = nodes.Const(str(text), lineno=node.lineno)
        return nodes.MarkSafe(const, lineno=node.lineno) if isinstance(text, Markup) else const


def init_templating(app: Flask) -> None:
    """Have the app compile its templates this way; to be called before anything touches its templates."""
    app.jinja_environment = SpokenEnvironment
