"""Makes the tenant's stack, and tries what CloudFormation refuses."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from fieldtest.run import Run, TenantStack, said
from onboarding.ground.arn import AccountId, RoleArn
from onboarding.ground.external_id import mint_handle
from onboarding.stack_template.yaml_text import read_yaml

LONGEST_SECONDS = 300


def try_refusals(run: Run) -> None:
    """Try to make stacks that CloudFormation should refuse at once."""
    handle = mint_handle()
    name, external_id = f"{run.id}-{handle}", run.mint(handle)
    _refused(
        run,
        "stack-no-capability",
        name,
        external_id,
        code="InsufficientCapabilitiesException",
        text="Requires capabilities : [CAPABILITY_NAMED_IAM]",
        Capabilities=None,
    )
    template = read_yaml(run.template)
    constraint = template["Parameters"]["ExternalId"]["ConstraintDescription"]
    _refused(
        run,
        "stack-bad-external-id",
        name,
        external_id[:-1],
        code="ValidationError",
        text=f"Parameter ExternalId failed to satisfy constraint: {constraint}",
    )


def try_unpublished(run: Run) -> None:
    """Try to make a stack of the template as it stands in the project, which names no vendor."""
    handle = mint_handle()
    stack_id = run.create_stack(f"{run.id}-{handle}", run.mint(handle), TemplateURL=None, TemplateBody=run.template)
    stack, _ = run.finished(stack_id)
    reasons = _reasons(run, stack_id)
    run.sentences["stack-unpublished"] = reasons
    run.findings.note(
        "stack-unpublished",
        stack["StackStatus"] == "ROLLBACK_COMPLETE" and "nvalid principal" in reasons,
        f"{stack['StackStatus']}. {reasons}".rstrip(),
    )


def make(run: Run) -> None:
    """Make the stack that the wizard would have made, and one more of its name."""
    name, external_id = f"{run.id}-{run.handle}", run.mint()
    expected = RoleArn(run.tenant.partition, AccountId(run.tenant.account_id), "/", name)
    stack_id = run.create_stack(name, external_id)
    stack, took = run.finished(stack_id)
    is_complete = stack["StackStatus"] == "CREATE_COMPLETE"
    run.findings.note(
        "stack-made-by-url",
        is_complete and took <= LONGEST_SECONDS,
        f"{stack['StackStatus']} after {took:.0f} seconds. {_reasons(run, stack_id)}".rstrip(),
        seconds=took,
        seconds_of_each_resource=_seconds_of_each(run, stack_id),
    )
    if not is_complete:
        return
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", ())}
    run.findings.note(
        "stack-role-named-after-id",
        outputs.get("RoleArn") == str(expected),
        f"RoleArn is {outputs.get('RoleArn')}; expected was {expected}.",
    )
    run.stack = TenantStack(name, external_id, stack_id, expected)
    _refused(
        run, "stack-name-taken", name, external_id, code="AlreadyExistsException", text=f"Stack [{name}] already exists"
    )


def _refused(run: Run, fact: str, name: str, external_id: str, *, code: str, text: str, **others: object) -> None:
    try:
        run.create_stack(name, external_id, **others)
    except ClientError as error:
        found = said(error)
        run.sentences[fact] = found[1]
        run.findings.note(fact, found == (code, text), f"{found[0]}: {found[1]}")
    else:
        run.findings.note(fact, False, "CloudFormation made the stack.")


def _reasons(run: Run, stack_id: str) -> str:
    failed = [event for event in run.events(stack_id) if event["ResourceStatus"].endswith("FAILED")]
    return " ".join(str(event.get("ResourceStatusReason", "")) for event in failed)


def _seconds_of_each(run: Run, stack_id: str) -> dict[str, float]:
    """Return how long each resource took, by its logical ID."""
    began: dict[str, Any] = {}
    took: dict[str, float] = {}
    for event in run.events(stack_id):
        resource = event["LogicalResourceId"]
        began.setdefault(resource, event["Timestamp"])
        if event["ResourceStatus"] == "CREATE_COMPLETE":
            took[resource] = (event["Timestamp"] - began[resource]).total_seconds()
    return took
