"""The stand-in console's session: the account and the region that a browser is signed in to, shown on every page."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from flask import current_app, redirect, render_template, request, url_for

from onboarding.ground.partitions import PARTITIONS
from onboarding.look.picture import Picture
from sandbox.aws import SandboxAws
from sandbox.console.account import ConsoleAccount

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

ACCOUNT_COOKIE = "account_id"
DEFAULT_REGION = "us-east-1"


@dataclass(frozen=True)
class Accounts:
    """The accounts of one sandbox. Each is kept, since signing in costs more than all calls that follow."""

    aws: SandboxAws
    default_id: str
    _accounts: dict[tuple[str, str], ConsoleAccount] = field(default_factory=dict)
    _opening: threading.Lock = field(default_factory=threading.Lock)

    def open(self, *, account_id: str, region: str) -> ConsoleAccount:
        """Return the account in the region, signed in."""
        with self._opening:
            key = (account_id, region)
            if key not in self._accounts:
                self._accounts[key] = ConsoleAccount(self.aws, account_id=account_id, region=region)
            return self._accounts[key]


def accounts() -> Accounts:
    """Return this application's accounts."""
    found: Accounts = current_app.extensions["accounts"]
    return found


def signed_in() -> ConsoleAccount:
    """Return the account that this browser is signed in to, in the region of the URL or the form."""
    return accounts().open(account_id=account_id(), region=region())


def account_id() -> str:
    """Return the account that this browser chose, or the default."""
    chosen = request.cookies.get(ACCOUNT_COOKIE, "")
    return chosen if re.fullmatch(r"[0-9]{12}", chosen) else accounts().default_id


def region() -> str:
    """Return the region of the URL or the form, or the default if it is not the code of a region."""
    asked = request.values.get("region", "")
    return asked if re.fullmatch(r"[a-z]{2}(-[a-z]+){1,3}-[0-9]", asked) else DEFAULT_REGION


def words(error: ClientError) -> str:
    """Return AWS's own sentence in the error."""
    return str(error.response["Error"]["Message"])


def show(template: str, *, status: int = 200, **values: Any) -> tuple[str, int]:
    """Render a page of the console from these values and those that every page has."""
    picture = replace(_empty_picture(), **values.pop("picture", {}))
    links = {
        "CloudFormation": url_for("stacks.index", region=region()),
        "Stacks": url_for("stacks.index", region=region()),
        **values.pop("links", {}),
    }
    common = {"live": True, "errors": {}, "alert": "", "is_settling": False}
    return render_template(template, **common | values, picture=picture, links=links), status


def to(endpoint: str, **values: Any) -> Response:
    """Redirect to a page in the same region."""
    return redirect(url_for(endpoint, **{"region": region()} | values), 303)


def _empty_picture() -> Picture:
    names = {code: str(name) for partition in PARTITIONS.values() for code, name in partition.regions.items()}
    known = {"region": region(), "region_name": names.get(region(), region()), "account_id": account_id()}
    return Picture(**dict.fromkeys((field.name for field in fields(Picture)), "") | known)
