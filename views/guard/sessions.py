"""The signed session, by whichever way it travels; views, forms and the CSRF token know no difference.

A page that stands alone keeps it in a cookie of its site. In a frame of another site it has a second cookie, kept
apart by the browser for each site that frames us (CHIPS), and where the browser keeps no cookies there at all, the page
itself carries it: in a header of every htmx request, in a field of every form, never in an address.
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
# Without a name of its own it would take the place of the standalone page's, where a browser keeps the two together.
FRAMED_COOKIE = "__Host-rolecall-framed"


class Carrier(StrEnum):
    """What brings the session back with the next request."""

    COOKIE = "cookie"
    PAGE = "page"


class CarriedSession(SecureCookieSession):
    """A session that knows how it came."""

    carrier = Carrier.COOKIE


class Sessions(SecureCookieSessionInterface):
    """Reads and writes the session, whichever way it came."""

    session_class = CarriedSession

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return the session that the request brings, or an empty one.

        A header was put there by the page; a cookie that comes is newer than a form's field, which was written with
        the form. The field is for where neither can be: a form that opens a window of its own.
        """
        if not is_framed(request):
            return super().open_session(app, request)
        carried = self._read(app, request.headers.get(HEADER))
        if carried is None:
            kept = super().open_session(app, request)
            if kept:
                return kept
            carried = self._read(app, _field(request))
        if carried is None:
            return self.session_class()
        session = self.session_class(carried)
        session.carrier = Carrier.PAGE
        return session

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Send a changed session back by the way it came."""
        if request.endpoint == "static" or request.blueprint == "brand":
            # A cache on the way keeps these files, and hands them to anyone.
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
    """Return the session as text, for a form that opens a window of its own."""
    # Making the CSRF token may be what starts the session: it has to be in there.
    generate_csrf()
    interface = current_app.session_interface
    assert isinstance(interface, Sessions)
    return interface.token(current_app, session)


def carried_session() -> str:
    """Return the session as text for the page to carry, or nothing where a cookie does.

    The frame's first page cannot know yet whether its cookie comes back: it carries it just in case.
    """
    is_first = request.blueprint == "embed" and request.method == "GET"
    return session_token() if is_first or getattr(session, "carrier", None) is Carrier.PAGE else ""


def _field(request: Request) -> str | None:
    try:
        return request.form.get(FIELD)
    except HTTPException:
        # A body that is too large or broken: whoever reads it next says so, with a page.
        return None
