"""The stand-in console beyond creating: faults, the stack's page, accounts, CloudShell, and what holds everywhere."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from onboarding.launch import Launch
from sandbox.aws import SandboxAws
from tests.html_reader import read
from tests.sandbox.console_browser import (
    OTHER,
    TENANT,
    a_client,
    quick,
    stack_of,
    stack_page,
    wait_for,
)

# Faults


@pytest.mark.parametrize("fault", ["wrong-external-id", "ignores-external-id"])
def test_a_fault_chosen_is_a_fault_in_the_role(
    browser: FlaskClient, launch: Launch, sandbox_aws: SandboxAws, fault: str
) -> None:
    events = quick(browser, launch, fault=fault)
    wait_for(lambda: "hx-get" not in stack_page(browser, events, "events").text)

    role = a_client(sandbox_aws, "iam", TENANT).get_role(RoleName=launch.stack_name)["Role"]
    assert launch.external_id not in json.dumps(role["AssumeRolePolicyDocument"])


def test_a_stack_that_fails_says_so_in_its_events(browser: FlaskClient, launch: Launch) -> None:
    events = quick(browser, launch, fault="stack-fails")
    wait_for(lambda: "ROLLBACK_COMPLETE" in stack_page(browser, events, "events").text)

    assert "CREATE_FAILED" in stack_page(browser, events, "events").text


# The stack's page


def test_a_stacks_page_refreshes_itself_until_the_stack_is_settled(browser: FlaskClient, launch: Launch) -> None:
    events = quick(browser, launch)
    assert 'hx-trigger="every 1s"' in events.text
    assert re.search(r'<noscript>\s*<meta http-equiv="refresh"', events.text)

    wait_for(lambda: "CREATE_COMPLETE" in stack_page(browser, events, "events").text.partition("<h1")[0])
    settled = stack_page(browser, events, "events").text
    assert "hx-trigger" not in settled and "http-equiv" not in settled


@pytest.mark.parametrize(
    ("tab", "says"),
    [("info", "Stack ID"), ("outputs", "RoleArn"), ("template", "AWSTemplateFormatVersion"), ("events", "User Init")],
)
def test_each_tab_shows_its_own(browser: FlaskClient, launch: Launch, tab: str, says: str) -> None:
    events = quick(browser, launch)
    wait_for(lambda: "hx-get" not in stack_page(browser, events, "events").text)

    page = stack_page(browser, events, tab)

    assert page.status_code == 200
    assert says in page.text.partition("<main")[2]


def test_deleting_a_stack_removes_its_role(browser: FlaskClient, launch: Launch, sandbox_aws: SandboxAws) -> None:
    events = quick(browser, launch)
    wait_for(lambda: "hx-get" not in stack_page(browser, events, "events").text)

    [stack_id] = parse_qs(urlsplit(events.request.url).query)["stackId"]
    browser.post("/cloudformation/stack/delete", data={"stackId": stack_id})

    wait_for(lambda: stack_of(sandbox_aws, launch.stack_name) is None)
    assert "DELETE_COMPLETE" in stack_page(browser, events, "events").text
    assert browser.get(f"/iam/roles/{launch.stack_name}").status_code == 404


# Accounts


def test_the_stack_is_made_in_the_account_that_the_browser_signed_in_to(
    browser: FlaskClient, launch: Launch, sandbox_aws: SandboxAws
) -> None:
    browser.post("/account", data={"account_id": "4444-5555-6666"})
    page = quick(browser, launch)

    assert "you @ 4444-5555-6666" in page.text
    assert stack_of(sandbox_aws, launch.stack_name, account_id=OTHER) is not None
    assert stack_of(sandbox_aws, launch.stack_name) is None


@pytest.mark.parametrize("account_id", ["", "12", "1111222233334", "abcdefghijkl", "１１１１２２２２３３３３"])
def test_what_is_no_account_id_changes_nothing(browser: FlaskClient, account_id: str) -> None:
    refused = browser.post("/account", data={"account_id": account_id})

    assert refused.status_code == 422
    assert "Set-Cookie" not in refused.headers


@pytest.mark.parametrize("back", ["https://example.com/", "//example.com", "/\\example.com", ""])
def test_switching_accounts_leads_nowhere_else(browser: FlaskClient, back: str) -> None:
    answer = browser.post("/account", data={"account_id": OTHER, "next": back})

    assert answer.headers["Location"] == "/cloudformation/stacks"


# CloudShell


def test_cloudshell_runs_the_wizards_line(browser: FlaskClient, launch: Launch, sandbox_aws: SandboxAws) -> None:
    answer = browser.post("/cloudshell/home?region=us-east-1", data={"line": launch.command() + "\n"})

    assert answer.status_code == 200
    stack = stack_of(sandbox_aws, launch.stack_name)
    assert stack is not None and stack["StackId"] in read(answer.text).text()
    listed = browser.post(
        "/cloudshell/home?region=us-east-1",
        data={"line": f"aws cloudformation describe-stacks --stack-name {launch.stack_name}"},
    )
    assert stack["StackId"] in read(listed.text).text()


@pytest.mark.parametrize(
    "line",
    [
        "",
        "ls",
        "rm -rf /",
        "aws",
        "aws cloudformation",
        "aws s3 ls",
        "'unclosed",
        "aws cloudformation delete-stack --stack-name x",
        "aws cloudformation create-stack",
        "aws cloudformation create-stack --stack-name",
        "aws cloudformation describe-stacks; id",
        "aws cloudformation describe-stacks && id",
        "aws cloudformation describe-stacks --query x",
        "aws cloudformation describe-stacks extra",
    ],
)
def test_cloudshell_refuses_every_other_line_and_says_why(browser: FlaskClient, line: str) -> None:
    answer = browser.post("/cloudshell/home?region=us-east-1", data={"line": line})

    assert answer.status_code == 422
    assert 'id="line-error"' in answer.text


def test_no_shell_sees_the_line(browser: FlaskClient, launch: Launch, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    line = launch.command().replace(launch.stack_name, f"'$(touch {canary})'")

    answer = browser.post("/cloudshell/home?region=us-east-1", data={"line": line})

    assert "failed to satisfy constraint" in read(answer.text).text(), "AWS was given the text as it stands"
    assert not canary.exists()


def test_cloudshell_shows_awss_refusal(browser: FlaskClient, launch: Launch) -> None:
    line = launch.command().replace("--capabilities CAPABILITY_NAMED_IAM ", "")

    answer = browser.post("/cloudshell/home?region=us-east-1", data={"line": line})

    assert "InsufficientCapabilitiesException" in answer.text


# Every page


@pytest.mark.parametrize(
    "path",
    [
        "/cloudformation/home",
        "/iam/home",
        "/cloudformation/stacks",
        "/cloudformation/create/create_stack",
        "/cloudformation/stack/events?stackId=none",
        "/iam/roles/none",
        "/cloudshell/home",
    ],
)
def test_every_page_says_that_it_is_not_awss_and_runs_nothing_inline(browser: FlaskClient, path: str) -> None:
    page = browser.get(path)

    assert "Stand-in for the AWS console.</strong> It belongs to Rolecall's sandbox, not to AWS." in page.text
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'; script-src")
    assert re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", page.text) is None


def test_only_this_machine_is_served(browser: FlaskClient) -> None:
    assert browser.get("/cloudformation/stacks", environ_overrides={"REMOTE_ADDR": "192.0.2.7"}).status_code == 403
    assert browser.get("/cloudformation/stacks", headers={"Host": "rebound.example.com"}).status_code == 400


def test_another_sites_form_is_refused(browser: FlaskClient, launch: Launch, sandbox_aws: SandboxAws) -> None:
    for origin in ("https://example.com", "null", "http://localhost:9999"):
        answer = browser.post(
            "/cloudshell/home?region=us-east-1", data={"line": launch.command()}, headers={"Origin": origin}
        )
        assert answer.status_code == 403

    assert stack_of(sandbox_aws, launch.stack_name) is None


def test_the_console_serves_every_part_of_its_stylesheets(browser: FlaskClient) -> None:
    sheets = re.findall(r'href="(/static/[\w/.-]+\.css)"', browser.get("/cloudformation/home").text)
    assert len(sheets) == 3

    parts = [f"/static/{part}" for sheet in sheets for part in re.findall(r'@import "(.+)";', browser.get(sheet).text)]

    assert len(parts) > 3
    assert {browser.get(part).status_code for part in parts} == {200}
