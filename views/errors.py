"""A page for every error: what happened, and what to do about it. The text of an exception goes only to the log."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta

from flask import Flask, Response, make_response, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from htmx_flask import request as htmx_request
from werkzeug.exceptions import HTTPException, SecurityError

from onboarding.ground.wording import NOTHING, Text, say
from onboarding.lifecycle import IllegalTransition
from onboarding.ports import ConcurrentChange
from views.api import api_error
from views.forms import TokenForm
from views.guard.bodies import form_of
from views.guard.limits import TooMany
from views.guard.sessions import FIELD
from views.guard.too_many import API_CODE, API_MESSAGE, PlainRefusal, htmx_headers, plain_page
from views.installation import installation
from views.look.catalogues import Catalogues
from views.look.filters import clock
from views.look.render import page

log = logging.getLogger("rolecall.views")

# What a page says for each HTTP status: what happened, and what to do.
_WORDS: dict[int, tuple[Text, Text]] = {
    400: (say("We could not read that request"), say("Go back, reload the page, and try again.")),
    401: (say("This session has ended"), say("Nothing you did is lost. Reload this page in your browser, then go on.")),
    404: (
        say("There is no such page"),
        say("The address might be mistyped, or the page might belong to someone else. Open the link you were sent."),
    ),
    405: (say("This page cannot be opened that way"), say("Go back, and use the buttons on the page.")),
    409: (say("This has changed in the meantime"), say("Go back and reload the page to see the current state.")),
    410: (
        say("This link has ended"),
        say("Nothing you did is lost. Open your link again. Its page says what to do."),
    ),
    413: (say("That is too much text"), say("Go back, and paste only what the page asks for.")),
    429: (say("Too many tries in a short time"), say("Wait a minute, then reload this page.")),
    500: (
        say("Something broke on our side"),
        say("Nothing you did is lost. Try again in a minute. If it still fails, tell us."),
    ),
}
# What the API says for each: a code, and a sentence for whoever wrote the program.
_API_WORDS = {
    400: ("bad_request", "The request is malformed, or a page of another site sent it."),
    401: ("api_key_unknown", "The API key is missing, unknown or revoked. Send it as Authorization: Bearer <key>."),
    404: ("not_found", "There is no such address."),
    405: ("method_not_allowed", "This address does not take this method."),
    413: ("too_large", "The body is larger than 64 kB."),
    429: (API_CODE, API_MESSAGE),
    500: ("broken", "The request failed on our side. Try again in a minute."),
}


def plain_refusal(catalogues: Catalogues, *, headers: Mapping[str, str]) -> PlainRefusal:
    """Return what a sender far beyond a limit gets, in all our languages."""
    headline, remedy = _WORDS[429]
    languages = catalogues.translations.items()
    said = [(code, _in.ugettext(headline.source), _in.ugettext(remedy.source)) for code, _in in languages]
    return PlainRefusal(plain_page(said), headers)


def install_error_pages(app: Flask, refusal: PlainRefusal) -> None:
    """Register a page for every error. `refusal`: for a sender who was told in full that it is beyond a limit."""

    @app.errorhandler(CSRFError)
    def stale_page(error: CSRFError) -> ResponseReturnValue:
        return error_page(400, headline=say("This page was open for too long"), can_resend=True)

    @app.errorhandler(IllegalTransition)
    @app.errorhandler(ConcurrentChange)
    def overtaken(error: Exception) -> ResponseReturnValue:
        return error_page(409)

    @app.errorhandler(TooMany)
    def too_often(error: TooMany) -> ResponseReturnValue:
        seconds = error.seconds
        if error.is_plain:
            return refusal.response(request.environ, seconds)
        at = installation().clock.now() + timedelta(seconds=seconds)
        remedy = say("You can go on at {time}, in {seconds} seconds.", time=clock(at), seconds=seconds)
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
    """Return the page for an HTTP status; `headline` and `remedy` replace its usual words.

    `can_resend` offers to send again what was typed, with a CSRF token that is valid now.
    """
    if isinstance(request.routing_exception, SecurityError):
        # The Host header is not ours: url_for fails, and every page needs it.
        return Response("This address is not ours. Open the link you were sent.\n", 400, mimetype="text/plain")
    if request.path.startswith("/api/"):
        response, _ = api_error(code, *_API_WORDS.get(code, _API_WORDS[500]))
        if code == 401:
            response.headers["WWW-Authenticate"] = "Bearer"
        return response, code
    usual, what_to_do = _WORDS.get(code, _WORDS[400 if code < 500 else 500])
    shown = page(
        "errors/page.html",
        code=code,
        headline=headline or usual,
        remedy=remedy or what_to_do,
        typed=_typed() if can_resend else [],
        form=TokenForm(formdata=None),
    )
    return shown, code, htmx_headers(request.method, code) if htmx_request.htmx else {}


def _typed() -> list[tuple[str, str]]:
    """Return the fields of the form that was sent, to be sent again.

    Only if the browser says that a page of ours sent it: otherwise another site could get its own form onto a page
    of ours, with a valid CSRF token.
    """
    if request.headers.get("Sec-Fetch-Site") != "same-origin" or request.blueprint == "embed":
        return []
    return [(name, value) for name, value in form_of(request).items(multi=True) if name not in ("csrf_token", FIELD)]
