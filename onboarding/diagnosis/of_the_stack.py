"""What can keep a stack from being made in the tenant's account, in words. onboarding/pasted/stack_line.py finds which.

Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

from collections.abc import Mapping

from onboarding.diagnosis.of_our_template import OF_OUR_TEMPLATE
from onboarding.diagnosis.of_the_callback import OF_THE_CALLBACK
from onboarding.diagnosis.of_the_organization import OF_THE_ORGANIZATION
from onboarding.diagnosis.stack_finding import Hand, Press, StackFinding
from onboarding.ground.wording import say

_ASK_ADMINISTRATOR = say(
    "Ask an administrator of your AWS account to create the stack: hand over to them, with a link that shows them "
    "everything."
)

_OF_THE_ACCOUNT: tuple[StackFinding, ...] = (
    StackFinding(
        "tick_forgotten",
        say("The box at the end of the page in AWS was not ticked."),
        say("Launch again, and tick “I acknowledge that AWS CloudFormation might create IAM resources”."),
        Hand.TENANT,
        Press.LAUNCH_AGAIN,
        "CreateStack without CAPABILITY_NAMED_IAM. Nothing was created, and no event was sent.",
    ),
    StackFinding(
        "name_taken",
        say("A stack of this name is in your account already, from an earlier try."),
        say("Look at it first: if it says CREATE_COMPLETE, it is done. If not, try again with a new name."),
        Hand.TENANT,
        Press.NEW_NAME,
        "CreateStack: AlreadyExistsException. No event was sent.",
    ),
    StackFinding(
        "rolled_back",
        say("An earlier try failed, and AWS undid it. Its stack is empty, and still holds the name."),
        say(
            "Fix the cause first: the old stack’s Events page shows the line to paste here. Then try again with a new "
            "name. You can delete the old stack at any time."
        ),
        Hand.TENANT,
        Press.NEW_NAME,
        "The stack is in ROLLBACK_COMPLETE or its like.",
    ),
    StackFinding(
        "role_exists",
        say("There is a role of this name in your account already, from an earlier try."),
        say(
            "Look for an earlier stack first, in each region that you tried. If one says CREATE_COMPLETE, the role is "
            "ready: give us your account ID in step 1. If one failed, delete that stack. If there is none, the role "
            "was left over: delete it with the lines below. Then try again with a new name."
        ),
        Hand.TENANT,
        Press.NEW_NAME,
        "CreateRole: EntityAlreadyExists. Roles are the same in all regions, so a connection's second stack fails.",
    ),
    StackFinding(
        "role_in_other_stack",
        say("Another stack in your account has made this role already."),
        say(
            "Open that stack. If it says CREATE_COMPLETE, the role is ready: give us your account ID in step 1. If "
            "not, delete that stack, not the role, and then try again with a new name."
        ),
        Hand.TENANT,
        Press.NEW_NAME,
        "CloudFormation names the stack that owns the role.",
    ),
    StackFinding(
        "removal_stuck",
        say("AWS could not remove the role, because somebody attached a policy to it by hand."),
        say("In AWS, open the role, detach the policies that the stack did not attach, and delete the stack again."),
        Hand.ACCOUNT,
        Press.NEW_NAME,
        "DeleteRole: DeleteConflict.",
    ),
    StackFinding(
        "no_right_to_stacks",
        say("Your AWS user is not allowed to create CloudFormation stacks."),
        _ASK_ADMINISTRATOR,
        Hand.ACCOUNT,
        Press.HAND_OVER,
        "AccessDenied on cloudformation:CreateStack or a call beside it. No event was sent.",
    ),
    StackFinding(
        "no_right_to_roles",
        say("Your AWS user is not allowed to create roles, or to give them policies."),
        _ASK_ADMINISTRATOR,
        Hand.ACCOUNT,
        Press.HAND_OVER,
        "AccessDenied on iam:CreateRole, iam:PutRolePolicy or the like: no policy of the user allows it.",
    ),
    StackFinding(
        "no_right_to_tag",
        say("Your AWS user is not allowed to put tags on roles."),
        say(
            "CloudFormation tags everything that it makes. Ask an administrator of your AWS account for the right "
            "iam:TagRole, or hand over to them."
        ),
        Hand.ACCOUNT,
        Press.HAND_OVER,
        "AccessDenied on iam:TagRole.",
    ),
    StackFinding(
        "not_authorized",
        say("AWS did not allow something that the stack needs."),
        _ASK_ADMINISTRATOR,
        Hand.ACCOUNT,
        Press.HAND_OVER,
        "AccessDenied without an action that we know.",
    ),
    StackFinding(
        "quota_of_roles",
        say("Your AWS account holds as many roles or policies as AWS allows."),
        say(
            "An administrator of your AWS account can delete roles that nobody uses, or ask AWS for more: in AWS, open "
            "Service Quotas, then AWS Identity and Access Management. Then try again with a new name."
        ),
        Hand.ACCOUNT,
        Press.NEW_NAME,
        "LimitExceeded: RolesPerAccount or the like.",
    ),
    StackFinding(
        "quota_of_stacks",
        say("Your AWS account holds as many stacks in this region as AWS allows."),
        say("Choose another region: its stacks are counted apart. Or delete stacks that nobody uses."),
        Hand.TENANT,
        Press.OTHER_REGION,
        "LimitExceededException of CloudFormation, counted by region. No event was sent.",
    ),
    StackFinding(
        "external_id_cut",
        say("The external ID was not complete: something was cut off when it was copied."),
        say("Launch again: the button fills in the external ID. If you go page by page, copy it in step 3."),
        Hand.TENANT,
        Press.LAUNCH_AGAIN,
        "The parameter ExternalId does not match its pattern, or is empty.",
    ),
    StackFinding(
        "name_malformed",
        say("AWS does not accept the name of the stack."),
        say("Launch again, and leave the stack’s name as it is filled in."),
        Hand.TENANT,
        Press.LAUNCH_AGAIN,
        "The stack's name was changed to one that CloudFormation refuses.",
    ),
    StackFinding(
        "other_partition",
        say("The account is in another part of AWS, such as AWS GovCloud (US) or AWS China."),
        say(
            "No role can trust somebody in another part of AWS, so this account cannot be connected here. Sign in to "
            "another account, or ask us for another way."
        ),
        Hand.TENANT,
        Press.NONE,
        "An ARN in the pasted text has another partition than the trusted principal.",
    ),
    StackFinding(
        "signed_out",
        say("You were signed out of AWS."),
        say("Sign in to AWS the way you usually do, and launch again."),
        Hand.TENANT,
        Press.LAUNCH_AGAIN,
        "ExpiredToken in the console or the CLI.",
    ),
    StackFinding(
        "aws_busy",
        say("AWS was busy, or had a fault of its own."),
        say("Wait a minute, and try again with a new name."),
        Hand.TENANT,
        Press.NEW_NAME,
        "Throttling, a 5xx or a time-out within AWS.",
    ),
)
_UNREAD: tuple[StackFinding, ...] = (
    StackFinding(
        "only_consequences",
        say("These lines say that something failed, not why."),
        say(
            "“Resource creation cancelled” and “The following resource(s) failed to create” follow from a failure. On "
            "the Events page, look for another line that says CREATE_FAILED, often marked “Likely root cause”, and "
            "paste its status reason, or copy the whole table."
        ),
        Hand.TENANT,
        Press.NONE,
        "Only consequences were pasted.",
    ),
    StackFinding(
        "nothing_failed",
        say("Nothing failed in these lines."),
        say(
            "They say that AWS is at work, or done. If the stack says CREATE_COMPLETE and this page does not see the "
            "role, compare the account number at the top right of the AWS console with the one in step 1."
        ),
        Hand.NOBODY,
        Press.NONE,
        "Only events in progress or complete were pasted.",
    ),
    StackFinding(
        "unknown",
        say("We do not know this sentence."),
        say(
            "Open the stack’s Events page in AWS, copy the status reason of the lowest line that says CREATE_FAILED, "
            "and paste it here. If AWS refused to create the stack, copy the text of the red box. If that is what you "
            "pasted, send it to us."
        ),
        Hand.TENANT,
        Press.NONE,
        "None of the known sentences.",
    ),
)

OF_THE_STACK: Mapping[str, StackFinding] = {
    finding.code: finding
    for group in (_OF_THE_ACCOUNT, OF_THE_ORGANIZATION, OF_THE_CALLBACK, OF_OUR_TEMPLATE, _UNREAD)
    for finding in group
}
