"""Every page there is, in every state it has: opened one after the other for whoever examines them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from playwright.sync_api import Page, expect

from tests.browser import by_request
from tests.browser.visitor import Visitor, Wizard

Opened = tuple[str, Page]
_PASTED = {
    "YAML": "Role:\n  AssumeRolePolicyDocument:\n    Statement: []\n  RoleLastUsed: {}\n",
    "an access key": "AKIAIOSFODNN7EXAMPLE",
    "a loose policy": '> {"Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}}',
}

_BY_SCP = "with an explicit deny in a service control policy"
_FAILED = {
    "role left over": "CREATE_FAILED | northwind-7kq2m9xd already exists",
    "region": f"is not authorized to perform: cloudformation:CreateStack {_BY_SCP}",
    "role forbidden": f"is not authorized to perform: iam:CreateRole {_BY_SCP}",
}


def entrance(visitor: Visitor) -> Iterator[Opened]:
    """The ways in, and what stands in the way."""
    sandbox, page = visitor.sandbox, visitor.context.new_page()
    page.goto(sandbox.wizard_url)
    yield "landing", page
    page.get_by_label("Your company").fill("")
    page.get_by_role("button", name="Start").click()
    yield "landing refused", page
    link = sandbox.invite(visitor.company)
    page.goto(link)
    yield "invite", page
    visitor.context.request.post(link)
    page.goto(f"{sandbox.wizard_url}/no-such-page")
    yield "404", page
    page.goto(link)
    page.get_by_role("button", name="Start for").click()
    yield "no connections", page
    sandbox.command("invites", "revoke", _invite_id(visitor))
    page.goto(link)
    yield "invite ended", page


def untouched(wizard: Wizard) -> Iterator[Opened]:
    """A draft at every step, and what its forms say to wrong input."""
    for number in range(1, 10):
        wizard.go(number)
        yield f"draft, step {number}", wizard.page
    wizard.go(1)
    wizard.page.get_by_label("AWS account ID").fill("12")
    wizard.page.keyboard.press("Tab")
    expect(wizard.page.locator("#account_id_error")).to_be_visible()
    yield "account refused", wizard.page
    wizard.page.get_by_label("AWS account ID").fill("12345678901")
    wizard.page.keyboard.press("Tab")
    expect(wizard.page.locator("#account_id_error")).to_contain_text("0123-4567-8901")
    yield "account short", wizard.page
    wizard.go(9)
    wizard.paste_role("hello")
    yield "ARN refused", wizard.page
    wizard.paste_role("arn:aws:cloudformation:eu-west-1:210987654321:stack/northwind-7kq2m9xd/6f9e8a70-1b2c-11ee-be56")
    yield "role offered", wizard.page
    wizard.go("trouble")
    yield "trouble", wizard.page
    for name, pasted in _FAILED.items():
        wizard.page.get_by_label("What AWS shows").fill(pasted)
        wizard.page.get_by_role("button", name="What does it mean?").click()
        expect(wizard.page.locator("section.stack-help")).to_be_visible()
        yield f"trouble {name}", wizard.page


def waiting(wizard: Wizard) -> Iterator[Opened]:
    """A connection that waits for a role, for as long as there may be."""
    wizard.name_account()
    yield "waiting, step 1", wizard.page
    wizard.page.get_by_role("button", name="one command in CloudShell").click()
    yield "command", wizard.page
    wizard.go(1)
    wizard.page.get_by_role("button", name="a link to copy").click()
    yield "link", wizard.page
    for number in (3, 9):
        wizard.go(number)
        yield f"waiting, step {number}", wizard.page
    wizard.paste_role("arn:aws:iam::210987654321:role/northwind-7kq2m9xd")
    yield "accounts disagree", wizard.page
    wizard.go("examine")
    yield "examine", wizard.page
    for name, pasted in _PASTED.items():
        wizard.page.get_by_label("What the command printed").fill(pasted)
        wizard.page.get_by_role("button", name="Examine").click()
        yield f"examine {name}", wizard.page
    wizard.visitor.sandbox.age(wizard.connection_id, timedelta(minutes=3))
    wizard.go(6)
    yield "waiting for long", wizard.page
    wizard.visitor.sandbox.age(wizard.connection_id, timedelta(days=8))
    while wizard.row["status"] != "expired":
        wizard.page.wait_for_timeout(100)
    wizard.go(1)
    yield "expired", wizard.page


def rejected_then_connected(wizard: Wizard) -> Iterator[Opened]:
    """A role that is refused, and the same connection once it is sound."""
    stack = by_request.launch_and_create(wizard, fault="ignores-external-id")
    wizard.see_status("rejected")
    yield "rejected, step 1", wizard.page
    wizard.go(9)
    yield "rejected, step 9", wizard.page
    wizard.page.goto(f"{wizard.visitor.sandbox.wizard_url}/connections")
    yield "connections", wizard.page
    by_request.delete_stack(wizard, stack)
    wizard.go(1)
    by_request.launch_and_create(wizard)
    wizard.see_success()
    yield "success", wizard.page
    for number in (3, 9):
        wizard.go(number)
        yield f"connected, step {number}", wizard.page
    wizard.page.goto(f"{wizard.visitor.sandbox.wizard_url}/connections")
    yield "connections, one connected", wizard.page
    wizard.visitor.sandbox.command("connections", "disconnect", wizard.connection_id)
    wizard.go("receipt")
    yield "receipt", wizard.page


def _invite_id(visitor: Visitor) -> str:
    listed = visitor.sandbox.command("invites", "list").splitlines()
    return next(line.split()[0] for line in listed if visitor.company in line)
