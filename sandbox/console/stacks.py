"""The stand-in's pages for reading: the list of stacks, one stack's tabs, and the role that a stack made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, request, url_for

from sandbox.console.session import region, show, signed_in, to

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("stacks", __name__)

TABS = {
    "Stack info": "info",
    "Events": "events",
    "Resources": "resources",
    "Outputs": "outputs",
    "Template": "template",
}


@bp.get("/cloudformation/stacks")
def index() -> ResponseReturnValue:
    """List the account's stacks."""
    return show("stacks.html", stacks=signed_in().stacks())


@bp.get("/cloudformation/stack/info")
def info() -> ResponseReturnValue:
    """Show the stack's own values."""
    return _tab("stack_info.html")


@bp.get("/cloudformation/stack/events")
def events() -> ResponseReturnValue:
    """Show the stack's events so far."""
    return _tab("console/_stack_events.html", events=signed_in().events(_stack_id()))


@bp.get("/cloudformation/stack/resources")
def resources() -> ResponseReturnValue:
    """Show the resources so far, with links to the pages of roles."""
    found = signed_in().resources(_stack_id())
    roles = {
        r.physical_id: url_for("stacks.role", name=r.physical_id, region=region())
        for r in found
        if r.type == "AWS::IAM::Role" and r.status == "CREATE_COMPLETE"
    }
    return _tab("console/_stack_resources.html", resources=found, links=roles)


@bp.get("/cloudformation/stack/outputs")
def outputs() -> ResponseReturnValue:
    """Show the stack's outputs. It has them once it is complete."""
    return _tab("stack_outputs.html")


@bp.get("/cloudformation/stack/template")
def template() -> ResponseReturnValue:
    """Show the stack's template."""
    return _tab("stack_template.html", template_body=signed_in().template(_stack_id()))


@bp.post("/cloudformation/stack/delete")
def delete() -> ResponseReturnValue:
    """Begin to delete the stack, and show its events."""
    stack_id = signed_in().stack(_stack_id())["StackId"]
    signed_in().delete_stack(stack_id)
    return to("stacks.events", stackId=stack_id)


@bp.get("/iam/roles/<name>")
def role(name: str) -> ResponseReturnValue:
    """Show one role: its ARN to copy, whom it trusts and what it can do."""
    found = signed_in().role(name)
    unit = "hour" if found.session_hours == 1 else "hours"
    return show(
        "role.html",
        picture={"role_name": found.name, "role_arn": found.arn},
        session_duration=f"{found.session_hours} {unit}",
        role=found,
    )


def _tab(partial: str, *, links: dict[str, str] | None = None, **values: Any) -> ResponseReturnValue:
    stack = signed_in().stack(_stack_id())
    stack_id = stack["StackId"]
    tabs = {name: url_for(f"stacks.{tab}", region=region(), stackId=stack_id) for name, tab in TABS.items()}
    return show(
        "stack.html",
        partial=partial,
        stack=stack,
        stack_status=stack["StackStatus"],
        is_settling=stack["StackStatus"].endswith("_IN_PROGRESS"),
        picture={"stack_name": stack["StackName"]},
        links={**tabs, **(links or {})},
        **values,
    )


def _stack_id() -> str:
    return request.values.get("stackId", "") or "no-such-stack"
