"""What may be wrong with a role, its stack or what the tenant gave us, in words. The catalogue is in diagnosis.py."""

from __future__ import annotations

from onboarding.diagnosis.diagnosis import Diagnosis, Who
from onboarding.ground.wording import say

_RELAUNCH = say("Delete the stack in AWS, then create it again from step 1 without changing its template.")

OF_THE_ROLE: tuple[Diagnosis, ...] = (
    Diagnosis(
        "not_answering",
        say("The role does not answer yet."),
        say(
            "A new role takes AWS a little while to spread. If the stack is complete and this stays for more than two "
            "minutes, compare account, stack name and external ID with the values in step 3."
        ),
        Who.NOBODY,
        "AssumeRole is refused (AccessDenied): the role is not there yet, names another principal or external ID, "
        "or has another name. AWS answers the same for all of them.",
        heals=True,
    ),
    Diagnosis(
        "no_external_id",
        say("There is no external ID yet, or none that is still valid."),
        say("Open step 3 for a new one, and create the stack with it."),
        Who.TENANT,
        "No external ID was issued, or all are older than seven days and none was pinned.",
    ),
    Diagnosis(
        "account_differs",
        say("AWS answered for another account or role than the one named here."),
        say("Paste the ARN of the role that the stack made (step 8)."),
        Who.TENANT,
        "AssumedRoleUser names another account or role than the claimed role ARN.",
    ),
    Diagnosis(
        "ignores_external_id_none",
        say("The role can be used without its external ID, so anyone who learns its name could use it through us."),
        _RELAUNCH,
        Who.TENANT,
        "AssumeRole without ExternalId succeeds: the trust policy has no StringEquals sts:ExternalId, has it as "
        "IfExists, or a second statement lets us in.",
    ),
    Diagnosis(
        "ignores_external_id_wrong",
        say("The role accepts a wrong external ID, so the ID protects nothing."),
        _RELAUNCH,
        Who.TENANT,
        "AssumeRole with a wrong ExternalId succeeds: the trust policy uses StringLike with a wildcard, or a second "
        "statement lets us in.",
    ),
    Diagnosis(
        "ignores_external_id_wrong_case",
        say("The role does not tell capital letters in its external ID apart."),
        _RELAUNCH,
        Who.TENANT,
        "AssumeRole with the ExternalId in capitals succeeds: the trust policy uses StringEqualsIgnoreCase.",
    ),
    Diagnosis(
        "account_already_connected",
        say("This AWS account is connected already."),
        say("Open it from your list of accounts. To connect another account, sign in to that one in AWS first."),
        Who.TENANT,
        "The same tenant has a connected connection for this account.",
    ),
    Diagnosis(
        "partition_not_served",
        say("That role is in a part of AWS that this page does not serve."),
        say("Use an account in the same part of AWS as the link you were given, or ask us for another link."),
        Who.TENANT,
        "The ARN's partition is not that of the trusted principal.",
    ),
    Diagnosis(
        "role_is_ours",
        say("That role is in our own AWS account, not in yours."),
        say("Sign in to your own account in AWS, and give the account ID or role ARN from there."),
        Who.TENANT,
        "The ARN names the vendor's account; roles there carry no external ID.",
    ),
    Diagnosis(
        "changed_while_checking",
        say("The role changed while we checked it."),
        say("We ask again in a moment; there is nothing for you to do."),
        Who.NOBODY,
        "The role answered at first and not at the end of the same round.",
        heals=True,
    ),
    Diagnosis(
        "policies_spreading",
        say("The role answers; its policies have not spread through AWS yet."),
        say("This is normal, and takes up to two minutes. There is nothing for you to do."),
        Who.NOBODY,
        "The role may not read itself yet (AccessDenied on iam: or cloudformation: within two minutes of its first "
        "answer).",
        heals=True,
    ),
    Diagnosis(
        "role_cannot_be_read",
        say("The role may not read itself, so we cannot see what it trusts and may do."),
        _RELAUNCH,
        Who.TENANT,
        "AccessDenied on iam:GetRole or its like, long after the role appeared: the statement OwnRole is missing, or "
        "a boundary or an organization's policy takes it away.",
    ),
    Diagnosis(
        "reading_is_forbidden",
        say("Something in your account or organization forbids the role to read itself."),
        say(
            "Creating the stack again would not help. In AWS, open the role: does it have a permissions boundary that "
            "leaves out iam:GetRole and the like? If not, ask an administrator of your AWS organization whether a "
            "service control policy denies them."
        ),
        Who.TENANT,
        "The role's own policies allow the call that AWS denies: a permissions boundary, an attached policy, or a "
        "service or resource control policy takes it away.",
    ),
    Diagnosis(
        "trust_is_loose",
        say("The role trusts somebody or something beyond what was agreed."),
        say(
            "Open the role in AWS, tab Trust relationships, and put back the policy that the examiner shows; or "
            "delete the stack and create it again from step 1."
        ),
        Who.TENANT,
        "The deployed trust policy has a loose difference; the verification's evidence names each line.",
    ),
    Diagnosis(
        "role_lost",
        say("The role does not answer any more."),
        say(
            "If you removed it on purpose, all is well: nobody can use it now. "
            "If not, create the stack again from step 1."
        ),
        Who.TENANT,
        "AssumeRole was refused for a role that was connected: three rounds in a row, a minute apart, or once after "
        "its stack reported that it was deleted.",
    ),
    Diagnosis(
        "permissions_excess",
        say("The role may do more than was agreed."),
        say("Detach or delete the policies named here, unless you meant to give them."),
        Who.TENANT,
        "Deployed policies exceed the published template; the evidence names each.",
    ),
    Diagnosis(
        "permissions_missing",
        say("The role may not read everything that was listed."),
        say("Update the stack with the current template, or leave it: what needs the missing rights goes without."),
        Who.TENANT,
        "Deployed policies lack actions of the published template; the evidence names each and its feature.",
    ),
    Diagnosis(
        "permissions_unseen",
        say("A policy is attached to the role, and we cannot see what it allows."),
        say("Detach the policies named here, unless you meant to give them."),
        Who.TENANT,
        "An attached managed policy cannot be read: a customer's own, or one of AWS's without the right to read it.",
    ),
    Diagnosis(
        "permissions_bounded",
        say("A permissions boundary or an unreadable policy limits what the role may do."),
        say("Nothing need be done, unless something you want to see stays empty."),
        Who.TENANT,
        "A permissions boundary is set, or a policy could not be parsed.",
    ),
    Diagnosis(
        "too_complex",
        say("The role’s policies are too complex to judge, so we cannot tell what it allows."),
        say("Delete the policies that you added to the role, or write them shorter: fewer actions, fewer wildcards."),
        Who.TENANT,
        "Comparing the role's policies takes more work than one verification is allowed; this never counts as passed.",
    ),
    Diagnosis(
        "stack_in_progress",
        say("The stack is still being worked on."),
        say("There is nothing for you to do; we look again in a few minutes."),
        Who.NOBODY,
        "DescribeStacks answers with a status that ends in _IN_PROGRESS.",
        heals=True,
    ),
    Diagnosis(
        "stack_broken",
        say("The stack that made the role is not whole."),
        say("Open it in CloudFormation: its Events tab names the cause. Delete it and create it again if in doubt."),
        Who.TENANT,
        "The stack's status is a failure or a deletion.",
    ),
    Diagnosis(
        "stack_unknown",
        say("The role does not belong to a stack that we know."),
        say("It works. Deleting a stack will not remove it, so remember to delete the role itself one day."),
        Who.TENANT,
        "The role's OwnStack statement is missing, its stack was deleted and the role kept, or the stack's "
        "output names another role.",
    ),
    Diagnosis(
        "stack_cannot_be_read",
        say("We cannot see the stack that made the role."),
        say("It works, and we have read what it trusts and allows. We only cannot tell whether its stack is current."),
        Who.TENANT,
        "Only cloudformation:DescribeStacks is denied: the role's OwnStack statement lacks it, or a boundary or an "
        "organization's policy takes it away.",
    ),
    Diagnosis(
        "stack_region_off",
        say("The region of the role’s stack is turned off in your AWS account."),
        say("The role works. Turn the region on in your account’s settings if you want to update or delete the stack."),
        Who.TENANT,
        "DescribeStacks answers InvalidClientTokenId, while other services accept the same session: the stack's region "
        "is not enabled in the tenant's account. Our own credentials are sound.",
    ),
    Diagnosis(
        "template_outdated",
        say("The stack was made from an older template."),
        say("It works. Updating the stack brings it up to date."),
        Who.TENANT,
        "The stack's TemplateVersion is older than the configured template's.",
    ),
)
