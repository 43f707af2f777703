"""Security headers on every answer.

Scripts and styles come from this origin or carry the nonce of the page (``csp_nonce()`` in templates). Style attributes
are allowed on pages that ask for it (``allow_style_attributes``): the diagram viewer writes some.
"""

import secrets

from flask import Flask, Response, g, request

_FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def csp_nonce() -> str:
    """The nonce of this page's own inline scripts and styles."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    nonce: str = g.csp_nonce
    return nonce


def allow_style_attributes() -> None:
    """Let this page's elements carry style attributes, for a library that cannot do without."""
    g.csp_style_attributes = True


def _policy() -> str:
    nonce = f" 'nonce-{g.csp_nonce}'" if "csp_nonce" in g else ""
    directives = [
        "default-src 'self'",
        f"script-src 'self'{nonce}",
        f"style-src 'self'{nonce}",
        "img-src 'self' data:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
    if g.get("csp_style_attributes"):
        directives.append("style-src-attr 'unsafe-inline'")
    return "; ".join(directives)


def _add_headers(response: Response) -> Response:
    for name, value in _FIXED.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", _policy())
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if request.endpoint == "static":
        # Built files carry a fingerprint in their names, so a name never changes its content.
        if request.path.startswith("/static/dist/"):
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    else:
        # Pages show what one person may see; no cache may keep them for the next person at the machine.
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def init_headers(app: Flask) -> None:
    """Put the headers on every answer of the app."""
    app.after_request(_add_headers)
    app.jinja_env.globals["csp_nonce"] = csp_nonce
