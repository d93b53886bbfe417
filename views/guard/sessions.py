"""The signed session, and how it travels. Views, forms and the CSRF token work the same in each case.

A page outside a frame has it in a cookie. In a frame of another site it has a second cookie, which the browser keeps
apart for each site that frames us (CHIPS). If the browser keeps no cookies there, the page carries the session: in a
header of every htmx request and a field of every form, never in an address (docs/decisions/0006).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from flask import Flask, Request, Response, current_app, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_wtf.csrf import generate_csrf
from itsdangerous import BadSignature

from views.guard.bodies import form_of
from views.guard.framing import is_framed

HEADER = "Rolecall-Session"
LANGUAGE_HEADER = "Rolecall-Language"
FIELD = "rolecall_session"
# Under the other cookie's name, it would overwrite that one in a browser that does not keep the two apart.
FRAMED_COOKIE = "__Host-rolecall-framed"
_RENEWED_AFTER = timedelta(days=1)
_LANGUAGE_KEPT = timedelta(days=365)
_LONGEST_CODE = 35


class Carrier(StrEnum):
    """What sends the session with the next request."""

    COOKIE = "cookie"
    PAGE = "page"


class CarriedSession(SecureCookieSession):
    """A session, how it came, and when it was signed."""

    carrier = Carrier.COOKIE
    is_old = False


class Sessions(SecureCookieSessionInterface):
    """Reads the session from a cookie or the page, and writes it back the same way."""

    session_class = CarriedSession

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return the session that the request brings, or an empty one.

        The header comes first. A cookie comes before a form's field, which is as old as the page. The field is for
        forms that open a new window, where there is neither.
        """
        in_cookie = self._read(app, request.cookies.get(self.get_cookie_name(app)))
        if not is_framed(request):
            return in_cookie or self.session_class()
        in_header = self._read(app, request.headers.get(HEADER), Carrier.PAGE)
        if in_header is not None:
            return in_header
        return in_cookie or self._read(app, form_of(request).get(FIELD), Carrier.PAGE) or self.session_class()

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        """Whether to send the cookie: if the session changed, or is a day old: it ends a week after the last visit.

        Not with every answer, as Flask does: one that was under way would undo what a later one wrote.
        """
        return session.modified or getattr(session, "is_old", False)

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

    def token(self, app: Flask, session: Mapping[str, object]) -> str:
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

    def _read(self, app: Flask, token: str | None, carrier: Carrier = Carrier.COOKIE) -> CarriedSession | None:
        signer = self.get_signing_serializer(app)
        if not token or signer is None:
            return None
        try:
            lifetime = int(app.permanent_session_lifetime.total_seconds())
            found, signed_at = signer.loads(token, max_age=lifetime, return_timestamp=True)
        except BadSignature:
            return None
        if not isinstance(found, dict):
            return None
        session = self.session_class(found)
        session.carrier = carrier
        session.is_old = datetime.now(UTC) - signed_at > _RENEWED_AFTER
        return session


def keep_language(response: Response, code: str) -> None:
    """Keep the language beside the session: as a part of it, an answer under way could undo the choice."""
    app, sessions = current_app, _sessions()
    if getattr(session, "carrier", None) is Carrier.PAGE:
        response.headers[LANGUAGE_HEADER] = code
        return
    response.set_cookie(
        _language_cookie(),
        code,
        max_age=_LANGUAGE_KEPT,
        secure=sessions.get_cookie_secure(app),
        samesite=sessions.get_cookie_samesite(app),
        partitioned=sessions.get_cookie_partitioned(app),
        httponly=True,
    )


def kept_language() -> str | None:
    """Return the language that was chosen in this browser, as it was sent: any text.

    The page of a new window has it in the session that it carries.
    """
    in_header = request.headers.get(LANGUAGE_HEADER) if is_framed(request) else None
    found = in_header or request.cookies.get(_language_cookie()) or session.get("language")
    return found if isinstance(found, str) else None


def session_token() -> str:
    """Return the session as text, for a form that opens a new window."""
    # The session must hold the CSRF token, which might not have been made yet.
    generate_csrf()
    language = kept_language()
    carried = {**session, "language": language[:_LONGEST_CODE]} if language else dict(session)
    return _sessions().token(current_app, carried)


def carried_session() -> str:
    """Return the session as text for the page to carry, or nothing if a cookie does.

    The frame's first page always carries it, since nobody knows yet whether its cookie will come back.
    """
    is_first = request.blueprint == "embed" and request.method == "GET"
    return session_token() if is_first or getattr(session, "carrier", None) is Carrier.PAGE else ""


def _sessions() -> Sessions:
    interface = current_app.session_interface
    assert isinstance(interface, Sessions)
    return interface


def _language_cookie() -> str:
    return f"{_sessions().get_cookie_name(current_app)}-language"
