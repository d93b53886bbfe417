"""Who sits at the stand-in console: the account signed in to, the region, and what every page of it shows."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from flask import current_app, redirect, render_template, request, url_for

from onboarding.ground.partitions import PARTITIONS
from onboarding.look.picture import Picture
from sandbox.console.account import Aws, ConsoleAccount

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

ACCOUNT_COOKIE = "account_id"
DEFAULT_REGION = "us-east-1"


@dataclass(frozen=True)
class Desk:
    """The console of one sandbox. Accounts are kept, since signing in to one costs more than all that follows."""

    aws: Aws
    account_id: str
    _accounts: dict[tuple[str, str], ConsoleAccount] = field(default_factory=dict)
    _opening: threading.Lock = field(default_factory=threading.Lock)

    def open(self, *, account_id: str, region: str) -> ConsoleAccount:
        """Return the account in the region, signed in to."""
        with self._opening:
            key = (account_id, region)
            if key not in self._accounts:
                self._accounts[key] = ConsoleAccount(self.aws, account_id=account_id, region=region)
            return self._accounts[key]


def desk() -> Desk:
    """Return this app's desk."""
    found: Desk = current_app.extensions["desk"]
    return found


def signed_in() -> ConsoleAccount:
    """Return the account that this browser is signed in to, in the region that the URL or the form names."""
    return desk().open(account_id=account_id(), region=region())


def account_id() -> str:
    """Return the account that this browser chose, or the one suggested."""
    chosen = request.cookies.get(ACCOUNT_COOKIE, "")
    return chosen if is_account_id(chosen) else desk().account_id


def is_account_id(text: str) -> bool:
    """Whether the text is twelve digits."""
    return re.fullmatch(r"[0-9]{12}", text) is not None


def region() -> str:
    """Return the region asked for; what is no region's code counts as none."""
    asked = request.values.get("region", "")
    return asked if re.fullmatch(r"[a-z]{2}(-[a-z]+){1,3}-[0-9]", asked) else DEFAULT_REGION


def words(error: ClientError) -> str:
    """Return AWS's own sentence in the error."""
    return str(error.response["Error"]["Message"])


def show(template: str, *, status: int = 200, **values: Any) -> tuple[str, int]:
    """Render a page of the console: the values, with what every page has."""
    picture = replace(_nothing_yet(), **values.pop("picture", {}))
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


def _nothing_yet() -> Picture:
    names: dict[str, str] = {
        code: name for partition in PARTITIONS.values() for code, name in partition.regions.items()
    }
    return Picture(
        vendor_name="",
        region=region(),
        region_name=names.get(region(), region()),
        account_id=account_id(),
        stack_name="",
        role_name="",
        role_arn="",
        external_id="",
        template_url="",
    )
