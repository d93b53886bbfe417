"""Every error in the same calm voice: what happened, what to do, and who must do it. Never what a crash said."""

from __future__ import annotations

import logging
from datetime import timedelta

from flask import Flask, Response, make_response, request
from flask.typing import ResponseReturnValue
from flask_limiter.errors import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from htmx_flask import request as htmx_request
from werkzeug.exceptions import HTTPException, SecurityError

from onboarding.ground.wording import NOTHING, Text, say
from onboarding.lifecycle import IllegalTransition
from onboarding.ports import ConcurrentChange
from views.api import api_error
from views.forms import TokenForm
from views.guard.limits import seconds_to_wait
from views.guard.sessions import FIELD
from views.installation import installation
from views.look.filters import clock
from views.look.render import page

log = logging.getLogger("rolecall.views")

_WORDS: dict[int, tuple[Text, Text]] = {
    400: (say("That request does not fit together"), say("Go back, load the page again, and try once more.")),
    401: (
        say("This was open for too long"),
        say("Nothing you did is lost. Load the page around this one again, and go on."),
    ),
    404: (
        say("There is no such page"),
        say("The link may be mistyped, or belong to someone else. Open the link you were sent."),
    ),
    405: (say("That is not how this page works"), say("Go back, and use the buttons on the page.")),
    409: (
        say("Somebody changed this at the same moment"),
        say("Go back and load the page: it shows how things stand now."),
    ),
    410: (
        say("This link has ended"),
        say("Nothing you did is lost. Open the link that you were sent once more: it says what to do."),
    ),
    413: (say("That is too much text"), say("Go back, and paste only what the page asks for.")),
    429: (say("Too many tries in a short time"), say("Wait a minute, then go on. Nothing you did is lost.")),
    500: (
        say("Something broke on our side"),
        say("Nothing you did is lost. Try again in a minute; if it stays, tell us."),
    ),
}
_API_CODES = {
    400: "bad_request",
    401: "api_key_unknown",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    429: "too_many_requests",
}


def install_error_pages(app: Flask) -> None:
    """Register a page for every error."""

    @app.errorhandler(CSRFError)
    def stale_page(error: CSRFError) -> ResponseReturnValue:
        return error_page(400, headline=say("This page was open for too long"), can_resend=True)

    @app.errorhandler(IllegalTransition)
    @app.errorhandler(ConcurrentChange)
    def overtaken(error: Exception) -> ResponseReturnValue:
        return error_page(409)

    @app.errorhandler(RateLimitExceeded)
    def too_often(error: RateLimitExceeded) -> ResponseReturnValue:
        seconds = seconds_to_wait()
        at = installation().clock.now() + timedelta(seconds=seconds)
        remedy = say(
            "You can go on at {time}, in {seconds} seconds. Nothing you did is lost.", time=clock(at), seconds=seconds
        )
        response = make_response(error_page(429, remedy=remedy, can_resend=True))
        response.headers["Retry-After"] = str(seconds)
        return response

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> ResponseReturnValue:
        code = error.code or 500
        return error_page(code, can_resend=code == 401)

    @app.errorhandler(Exception)
    def broken(error: Exception) -> ResponseReturnValue:
        log.error("request.crashed", exc_info=error)
        return error_page(500)


def error_page(
    code: int, *, headline: Text = NOTHING, remedy: Text = NOTHING, can_resend: bool = False
) -> ResponseReturnValue:
    """Return the answer for an HTTP status; `headline` and `remedy` say it better than the usual words for it.

    `can_resend` offers to send again what was typed, with a proof that is of today.
    """
    if isinstance(request.routing_exception, SecurityError):
        # Without a host of ours there are no addresses either, and a page is full of them.
        return Response("This address is not ours. Open the link you were sent.\n", 400, mimetype="text/plain")
    usual, what_to_do = _WORDS.get(code, _WORDS[400 if code < 500 else 500])
    if request.path.startswith("/api/"):
        response, _ = api_error(code, _API_CODES.get(code, "broken"), f"{headline or usual}. {remedy or what_to_do}")
        if code == 401:
            response.headers["WWW-Authenticate"] = "Bearer"
        return response, code
    typed = _typed() if can_resend else []
    shown = page(
        "errors/page.html",
        code=code,
        headline=headline or usual,
        remedy=remedy or what_to_do,
        typed=typed,
        form=TokenForm(formdata=None),
    )
    return shown, code, _where_htmx_puts_it(code)


def _typed() -> list[tuple[str, str]]:
    """Return what a form of our own held, to be sent again.

    Only where the browser says that a page of ours sent it, and not merely that it could have: else another site's
    form would come to stand on a page of ours, with a proof beside it.
    """
    if request.headers.get("Sec-Fetch-Site") != "same-origin" or request.blueprint == "embed":
        return []
    return [(name, value) for name, value in request.form.items(multi=True) if name not in ("csrf_token", FIELD)]


def _where_htmx_puts_it(code: int) -> dict[str, str]:
    """An error is a whole page, never a fragment of one; a poll that fails for a moment leaves the page alone."""
    if not htmx_request.htmx:
        return {}
    if request.method == "GET" and (code == 429 or code >= 500):
        return {"HX-Reswap": "none"}
    return {"HX-Retarget": "body", "HX-Reswap": "innerHTML"}
