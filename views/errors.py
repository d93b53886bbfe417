"""Every error as a page in the same calm voice: what happened, what to do, and who must do it."""

from __future__ import annotations

import logging

from flask import Flask, Response
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError

from onboarding.lifecycle import IllegalTransition
from onboarding.ports import ConcurrentChange
from onboarding.wording import Text, say
from views.render import page

log = logging.getLogger("rolecall.views")

_WORDS: dict[int, tuple[Text, Text]] = {
    400: (say("That request does not fit together"), say("Go back, load the page again, and try once more.")),
    404: (
        say("There is no such page"),
        say("The link may be mistyped, or belong to someone else. Open the link you were sent."),
    ),
    405: (say("That is not how this page works"), say("Go back, and use the buttons on the page.")),
    409: (
        say("Somebody changed this at the same moment"),
        say("Go back and load the page: it shows how things stand now."),
    ),
    413: (say("That is too much text"), say("Go back, and paste only what the page asks for.")),
    429: (say("Too many tries in a short time"), say("Wait a minute, then go on.")),
    500: (
        say("Something broke on our side"),
        say("Nothing you did is lost. Try again in a minute; if it stays, tell us."),
    ),
}


def install_error_pages(app: Flask) -> None:
    """Register a page for every error."""

    @app.errorhandler(CSRFError)
    def stale_page(error: CSRFError) -> ResponseReturnValue:
        return error_page(400, headline=say("This page was open for too long"))

    @app.errorhandler(SecurityError)
    def wrong_host(error: SecurityError) -> ResponseReturnValue:
        # Without a host of ours there are no addresses either, and a page is full of them.
        return Response("This address is not ours. Open the link you were sent.\n", 400, mimetype="text/plain")

    @app.errorhandler(IllegalTransition)
    @app.errorhandler(ConcurrentChange)
    def overtaken(error: Exception) -> ResponseReturnValue:
        return error_page(409)

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> ResponseReturnValue:
        code = error.code or 500
        return error_page(code)

    @app.errorhandler(Exception)
    def broken(error: Exception) -> ResponseReturnValue:
        log.error("request.crashed", exc_info=error)
        return error_page(500)


def error_page(code: int, *, headline: Text | None = None) -> ResponseReturnValue:
    """Return the page for an HTTP status; `headline` says it better than the usual words for that status."""
    usual, remedy = _WORDS.get(code, _WORDS[400 if code < 500 else 500])
    return page("errors/page.html", code=code, headline=headline or usual, remedy=remedy), code
