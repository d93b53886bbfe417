"""A stand-in for the AWS console: it reads the real launch URLs and creates the stack in the sandbox's AWS.

Its pages are not AWS's. The templates of the wizard's pictures draw them (templates/console/), but here they work.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from botocore.exceptions import BotoCoreError, ClientError
from flask import Blueprint, Flask, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined
from werkzeug.wrappers import Response

from onboarding.ground.arn import parse_account_id
from onboarding.ground.refused import Refused
from sandbox.aws import SandboxAws
from sandbox.console import cloudshell as console_cloudshell
from sandbox.console import create as console_create
from sandbox.console import stacks as console_stacks
from sandbox.console.create import QUICK_CREATE
from sandbox.console.session import ACCOUNT_COOKIE, Accounts, show, signed_in, to, words

ROOT = Path(__file__).parents[2]
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'; "
        "connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}
# The console's pages are named behind the `#`. AWS still answers the older names `create/review` and `new`.
CREATE_PAGES = {
    "/stacks/quickcreate": QUICK_CREATE,
    "/stacks/create/review": QUICK_CREATE,
    "/stacks/create/template": "create_stack",
    "/stacks/create": "create_stack",
    "/stacks/new": "create_stack",
}

bp = Blueprint("console", __name__)


def create_console(aws: SandboxAws, *, account_id: str = "111122223333") -> Flask:
    """Return the stand-in console of the sandbox's AWS. A browser is signed in to that account until it switches."""
    app = Flask(__name__, static_folder=str(ROOT / "static"))
    app.jinja_loader = ChoiceLoader(
        [FileSystemLoader(ROOT / "sandbox" / "templates"), FileSystemLoader(ROOT / "templates")]
    )
    app.jinja_env.undefined = StrictUndefined
    # The wizard translates the captions of its pictures. The stand-in console speaks English.
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True  # as in the wizard, whose pictures these are
    # It signs in anybody as an administrator, so it serves only this machine, under this machine's own names.
    app.config["TRUSTED_HOSTS"] = ["localhost", "127.0.0.1", "[::1]"]
    app.extensions["accounts"] = Accounts(aws, account_id)
    for blueprint in (bp, console_create.bp, console_stacks.bp, console_cloudshell.bp):
        app.register_blueprint(blueprint)
    app.before_request(_refuse_strangers)
    app.after_request(_with_headers)
    app.register_error_handler(ClientError, _refused)
    app.register_error_handler(BotoCoreError, _unreachable)
    return app


@bp.get("/")
def index() -> ResponseReturnValue:
    """Go to the list of stacks."""
    return to("stacks.index")


@bp.get("/cloudformation/home")
@bp.get("/iam/home")
def home() -> ResponseReturnValue:
    """Serve the page whose script sends the whole address, with the part behind `#`, to open_address."""
    return show("handover.html")


@bp.get("/open")
def open_address() -> ResponseReturnValue:
    """Open what a console address points to: a launch URL's create page, a stack, a role, or the list of stacks."""
    address = urlsplit(request.args.get("url", ""))
    place = urlsplit(address.fragment)
    region = dict(parse_qsl(address.query)).get("region", "")
    values = dict(parse_qsl(place.query, keep_blank_values=True))
    if place.path in CREATE_PAGES:
        return to("create.page", page=CREATE_PAGES[place.path], **_usable(values, region=region), region=region)
    if place.path in {"/stacks/stackinfo", "/stacks/events", "/stacks/resources", "/stacks/outputs"}:
        tab = place.path.removeprefix("/stacks/").removeprefix("stack")
        return to(f"stacks.{tab}", stackId=values.get("stackId", ""), region=region)
    if place.path.startswith("/roles/"):
        return to("stacks.role", name=place.path.rpartition("/")[2], region=region)
    return to("stacks.index", region=region)


@bp.post("/account")
def switch_account() -> ResponseReturnValue:
    """Sign this browser in to another account."""
    try:
        chosen = parse_account_id(request.form.get("account_id", ""))
    except Refused as refused:
        return show("refused.html", status=422, alert=refused.sentence)
    back = request.form.get("next", "")
    is_ours = back.startswith("/") and not back.startswith(("//", "/\\"))
    answer = redirect(back if is_ours else url_for("stacks.index"), 303)
    answer.set_cookie(ACCOUNT_COOKIE, chosen, httponly=True, samesite="Lax")
    return answer


def _usable(values: dict[str, str], *, region: str) -> dict[str, str]:
    """Return what CloudFormation takes from a launch URL: of `param_…`, those that are declared and not NoEcho."""
    kept: dict[str, str] = {name: values[name] for name in ("templateURL", "stackName") if name in values}
    try:
        declared = signed_in().summarize(values.get("templateURL", "")).parameters
    except (ClientError, BotoCoreError):
        return kept  # The create page says what is wrong with the template.
    names = {f"param_{parameter.name}" for parameter in declared if not parameter.is_secret}
    return kept | {name: value for name, value in values.items() if name in names}


def _refuse_strangers() -> None:
    if request.remote_addr not in {"127.0.0.1", "::1"}:
        abort(403)
    origin = request.headers.get("Origin")
    if request.method == "POST" and origin is not None and origin != request.host_url.rstrip("/"):
        abort(403)


def _with_headers(response: Response) -> Response:
    response.headers.update(HEADERS)
    return response


def _refused(error: ClientError) -> ResponseReturnValue:
    return show("refused.html", status=error.response["ResponseMetadata"]["HTTPStatusCode"], alert=words(error))


def _unreachable(error: BotoCoreError) -> ResponseReturnValue:
    return show("refused.html", status=502, alert=f"The sandbox's AWS does not answer: {error}")
