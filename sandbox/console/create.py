"""The stand-in's "Create stack": quick create on one page, or four pages. The URLs and forms carry the values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from flask import Blueprint, abort, request

from sandbox.cloudformation.stack_faults import StackFault
from sandbox.console.session import show, signed_in, to, words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask.typing import ResponseReturnValue

    from sandbox.console.account import TemplateSummary

bp = Blueprint("create", __name__, url_prefix="/cloudformation/create")

PAGES = ("create_stack", "stack_details", "stack_options", "review")
QUICK_CREATE = "quick_create"
# The fields of each page. The other values are hidden fields.
FIELDS = {
    QUICK_CREATE: ("stackName", "param_", "acknowledged", "fault"),
    "create_stack": ("templateURL", "fault"),
    "stack_details": ("stackName", "param_", "fault"),
    "stack_options": ("tag_", "fault"),
    "review": ("acknowledged", "fault"),
}
FAULTS = {
    "": "None",
    StackFault.WRONG_EXTERNAL_ID.value: "A role that expects another external ID",
    StackFault.IGNORES_EXTERNAL_ID.value: "A role that ignores the external ID",
    StackFault.STACK_FAILS.value: "A stack that fails",
    StackFault.COMPLETES_LATE.value: "A role that is there before its stack is complete",
    StackFault.NAME_TAKEN.value: "A stack name that is taken",
    StackFault.REGION_FORBIDDEN.value: "An organisation that forbids the region",
    StackFault.PERIMETER.value: "An organisation that forbids the callback",
    StackFault.CALLBACK_LOST.value: "A callback that does not arrive (rolls back after five minutes)",
    StackFault.NO_RIGHTS.value: "No right to create roles",
    StackFault.BOUNDARY_DEMANDED.value: "Roles need a permissions boundary",
    StackFault.TAGS_DEMANDED.value: "Roles need a tag",
    StackFault.QUOTA_REACHED.value: "The account's roles are used up",
}
NAME_RULE = (
    "Stack name must contain only letters (a-z, A-Z), numbers (0-9), and hyphens (-), start with a letter, "
    "and have at most 128 characters."
)


@dataclass(frozen=True)
class Draft:
    """The stack as entered so far, with the names of launch URLs. `given` holds the parameters by name.

    The real console takes fifty tags, and this one takes one.
    """

    template_url: str
    stack_name: str
    given: Mapping[str, str]
    acknowledged: bool
    fault: str
    tag_key: str
    tag_value: str

    @property
    def entries(self) -> dict[str, str]:
        """The draft as URL arguments or form fields."""
        return {
            "templateURL": self.template_url,
            "stackName": self.stack_name,
            **{f"param_{name}": value for name, value in self.given.items()},
            **({"acknowledged": "yes"} if self.acknowledged else {}),
            **({"fault": self.fault} if self.fault else {}),
            **({"tag_key": self.tag_key, "tag_value": self.tag_value} if self.tag_key else {}),
        }

    def parameters(self, summary: TemplateSummary) -> list[dict[str, str]]:
        """Return every declared parameter with its value, given or default. Names are case-sensitive."""
        return [
            {"name": p.name, "label": p.label, "description": p.description, "value": self.given.get(p.name, p.default)}
            for p in summary.parameters
        ]


def parse_draft(entries: Mapping[str, str]) -> Draft:
    """Read a draft from URL arguments or a form. An unknown fault counts as none."""
    fault = entries.get("fault", "")
    return Draft(
        template_url=entries.get("templateURL", "").strip(),
        stack_name=entries.get("stackName", "").strip(),
        given={name.removeprefix("param_"): value for name, value in entries.items() if name.startswith("param_")},
        acknowledged=entries.get("acknowledged") == "yes",
        fault=fault if fault in FAULTS else "",
        tag_key=entries.get("tag_key", "").strip(),
        tag_value=entries.get("tag_value", "").strip(),
    )


@bp.get("/<page>")
def page(page: str) -> ResponseReturnValue:
    """Show one page with the values so far."""
    return _show(page, parse_draft(request.args.to_dict()))


@bp.post("/<page>")
def press(page: str) -> ResponseReturnValue:
    """Do what the pressed button says: Cancel, Previous, Next, or Create stack."""
    draft, go = parse_draft(request.form.to_dict()), request.form.get("go")
    if page not in FIELDS:
        abort(404)
    if go == "Cancel":
        return to("stacks.index")
    if go == "Previous" and page in PAGES[1:]:
        return to("create.page", page=PAGES[PAGES.index(page) - 1], **draft.entries)
    if go == "Next" and page in PAGES[:-1]:
        errors = _errors(page, draft)
        if errors:
            return _show(page, draft, errors=errors, status=422)
        return to("create.page", page=PAGES[PAGES.index(page) + 1], **draft.entries)
    if go == "Create stack" and page in (QUICK_CREATE, PAGES[-1]):
        return _create(page, draft)
    return abort(400)


def _create(page: str, draft: Draft) -> ResponseReturnValue:
    errors = _errors("stack_details", draft) if page == QUICK_CREATE else {}
    if errors:
        return _show(page, draft, errors=errors, status=422)
    account = signed_in()
    try:
        summary = account.summarize(draft.template_url)
        stack_id = account.create_stack(
            name=draft.stack_name,
            template_url=draft.template_url,
            parameters={p["name"]: p["value"] for p in draft.parameters(summary)},
            capabilities=[summary.capability] if draft.acknowledged and summary.capability else [],
            fault=draft.fault,
            tags={draft.tag_key: draft.tag_value} if draft.tag_key else {},
        )
    except ClientError as error:
        at_tick = error.response["Error"]["Code"].startswith("InsufficientCapabilities")
        return _show(
            page, draft, alert=words(error), status=422, errors={"acknowledged": words(error)} if at_tick else {}
        )
    return to("stacks.events", stackId=stack_id)


def _errors(page: str, draft: Draft) -> dict[str, str]:
    """Return what is wrong on the page, by field, in AWS's words."""
    try:
        summary = signed_in().summarize(draft.template_url) if draft.template_url else None
    except ClientError as error:
        return {"templateURL": words(error)}
    if summary is None:
        return {"templateURL": "Template URL is required."}
    if page != "stack_details":
        return {}
    errors = {}
    if re.fullmatch(r"[a-zA-Z][-a-zA-Z0-9]{0,127}", draft.stack_name) is None:
        errors["stackName"] = NAME_RULE
    parameters = {p["name"]: p["value"] for p in draft.parameters(summary)}
    refusal = signed_in().refusal_of(parameters, template_url=draft.template_url)
    if refusal:
        # Show it at the parameter that the sentence names, or else at the first.
        named = next((word for word in re.split(r"\W+", refusal) if word in parameters), next(iter(parameters), ""))
        errors[f"param_{named}"] = refusal
    return errors


def _show(page: str, draft: Draft, **values: Any) -> ResponseReturnValue:
    if page not in FIELDS:
        abort(404)
    if page != "create_stack" and not draft.template_url:
        return to("create.page", page="create_stack", **draft.entries)
    shown = FIELDS[page]
    hidden = {name: value for name, value in draft.entries.items() if not name.startswith(shown)}
    try:
        summary = signed_in().summarize(draft.template_url) if page != "create_stack" else None
    except ClientError as error:
        return show("refused.html", status=400, alert=words(error))
    return show(
        "create.html",
        page=page,
        picture={"stack_name": draft.stack_name, "template_url": draft.template_url},
        parameters=draft.parameters(summary) if summary else [],
        group=summary.group if summary else "",
        stack_description=summary.description if summary else "",
        acknowledged=draft.acknowledged,
        fault=draft.fault,
        tag_key=draft.tag_key,
        tag_value=draft.tag_value,
        faults=FAULTS,
        hidden=hidden,
        **values,
    )
