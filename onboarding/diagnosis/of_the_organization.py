"""What a tenant's organization can demand of a role or forbid, in words. Often AWS does not say which of these it is.

Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_examples.html
"""

from __future__ import annotations

from onboarding.diagnosis.stack_finding import Hand, Press, StackFinding
from onboarding.ground.wording import say

OF_THE_ORGANIZATION: tuple[StackFinding, ...] = (
    StackFinding(
        "boundary_demanded",
        say(
            "A policy in your AWS account does not let you create this role. Usually this means that every new role "
            "must have a permissions boundary."
        ),
        say(
            "Our template sets no boundary, and the page in AWS has no field for one. An administrator of your AWS "
            "account can exempt this one role, or create the stack from a copy of our template with the line below. We "
            "accept a role with a boundary that lets it read itself, and tell you what else it cannot read."
        ),
        Hand.ACCOUNT,
        Press.HAND_OVER,
        "An explicit deny on iam:CreateRole or the like, or a permissions boundary that does not allow it.",
    ),
    StackFinding(
        "roles_forbidden",
        say("A policy of your AWS organization does not let anybody in your account create this role."),
        say(
            "AWS does not say why: the policy can demand tags, a permissions boundary or certain names, or forbid all "
            "new roles. If you know which tags, press “show me every AWS page” in step 1, and add them under “Tags” in "
            "step 4: CloudFormation puts them on the role. Otherwise, forward the text below."
        ),
        Hand.ORGANIZATION,
        Press.HAND_OVER,
        "A service control policy denies iam:CreateRole or the like.",
    ),
    StackFinding(
        "tags_demanded",
        say("Your organization demands tags on everything that is created."),
        say(
            "Press “show me every AWS page” in step 1, and add the tags under “Tags” in step 4: CloudFormation puts "
            "them on the role. Ask an administrator of your AWS account which tags and values are right."
        ),
        Hand.TENANT,
        Press.NEW_NAME,
        "A tag policy, or a condition on aws:RequestTag.",
    ),
    StackFinding(
        "region_forbidden",
        say("Your organization does not allow stacks in this region."),
        say(
            "Choose a region that your organization uses. The role is the same in all of them, and the external ID "
            "stays."
        ),
        Hand.TENANT,
        Press.OTHER_REGION,
        "A service control policy denies cloudformation: in this region, or the region is off. No event was sent.",
    ),
    StackFinding(
        "template_forbidden",
        say("A policy of your AWS organization does not let you read our template, which is outside of it."),
        say("Forward the text below to an administrator of your organization."),
        Hand.ORGANIZATION,
        Press.NONE,
        "A data perimeter of the organization denies s3:GetObject on the published template.",
    ),
    StackFinding(
        "forbidden",
        say("A policy of your AWS organization forbids something that the stack needs."),
        say("No right within your account changes that. Ask an administrator of your organization, with the line."),
        Hand.ORGANIZATION,
        Press.HAND_OVER,
        "A service or resource control policy denies a call that we do not know here.",
    ),
    StackFinding(
        "hook_refused",
        say("A rule of your organization refused the stack before AWS created anything."),
        say(
            "Show the line to an administrator of your AWS account: it names the rule. Ask whether our stack can be "
            "exempt from it."
        ),
        Hand.ACCOUNT,
        Press.HAND_OVER,
        "A CloudFormation hook failed.",
    ),
)
