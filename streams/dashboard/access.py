"""Who may look: this machine, or whoever has the token; and what a browser may do."""

import hmac
import urllib.parse
from collections.abc import Awaitable, Callable

from aiohttp import web
from yarl import URL

from streams.host.urls import is_loopback

COOKIE = "tagwire-dashboard"
_MAX_FORM_BYTES = 4096
OPEN = frozenset({"/live", "/page.css", "/dashboard.css", "/icon.svg"})
"""Pages that show nothing of anybody's."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""Nothing of another site is loaded, nothing is kept, and no script writes HTML."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def add_headers(_: web.Request, response: web.StreamResponse) -> None:
    """Put the headers on every response."""
    response.headers.update(HEADERS)


class Gate:
    """Lets requests in; without a token only those that name this machine as their host.

    Pages of other sites cannot name it: a name that they made point here is refused.
    """

    def __init__(self, token: str, refused: Callable[[int, str], web.Response]) -> None:
        self._token = token
        self._cookie = hmac.new(token.encode(), b"cookie", "sha256").hexdigest()
        self._refused = refused

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer the request, or say why not."""
        if request.path in OPEN or (self._token and self._has_token(request)):
            return await handler(request)
        if not self._token:
            if _names_this_machine(request):
                return await handler(request)
            why = f"This page is for its own machine, not for {request.host!r}."
            return self._refused(403, why)
        if _are_equal(await _sent_token(request), self._token):
            return self._entered(request)
        why = "This page asks for its token."
        if not _names_this_machine(request):
            why += " From other machines, open it over HTTPS: browsers keep the token only then."
        return self._refused(401, why)

    def _has_token(self, request: web.Request) -> bool:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme == "Bearer":
            return _are_equal(token, self._token)
        return _are_equal(request.cookies.get(COOKIE, ""), self._cookie)

    def _entered(self, request: web.Request) -> web.StreamResponse:
        """Remember in a cookie who had the token, and lead to the page without it."""
        response = web.Response(status=303, headers={"Location": "/"})
        response.set_cookie(
            COOKIE,
            self._cookie,
            httponly=True,
            samesite="Strict",
            secure=not _names_this_machine(request),
        )
        return response


def _names_this_machine(request: web.Request) -> bool:
    """Return whether the request names a loopback address as its host."""
    try:
        return is_loopback(URL(f"http://{request.host}").host or "")
    except ValueError:  # not an address
        return False


async def _sent_token(request: web.Request) -> str:
    """Return the token of the form, or else of the address; empty if there is none."""
    is_form = request.content_type == "application/x-www-form-urlencoded"
    if request.method != "POST" or request.path != "/" or not is_form:
        return request.query.get("token", "")
    length = request.content_length
    if length is None or length > _MAX_FORM_BYTES:
        return ""
    fields = urllib.parse.parse_qs((await request.read()).decode("utf-8", "replace"))
    return fields.get("token", [""])[0]


def _are_equal(sent: str, secret: str) -> bool:
    """Compare in a time that does not depend on how much of it is right."""
    return hmac.compare_digest(sent.encode("utf-8", "replace"), secret.encode())
