"""What can be wrong with the template or the role on the vendor's side, in words. It asks nothing of the tenant.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html
"""

from __future__ import annotations

from onboarding.diagnosis.stack_finding import Hand, Press, StackFinding
from onboarding.ground.wording import say

_OURS = say("There is nothing for you to do. Tell us, with the line from AWS: we repair it and write to you.")

OF_OUR_TEMPLATE: tuple[StackFinding, ...] = (
    StackFinding(
        "template_unreadable",
        say("AWS could not read our template."),
        _OURS,
        Hand.VENDOR,
        Press.NONE,
        "S3 refuses the published template, or it is gone: run doctor.",
    ),
    StackFinding(
        "template_wrong",
        say("There is a mistake in our template."),
        _OURS,
        Hand.VENDOR,
        Press.NONE,
        "CloudFormation or IAM calls the template malformed: run doctor, and publish it again.",
    ),
    StackFinding(
        "template_too_large",
        say("Our role’s policies are larger than AWS allows."),
        _OURS,
        Hand.VENDOR,
        Press.NONE,
        "LimitExceeded by the template itself: PolicySize, PoliciesPerRole or ACLSizePerRole.",
    ),
    StackFinding(
        "vendor_role_missing",
        say("AWS does not know the role of ours that your role trusts."),
        _OURS,
        Hand.VENDOR,
        Press.NONE,
        "Invalid principal in policy: ROLECALL_TRUSTED_PRINCIPAL_ARN names an account or role that does not exist.",
    ),
)
