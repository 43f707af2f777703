"""Languages and local forms: which language a page speaks, and how it writes money, days and instants.

Chinese is the default, English one click away. A choice made on the page (``?lang=en`` or the language button) is
kept in a cookie and wins over the language in the person's profile, which mails and first visits use.
"""

import datetime as dt
from decimal import Decimal
from functools import lru_cache

from babel.dates import format_date, format_timedelta
from flask import Flask, Response, current_app, has_request_context, request
from flask_babel import get_locale
from flask_login import current_user

from webapp.clock import SHANGHAI, request_now
from webapp.extensions import babel

#: What the language button offers: locale -> its own name.
LANGUAGES = {"zh_Hans": "中文", "en": "English"}
DEFAULT_LANGUAGE = "zh_Hans"
COOKIE = "salesflow_language"
_COOKIE_SECONDS = 365 * 24 * 3600


def select_locale() -> str:
    """The language of this request."""
    if not has_request_context():
        return DEFAULT_LANGUAGE
    if request.path.startswith("/api/"):
        return request.accept_languages.best_match(["en", "zh"], "en").replace("zh", DEFAULT_LANGUAGE)
    return chosen_language() or profile_language() or DEFAULT_LANGUAGE


def chosen_language() -> str | None:
    """The language that was asked for in this browser; found without the database."""
    asked = request.args.get("lang") or request.cookies.get(COOKIE)
    return asked if asked in LANGUAGES else None


def profile_language() -> str | None:
    """The language in the profile of who is signed in."""
    profile = getattr(current_user, "locale", None)
    return profile if profile in LANGUAGES else None


def current_language() -> str:
    """The language id of this request, one of ``LANGUAGES``."""
    locale = get_locale()
    return _identifier(locale) if locale else DEFAULT_LANGUAGE


def keep_language(response: Response, language: str) -> Response:
    """Remember the chosen language in this browser."""
    response.set_cookie(
        COOKIE, language, max_age=_COOKIE_SECONDS, samesite="Lax", httponly=True,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )
    return response


def _keep_asked_language(response: Response) -> Response:
    asked = request.args.get("lang")
    if asked in LANGUAGES and request.cookies.get(COOKIE) != asked:
        keep_language(response, str(asked))
    return response


def money(amount: Decimal | None) -> str:
    """¥12,000.00; yuan as ``Decimal``, a dash for none. Integer fen and floats are refused: they would be misread."""
    if amount is None:
        return "—"
    if not isinstance(amount, Decimal):
        raise TypeError(f"money is written from a Decimal, not from {type(amount).__name__}")
    sign = "-" if amount < 0 else ""
    return f"{sign}¥{abs(amount):,.2f}"


def capital(amount: Decimal) -> str:
    """壹万贰仟元整, the form that cannot be altered with a pen."""
    from workflows.kernel import money as arithmetic  # noqa: PLC0415

    return arithmetic.capital(amount)


def day(value: dt.date | None, language: str | None = None) -> str:
    """2026年3月5日; an instant counts as its day in Shanghai."""
    if value is None:
        return "—"
    on = value.astimezone(SHANGHAI).date() if isinstance(value, dt.datetime) else value
    return _written_day(on, language or current_language())


def instant(value: dt.datetime | None, language: str | None = None) -> str:
    """2026年3月5日 14:30, Shanghai time."""
    if value is None:
        return "—"
    local = value.astimezone(SHANGHAI)
    return f"{_written_day(local.date(), language or current_language())} {local.hour:02}:{local.minute:02}"


def ago(value: dt.datetime | None, language: str | None = None) -> str:
    """3小时前; in the future 3小时后. In the largest unit that fits once, rounded, and never finer than a minute."""
    if value is None:
        return "—"
    left = value - request_now()
    seconds = left.days * 86_400 + left.seconds
    unit = next((unit for unit in _UNITS if abs(seconds) >= unit), _UNITS[-1])
    count = max(1, round(abs(seconds) / unit)) if seconds else 0
    return _written_span(unit, count, seconds < 0, language or current_language())


#: Year, month, week, day, hour and minute in seconds, as Babel counts them.
_UNITS = (31_536_000, 2_592_000, 604_800, 86_400, 3_600, 60)

# A page writes the same few days and spans again and again, and Babel takes its time over each.


@lru_cache(maxsize=4096)
def _written_day(on: dt.date, language: str) -> str:
    return format_date(on, "medium" if language == "en" else "long", locale=language)


@lru_cache(maxsize=4096)
def _written_span(unit: int, count: int, is_past: bool, language: str) -> str:
    # What rounds up to a whole larger unit (60 minutes) is still written in the smaller one.
    larger = min((each for each in _UNITS if each > unit), default=0)
    seconds = min(unit * count, larger - 1) if larger else unit * count
    span = dt.timedelta(seconds=-seconds if is_past else seconds)
    return format_timedelta(span, granularity="minute", threshold=1, add_direction=True, locale=language)


_identifier = lru_cache(str)


def size(count: int) -> str:
    """820 B, 4.1 KB, 2.3 MB: the size of a file in units that every language knows."""
    for unit, bytes_of_it in (("MB", 1_000_000), ("KB", 1_000)):
        if count >= bytes_of_it:
            return f"{count / bytes_of_it:.1f} {unit}"
    return f"{count} B"


def localized(chinese: str, english: str | None, language: str | None = None) -> str:
    """The name in the language of the page, where a row holds both; the Chinese one when there is no English one."""
    return english if english and (language or current_language()) == "en" else chinese


def init_i18n(app: Flask) -> None:
    """Bind Flask-Babel and the filters of the templates."""
    app.config.setdefault("BABEL_DEFAULT_LOCALE", DEFAULT_LANGUAGE)
    app.config.setdefault("BABEL_DEFAULT_TIMEZONE", "Asia/Shanghai")
    babel.init_app(app, locale_selector=select_locale)
    app.after_request(_keep_asked_language)
    for template_filter in (money, capital, day, instant, ago, size):
        app.jinja_env.filters[template_filter.__name__] = template_filter
    app.jinja_env.globals.update(
        LANGUAGES=LANGUAGES, current_language=current_language, localized=localized, get_locale=get_locale
    )
