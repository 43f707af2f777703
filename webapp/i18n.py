"""Languages and local forms: which language a page speaks, and how it writes money, days and instants.

Chinese is the default, English one click away. A choice made on the page (``?lang=en`` or the language button) is
kept in a cookie and wins over the language in the person's profile, which mails and first visits use.
"""

import datetime as dt
from decimal import Decimal

from flask import Flask, Response, current_app, has_request_context, request
from flask_babel import format_date, format_datetime, format_timedelta, get_locale
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
    return str(get_locale() or DEFAULT_LANGUAGE)


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


def day(value: dt.date | None) -> str:
    """2026年3月5日; an instant counts as its day in Shanghai."""
    if value is None:
        return "—"
    return format_date(_local(value), "medium" if current_language() == "en" else "long", rebase=False)


def instant(value: dt.datetime | None) -> str:
    """2026年3月5日 14:30, Shanghai time."""
    if value is None:
        return "—"
    return f"{day(value)} {format_datetime(_local(value), 'HH:mm', rebase=False)}"


def ago(value: dt.datetime | None) -> str:
    """3小时前; in the future 3小时后."""
    if value is None:
        return "—"
    return format_timedelta(value - request_now(), granularity="minute", threshold=1, add_direction=True)


def size(count: int) -> str:
    """820 B, 4.1 KB, 2.3 MB: the size of a file in units that every language knows."""
    for unit, bytes_of_it in (("MB", 1_000_000), ("KB", 1_000)):
        if count >= bytes_of_it:
            return f"{count / bytes_of_it:.1f} {unit}"
    return f"{count} B"


def _local(value: dt.date) -> dt.date:
    return value.astimezone(SHANGHAI) if isinstance(value, dt.datetime) else value


def localized(chinese: str, english: str | None) -> str:
    """The name in the language of the page, where a row holds both; the Chinese one when there is no English one."""
    return english if english and current_language() == "en" else chinese


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
