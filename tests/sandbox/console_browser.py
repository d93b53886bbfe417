"""A browser at the stand-in console: it opens launch URLs, fills in pages and presses their buttons."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from onboarding.launch import Launch
from onboarding.model import Flow
from sandbox.aws import SandboxAws
from tests.html_reader import attribute, first, read

BUCKET = "northwind-templates"
TEMPLATE_URL = f"https://{BUCKET}.s3.amazonaws.com/role.yaml"
TENANT, OTHER = "111122223333", "444455556666"


WITH_A_SECRET = """
Parameters:
  Shown: {Type: String, Default: quiet}
  Secret: {Type: String, NoEcho: true, Default: hush}
Resources:
  Topic: {Type: AWS::SNS::Topic}
"""


@cache
def a_client(aws: SandboxAws, service: str, account_id: str) -> Any:
    credentials = aws.account_credentials(account_id)
    return boto3.client(
        service,
        region_name="us-east-1",
        endpoint_url=aws.url,
        aws_access_key_id=credentials["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=credentials["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=credentials["AWS_SESSION_TOKEN"],
    )


def stack_of(aws: SandboxAws, name: str, *, account_id: str = TENANT) -> dict[str, Any] | None:
    stacks = a_client(aws, "cloudformation", account_id).describe_stacks()["Stacks"]
    return next((stack for stack in stacks if stack["StackName"] == name), None)


def follow(browser: FlaskClient, url: str) -> TestResponse:
    """Open a console address as a browser with its script does: the script hands the whole address over."""
    address = urlsplit(url)
    home = browser.get(f"{address.path}?{address.query}")
    assert home.status_code == 200
    hand_over = attribute(first(read(home.text), "[data-hand-over]"), "data-hand-over")
    return browser.get(hand_over, query_string={"url": url}, follow_redirects=True)


def entered(page: TestResponse) -> dict[str, str]:
    """The entries that the page's main form would send, as it stands."""
    main = first(read(page.text), "main")
    inputs = [field.attributes for field in main.css("input")]
    entries = [i for i in inputs if i.get("type") not in {"checkbox", "radio"} or "checked" in i]
    chosen = main.css_first("option[selected]")
    return {i["name"]: i.get("value", "on") for i in entries} | {"fault": attribute(chosen, "value") if chosen else ""}


def press(browser: FlaskClient, page: TestResponse, button: str, **changes: str) -> TestResponse:
    """Press a button on the page, after changing some of its fields."""
    form = first(read(page.text), "main form[method=post]")
    first(form, f'[name=go][value="{button}"]')
    return browser.post(attribute(form, "action"), data=entered(page) | changes | {"go": button}, follow_redirects=True)


def wait_for(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < until, "it did not happen within ten seconds"
        time.sleep(0.05)


def quick(browser: FlaskClient, launch: Launch, **changes: str) -> TestResponse:
    """Open quick create, tick, and press Create stack."""
    page = follow(browser, launch.url(Flow.QUICK_CREATE))
    return press(browser, page, "Create stack", **{"acknowledged": "yes"} | changes)


def stack_page(browser: FlaskClient, events: TestResponse, tab: str) -> TestResponse:
    [stack_id] = parse_qs(urlsplit(events.request.url).query)["stackId"]
    return browser.get(f"/cloudformation/stack/{tab}", query_string={"stackId": stack_id, "region": "us-east-1"})
