"""The language of a page: the tenant's choice, else the portal's, else the browser's, else English."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from babel import Locale, dates, numbers
from flask import Blueprint, Flask, Response, current_app, make_response, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import Babel, get_locale, gettext
from htmx_flask import make_response as make_htmx_response
from htmx_flask import request as htmx_request
from jinja2 import pass_context
from jinja2.runtime import Context
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from onboarding.ground.wording import Text
from views.guard.access import anyone_framed_too
from views.guard.framing import framing_start
from views.guard.limits import limited
from views.guard.lookups import once_a_request
from views.guard.sessions import Carrier, keep_language, kept_language
from views.look.catalogues import ENGLISH, Catalogues

bp = Blueprint("language", __name__)

# A browser that names ten languages sends 80 characters, and reading takes as long as the list is.
_LONGEST_LIST = 500

# We write the day before the month.
_DATES_OF = {ENGLISH: Locale("en", "GB")}


def install_languages(app: Flask, folder: Path) -> None:
    """Show the templates and every Text in each language that has a catalogue in the folder."""
    catalogues = Catalogues.read(folder)
    babel = Babel(app, locale_selector=language)
    babel.domain_instance = app.extensions["rolecall.catalogues"] = catalogues
    # Only the API shows sentences of WTForms, and it is English. Those of our forms are in our catalogues.
    app.config["WTF_I18N_ENABLED"] = False
    env = app.jinja_env
    env.policies["ext.i18n.trimmed"] = True
    # Jinja passes every value that a template shows through this, so each Text is translated.
    env.finalize = translated
    env.filters["translated"] = translated
    env.globals.update(language=language, languages=catalogues.names, way_back=_way_back)


@once_a_request
def language() -> str:
    """Return the code of the language of this request."""
    start = framing_start()
    named = (kept_language(), start.language if start else None)
    return next(filter(None, map(_known, (*named, *_asked_for()))), ENGLISH)


def translated(value: Any) -> Any:
    """Return a Text, with its parameters, in the language of this request; any other value unchanged."""
    if not isinstance(value, Text) or not value.source:
        return value
    sentence = gettext(value.source)
    if not value.params:
        return sentence
    return sentence.format_map({name: _filling(param) for name, param in value.params.items()}).strip()


def format_day(at: datetime) -> str:
    """Return the date in full in the language of this request."""
    return dates.format_date(at, format="long", locale=_locale_of_dates())


def format_number(number: float, pattern: str | None = None) -> str:
    """Return the number with the separators of the language of this request."""
    return numbers.format_decimal(number, format=pattern, locale=get_locale())


@bp.post("/language")
@anyone_framed_too
@limited("language")
def choose() -> ResponseReturnValue:
    """Keep the chosen language, if we have it or a close one, and lead back to the page."""
    ways = (request.form.get("back", ""), request.referrer or "")
    back = next(filter(None, map(_page_of_ours, ways)), url_for("entry.connections"))
    if htmx_request.htmx:
        # A page that carries its session would miss the new session if the answer were a redirect.
        answer: Response = make_htmx_response("", location={"path": back, "target": "body"})
    else:
        answer = make_response(redirect(back, 303))
    if found := _known(request.form.get("language")):
        keep_language(answer, found)
    return answer


def _asked_for() -> list[str]:
    """Return what the browser asks for, the most wanted first: of a long list, only its beginning."""
    header = request.headers.get("Accept-Language", "")
    if len(header) > _LONGEST_LIST:
        header = header[:_LONGEST_LIST].rpartition(",")[0]
    # Not Werkzeug's best_match: it would answer "en-US, de;q=0.9" in German, the only exact match.
    return [code for code, quality in parse_accept_header(header, LanguageAccept) if quality]


def _known(code: object) -> str:
    """Return our language for a code, or an empty string."""
    catalogues: Catalogues = current_app.extensions["rolecall.catalogues"]
    return catalogues.closest(code) if isinstance(code, str) else ""


@pass_context
def _way_back(context: Context) -> str:
    """Return the page that the language form leads back to, where the browser's Referer does not name it.

    A page that answers a form: back to the one before. A page that carries its session: to itself. A link's page,
    whose Referer leaves out its secret path: the view passes that as `key_path`, once it has found the link. Any other
    GET puts no input beside the CSRF token, from which compression could leak it (docs/decisions/0001-libraries.md).
    """
    if key_path := context.get("key_path"):
        return str(key_path)
    if request.method != "GET":
        return _page_of_ours(request.referrer or "")
    return request.script_root + request.path if getattr(session, "carrier", "") is Carrier.PAGE else ""


def _page_of_ours(address: str) -> str:
    """Return the path and query of an address if it is a page of ours, else an empty string."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    root = request.script_root
    # A browser takes `//connections` in a Location for the address of a host.
    is_path = parts.path.startswith(f"{root}/") and not parts.path.startswith("//") and "\\" not in parts.path
    is_here = parts.netloc in ("", request.host) and is_path
    if not is_here or not current_app.url_map.bind("").test(parts.path.removeprefix(root), "GET"):
        return ""
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _filling(param: Any) -> str:
    if isinstance(param, tuple):
        return ", ".join(map(_filling, param))
    if isinstance(param, datetime):
        return f"{format_day(param)}, {param:%H:%M} UTC"
    return format_number(param) if isinstance(param, int) else str(translated(param))


def _locale_of_dates() -> Locale:
    return _DATES_OF.get(language()) or Locale.parse(language())
