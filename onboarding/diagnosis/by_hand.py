"""What somebody does by hand in AWS after a stack has failed, and what they forward to whoever can allow it."""

from __future__ import annotations

import shlex

from onboarding.ground.arn import RoleArn
from onboarding.ground.wording import Text, say

# Stands for what only the tenant knows. The template's reader and AWS refuse it as it is, so nobody uses it by mistake.
_BOUNDARY = "NAME-OF-YOUR-BOUNDARY"


def deletion_of(role_name: str) -> str:
    """Return the lines for a shell that delete a left-over role. AWS deletes only a role without policies.

    Source: https://docs.aws.amazon.com/cli/latest/reference/iam/delete-role.html
    """
    role = shlex.quote(role_name)
    return "\n".join(
        (
            f"for policy in $(aws iam list-role-policies --role-name {role} --query 'PolicyNames[]' --output text); do",
            f'  aws iam delete-role-policy --role-name {role} --policy-name "$policy"',
            "done",
            f"for policy in $(aws iam list-attached-role-policies --role-name {role} "
            "--query 'AttachedPolicies[].PolicyArn' --output text); do",
            f'  aws iam detach-role-policy --role-name {role} --policy-arn "$policy"',
            "done",
            f"aws iam delete-role --role-name {role}",
        )
    )


def boundary_line(theirs: RoleArn) -> str:
    """Return the line that gives the role a boundary, for a copy of the template: under the role's Properties."""
    account = theirs.account_id or "ACCOUNT"
    return f"      PermissionsBoundary: arn:{theirs.partition}:iam::{account}:policy/{_BOUNDARY}"


def perimeter_letter(*, vendor: str, topic_arn: str, template_url: str) -> tuple[Text, ...]:
    """Return the paragraphs of the text to forward where an organization's perimeter refuses the stack's message.

    Both resources are the vendor's: the template that the launch link names, and the topic of the stack's region,
    empty where there is none.
    Source: https://github.com/aws-samples/data-perimeter-policy-examples
    """
    topic = (say("sns:Publish on {topic}, to which the stack reports that it has begun", topic=topic_arn),)
    return (
        say(
            "We connect an AWS account of ours to {vendor} with a CloudFormation stack. A policy of our organization "
            "refuses what the stack uses outside the organization. Please exempt:",
            vendor=vendor,
        ),
        *(topic if topic_arn else ()),
        say("s3:GetObject on {template}, the template that CloudFormation reads", template=template_url),
        say("The stack uses nothing else outside the organization."),
    )


def roles_letter(*, vendor: str, theirs: RoleArn, template_url: str) -> tuple[Text, ...]:
    """Return the paragraphs of the text to forward where an organization's policy forbids the role."""
    return (
        say(
            "We connect an AWS account of ours to {vendor} with a CloudFormation stack that makes one role. A service "
            "control policy of our organization denies iam:CreateRole or a call beside it for this role:",
            vendor=vendor,
        ),
        Text(str(theirs) if theirs.account_id else theirs.name),
        say(
            "Please tell us which tags, permissions boundary or name the policy demands, or exempt this role. The "
            "template says what the role can do: {template}",
            template=template_url,
        ),
    )
