"""The entry point: create_app(config) for the web server, and the command line (python app.py --help)."""

from __future__ import annotations

import logging
import os
import time
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, request, url_for
from flask_compress import Compress
from htmx_flask import Htmx
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from commands import command_line
from config import PROJECT, Config
from onboarding.diagnosis.catalogue import CATALOGUE
from onboarding.ports import Clock, Store
from onboarding.proof.checks import QUESTIONS
from onboarding.receipt import has_receipt
from views import api, colleague, embed, entry, errors, examine, handover, health, receipt, security, trouble, wizard
from views.guard.access import handed_over
from views.guard.bodies import MOST_FIELDS, OurRequest
from views.guard.csrf import Csrf
from views.guard.framing import framing_start, install_framing, unframed
from views.guard.limits import install_limits
from views.guard.sessions import Sessions, carried_session, session_token
from views.installation import Installation
from views.look import branding, language
from views.look.branding import install_branding
from views.look.filters import install_filters
from views.look.static_files import StaticFiles, versions_of
from views.look.unindented import Unindented
from wiring import Parts, build

log = logging.getLogger("rolecall.http")

SESSION_LIFETIME = timedelta(days=7)
LARGEST_BODY = 64 * 1024


def create_app(config: Config | None = None, *, store: Store | None = None, clock: Clock | None = None) -> Flask:
    """Return the web application. Without a config it is read from the environment; raises ConfigError."""
    config = config or Config.from_env(os.environ)
    app = Flask(__name__)
    _configure(app, config)
    app.session_interface = Sessions()
    app.json = api.BoundedJson(app)
    language.install_languages(app, PROJECT / "translations")
    console = [config.console_url] if config.insecure else []
    form_origins = (*config.vendor.partition.form_origins, *console)
    headers = security.fixed_headers(form_origins=form_origins, is_https=config.is_https)
    refusal = errors.plain_refusal(app.extensions["rolecall.catalogues"], headers=headers)
    if config.has_rate_limits:
        install_limits(app, refusal)
    Compress(app)
    csrf = Csrf(app)
    # The API needs no CSRF token: a browser never sends an API key by itself.
    csrf.exempt(api.bp)
    Htmx(app)
    # After Htmx, whose request it is too.
    app.request_class = OurRequest
    static = Path(app.static_folder or "static")
    here = _installation(build(config, store=store, clock=clock), static=static)
    app.extensions["rolecall"] = here
    asides = (trouble.bp, receipt.bp, examine.bp, handover.bp)
    tenants = (entry.bp, wizard.bp, *asides, colleague.bp, embed.bp, language.bp)
    for blueprint in (*tenants, branding.bp, api.bp, health.bp):
        app.register_blueprint(blueprint)
    errors.install_error_pages(app, refusal)
    install_framing(app)
    install_branding(app, here)
    _install_templates(app, here)
    security.install_security_headers(app, headers=headers)
    _install_access_log(app)
    if config.proxy_hops:
        hops = config.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]
    # What StaticFiles does not send is no file: Flask would send the parts of a stylesheet.
    app.view_functions["static"] = lambda filename: abort(404)
    file_headers = {**headers, "Content-Security-Policy": security.FILE_POLICY}
    files = StaticFiles(app.wsgi_app, static, versions=here.asset_versions, headers=file_headers)
    app.wsgi_app = files  # type: ignore[method-assign]
    return app


def _configure(app: Flask, config: Config) -> None:
    app.config.update(
        SECRET_KEY=config.secret_key,
        SECRET_KEY_FALLBACKS=list(config.secret_key_fallbacks),
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        MAX_FORM_MEMORY_SIZE=LARGEST_BODY,
        MAX_FORM_PARTS=MOST_FIELDS,
        TRUSTED_HOSTS=[urlsplit(config.public_url).hostname or "", "localhost", "127.0.0.1"],
        PERMANENT_SESSION_LIFETIME=SESSION_LIFETIME,
        # With the __Host- prefix, browsers send the cookie only to this host and only over TLS.
        SESSION_COOKIE_NAME="__Host-rolecall" if config.is_https else "rolecall",
        SESSION_COOKIE_SECURE=config.is_https,
        SESSION_COOKIE_SAMESITE="Lax",
        # The token is bound to the session, so it is valid as long as that.
        WTF_CSRF_TIME_LIMIT=None,
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_ALGORITHM_STREAMING=["br", "gzip"],
        # 10 makes a page a tenth smaller, but takes 38 ms for one that shows a long text again. 6 takes 1.4 ms.
        COMPRESS_BR_LEVEL=6,
    )


def _installation(parts: Parts, *, static: Path) -> Installation:
    config = parts.config
    return Installation(
        vendor=config.vendor,
        onboarding=parts.onboarding,
        invites=parts.invites,
        handovers=parts.handovers,
        api_keys=parts.api_keys,
        portal=parts.portal,
        store=parts.store,
        clock=parts.clock,
        permissions=parts.template.permissions,
        callback=parts.template.callback,
        badge=parts.badge,
        public_url=config.public_url,
        brand=config.brand,
        return_url=config.return_url,
        is_sandbox=config.insecure and config.open_door,
        has_open_door=config.open_door,
        asset_versions=versions_of(static),
    )


def _install_templates(app: Flask, here: Installation) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension(Unindented)

    def asset(name: str) -> str:
        return unframed(url_for("static", filename=name, v=here.asset_versions[name]))

    app.jinja_env.globals.update(asset=asset, questions=QUESTIONS, diagnoses=CATALOGUE)
    app.jinja_env.globals.update(framing=framing_start, carried_session=carried_session, session_token=session_token)
    app.jinja_env.globals.update(handed_over=handed_over, has_receipt=has_receipt)
    install_filters(app.jinja_env)
    # Macros are globals: a block rendered alone does not run the imports of its file.
    app.jinja_env.globals["ui"] = app.jinja_env.get_template("_ui.html").module
    figures = app.jinja_env.get_template("console/_figure.html").module
    app.jinja_env.globals["console_figure"] = figures.figure  # type: ignore[attr-defined]


def _install_access_log(app: Flask) -> None:
    @app.before_request
    def start_timer() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def write_line(response: Response) -> Response:
        # The rule instead of the path, which can hold the token of an invite or a hand-over.
        rule = request.url_rule.rule if request.url_rule else "(none)"
        took = (time.perf_counter() - g.started) * 1000 if "started" in g else 0
        connection_id = (request.view_args or {}).get("connection_id", "-")
        log.info(
            "request.answered method=%s route=%s status=%s ms=%.1f connection=%r",
            request.method,
            rule,
            response.status_code,
            took,
            connection_id,
        )
        return response


if __name__ == "__main__":
    command_line(obj=os.environ)
