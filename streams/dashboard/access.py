"""Who may look: this machine, or whoever has the token; and what a browser may do."""

import hmac
from collections.abc import Awaitable, Callable

from aiohttp import web
from yarl import URL

from streams.host.urls import is_loopback

COOKIE = "tagwire-dashboard"
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
        self._refused = refused

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer the request, or say why not."""
        if request.path in OPEN or (self._token and self._has_token(request)):
            return await handler(request)
        if not self._token:
            host = URL(f"http://{request.host}").host or ""
            if is_loopback(host):
                return await handler(request)
            return self._refused(403, f"This page is for its own machine, not for {host!r}.")
        if self._is_token(request.query.get("token", "")):
            return self._entered(request)
        return self._refused(401, "This page asks for its token.")

    def _has_token(self, request: web.Request) -> bool:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        sent = token if scheme == "Bearer" else request.cookies.get(COOKIE, "")
        return self._is_token(sent)

    def _is_token(self, sent: str) -> bool:
        """Compare in a time that does not depend on how much of it is right."""
        return hmac.compare_digest(sent.encode("utf-8", "replace"), self._token.encode())

    def _entered(self, request: web.Request) -> web.StreamResponse:
        """Remember the token in a cookie, and lead to the address without it."""
        response = web.Response(status=303, headers={"Location": request.path})
        response.set_cookie(
            COOKIE, self._token, httponly=True, samesite="Strict", secure=request.secure
        )
        return response
