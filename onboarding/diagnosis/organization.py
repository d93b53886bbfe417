"""What a tenant forwards to whoever administers their AWS organization, if a resource control policy keeps us out.

Sources: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_data-perimeters.html and the sample policies of the
Landing Zone Accelerator: https://github.com/aws/lza-universal-configuration
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from textwrap import dedent
from typing import Any

from onboarding.ground.arn import RoleArn, spaced
from onboarding.ground.wording import Text, say

# Invented names would be taken for real ones, so the organization's ID is left out.
SHUTTING_STATEMENT: Mapping[str, Any] = {
    "Sid": "GRSTSDPB",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "sts:AssumeRole",
    "Resource": "*",
    "Condition": {
        "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-..."},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    },
}


def exception_for(ours: RoleArn) -> Mapping[str, Any]:
    """Return the condition that takes our role out of a Deny.

    All conditions of a statement must hold for it to apply, so one more makes a Deny narrower, by our role alone. A
    role's session has the role's own ARN, with its path, as its aws:PrincipalArn.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    return {"ArnNotEqualsIfExists": {"aws:PrincipalArn": [str(ours)]}}


def letter(*, vendor: str, ours: RoleArn, theirs: RoleArn) -> tuple[Text, ...]:
    """Return the paragraphs of the text to forward: `ours` is the role that asks, `theirs` the one that is asked for.

    A paragraph of JSON is in no language.
    """
    return (
        say(
            "{vendor} asks AWS for the role {role} in our account {account}, and AWS refuses. If the role’s trust "
            "policy is right, the likeliest reason is a resource control policy of our organization that forbids "
            "sts:AssumeRole to everyone outside it. Such a policy never applies to the management account.",
            vendor=vendor,
            role=str(theirs),
            account=spaced(theirs.account_id),
        ),
        say(
            "Please look at the resource control policies on the account, on the organizational units above it and on "
            "the root, for a statement like this one. AWS’s Landing Zone Accelerator calls it GRSTSDPB:"
        ),
        Text(json.dumps(SHUTTING_STATEMENT, indent=2)),
        say(
            "Please add this line to its Condition, or the ARN to the list if there is such a line. The statement "
            "then no longer applies to the role of {vendor}, and applies to everyone else as before:",
            vendor=vendor,
        ),
        Text(dedent(json.dumps(exception_for(ours), indent=2)[2:-2])),
    )
