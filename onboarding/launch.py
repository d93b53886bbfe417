"""Launch URLs: the AWS console links behind "Create CloudFormation Stack", and the command that does the same.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-console-create-stacks-quick-create-links.html
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from urllib.parse import quote

from onboarding.ground.arn import RoleArn
from onboarding.ground.external_id import ExternalId
from onboarding.ground.stack_id import StackId
from onboarding.ground.wording import Text, say
from onboarding.model import Flow


@dataclass(frozen=True)
class Launch:
    """What a console link or a command has to carry. `console_url` has no trailing slash."""

    console_url: str
    region: str
    template_url: str
    stack_name: str
    external_id: ExternalId

    def url(self, flow: Flow) -> str:
        """Return the launch URL.

        Quick create fills in everything. The page-by-page URL leaves the external ID out, so that the tenant's
        copy of it is real. Every value is percent-encoded, slashes and colons too.
        """
        page = "quickcreate" if flow is Flow.QUICK_CREATE else "create/template"
        values = {"templateURL": self.template_url, "stackName": self.stack_name}
        if flow is Flow.QUICK_CREATE:
            values["param_ExternalId"] = self.external_id
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in values.items())
        return f"{self.console_url}/cloudformation/home?region={quote(self.region, safe='')}#/stacks/{page}?{query}"

    def command(self) -> str:
        """Return the one line for AWS CloudShell that makes the same stack.

        Source: https://docs.aws.amazon.com/cli/latest/reference/cloudformation/create-stack.html
        """
        return " ".join(
            (
                "aws cloudformation create-stack",
                f"--region {shlex.quote(self.region)}",
                f"--stack-name {shlex.quote(self.stack_name)}",
                f"--template-url {shlex.quote(self.template_url)}",
                "--capabilities CAPABILITY_NAMED_IAM",
                f"--parameters ParameterKey=ExternalId,ParameterValue={shlex.quote(self.external_id)}",
            )
        )


def update_url(console_url: str, template_url: str, *, region: str, stack_id: str) -> str:
    """Return the console page on which the tenant updates that stack with the published template."""
    return (
        f"{console_url}/cloudformation/home?region={quote(region, safe='')}"
        f"#/stacks/update/template?stackId={quote(stack_id, safe='')}&templateURL={quote(template_url, safe='')}"
    )


def stack_events_url(console_url: str, stack_id: StackId) -> str:
    """Return the console page with that stack's events, which say why it failed.

    The list beside them shows only stacks of one status. A stack that was rolled back is among the failed ones.
    """
    return (
        f"{console_url}/cloudformation/home?region={quote(stack_id.region, safe='')}"
        f"#/stacks/events?filteringText=&filteringStatus=failed&viewNested=true&stackId={quote(str(stack_id), safe='')}"
    )


def stacks_url(console_url: str, *, region: str, name: str) -> str:
    """Return the console page with the stacks in a region whose name holds that text, whatever became of them."""
    return (
        f"{console_url}/cloudformation/home?region={quote(region, safe='')}"
        f"#/stacks?filteringText={quote(name, safe='')}&filteringStatus=active&viewNested=true"
    )


def cloudshell_url(console_url: str, region: str) -> str:
    """Return the address of AWS CloudShell, a shell in the browser with the tenant's own rights."""
    return f"{console_url}/cloudshell/home?region={quote(region, safe='')}"


def cloudtrail_urls(
    console_url: str, *, region: str, role_arn: RoleArn, session_name: str
) -> tuple[tuple[Text, str], ...]:
    """Return what to look up in the tenant's CloudTrail event history, and where: it lists our successful calls.

    `region` is that of the STS endpoint we call. They appear some 15 minutes after they were made.
    Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events-console.html
    """
    looked_up = (
        (say("every use of this role"), "ResourceName", str(role_arn)),
        (say("what our sessions did"), "Username", session_name),
        (say("all AssumeRole calls"), "EventName", "AssumeRole"),
    )
    home = f"{console_url}/cloudtrailv2/home?region={quote(region, safe='')}#/events"
    return tuple((what, f"{home}?{key}={quote(value, safe='')}") for what, key, value in looked_up)
