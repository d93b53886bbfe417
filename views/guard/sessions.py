"""The signed session, and how it travels. Views, forms and the CSRF token work the same in each case.

A page outside a frame has it in a cookie. In a frame of another site it has a second cookie, which the browser keeps
apart for each site that frames us (CHIPS). If the browser keeps no cookies there, the page carries the session: in a
header of every htmx request and a field of every form, never in an address (docs/decisions/0006).
"""

from __future__ import annotations

from enum import StrEnum

from flask import Flask, Request, Response, current_app, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_wtf.csrf import generate_csrf
from itsdangerous import BadSignature
from werkzeug.exceptions import HTTPException

from views.guard.framing import is_framed

HEADER = "Rolecall-Session"
FIELD = "rolecall_session"
# Under the other cookie's name, it would overwrite that one in a browser that does not keep the two apart.
FRAMED_COOKIE = "__Host-rolecall-framed"


class Carrier(StrEnum):
    """What sends the session with the next request."""

    COOKIE = "cookie"
    PAGE = "page"


class CarriedSession(SecureCookieSession):
    """A session, and how it came."""

    carrier = Carrier.COOKIE


class Sessions(SecureCookieSessionInterface):
    """Reads the session from a cookie or the page, and writes it back the same way."""

    session_class = CarriedSession

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return the session that the request brings, or an empty one.

        The header comes first. A cookie comes before a form's field, which is as old as the page. The field is for
        forms that open a new window, where there is neither.
        """
        if not is_framed(request):
            return super().open_session(app, request)
        carried = self._read(app, request.headers.get(HEADER))
        if carried is None:
            if kept := super().open_session(app, request):
                return kept
            carried = self._read(app, _field(request))
        session = self.session_class(carried)
        session.carrier = Carrier.COOKIE if carried is None else Carrier.PAGE
        return session

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Send a changed session back the way it came."""
        if request.endpoint == "static" or request.blueprint == "brand":
            # Caches can keep these files, and serve them to anybody.
            return
        if isinstance(session, CarriedSession) and session.carrier is Carrier.PAGE:
            if session.modified:
                response.headers[HEADER] = self.token(app, session)
            return
        super().save_session(app, session, response)

    def token(self, app: Flask, session: SessionMixin) -> str:
        """Return the session as text, for the page to carry."""
        signer = self.get_signing_serializer(app)
        assert signer is not None
        return str(signer.dumps(dict(session)))

    # https://developer.mozilla.org/en-US/docs/Web/Privacy/Guides/Privacy_sandbox/Partitioned_cookies
    def get_cookie_name(self, app: Flask) -> str:
        return FRAMED_COOKIE if is_framed(request) else super().get_cookie_name(app)

    def get_cookie_samesite(self, app: Flask) -> str | None:
        return "None" if is_framed(request) else super().get_cookie_samesite(app)

    def get_cookie_secure(self, app: Flask) -> bool:
        return is_framed(request) or super().get_cookie_secure(app)

    def get_cookie_partitioned(self, app: Flask) -> bool:
        return is_framed(request)

    def _read(self, app: Flask, token: str | None) -> dict[str, object] | None:
        signer = self.get_signing_serializer(app)
        if not token or signer is None:
            return None
        try:
            found = signer.loads(token, max_age=int(app.permanent_session_lifetime.total_seconds()))
        except BadSignature:
            return None
        return found if isinstance(found, dict) else None


def session_token() -> str:
    """Return the session as text, for a form that opens a new window."""
    # The session must hold the CSRF token, which might not have been made yet.
    generate_csrf()
    interface = current_app.session_interface
    assert isinstance(interface, Sessions)
    return interface.token(current_app, session)


def carried_session() -> str:
    """Return the session as text for the page to carry, or nothing if a cookie does.

    The frame's first page always carries it, since nobody knows yet whether its cookie will come back.
    """
    is_first = request.blueprint == "embed" and request.method == "GET"
    return session_token() if is_first or getattr(session, "carrier", None) is Carrier.PAGE else ""


def _field(request: Request) -> str | None:
    try:
        return request.form.get(FIELD)
    except HTTPException:
        # The body is too large or broken. The next code that reads it answers with the error's page.
        return None
