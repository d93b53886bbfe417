"""Why a stack failed, read from what somebody copied of it: a line of its Events page, the whole page, a red box.

What the findings mean for the tenant is in onboarding/diagnosis/of_the_stack.py. The sentences are CloudFormation's,
IAM's, SNS's and S3's; tests/cases/stack_lines.jsonl has real ones, each with where it was seen.
Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html and
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from onboarding.ground.stack_id import StackId, parse_stack_id
from onboarding.ground.wording import clean
from onboarding.pasted.access_keys import masked
from onboarding.pasted.denial import Denial, PolicyKind, denial_in
from onboarding.pasted.stack_events import StackEventLine, stack_events

# So many characters of an events page are read; a page of a stack of two resources has some 3,000.
LONGEST_PASTE = 16_384
_LONGEST_QUOTE = 500

_PARTITION = re.compile(r"\barn:(aws[a-z-]{0,20}):")
_STACK_ID = re.compile(
    r"arn:aws[a-z-]{0,20}:cloudformation:[a-z0-9-]{4,30}:[0-9]{12}:stack/[A-Za-z][A-Za-z0-9-]{0,127}/[0-9a-f-]{36}"
)
_RETURNED = "from custom resource. Message returned: "
_ROLE_ACTIONS = re.compile(
    r"(?:Create|Get|Update|Delete|Put|Attach|Detach|List|Pass)(?:\w{0,20})(?:Role|Policy|Policies|Boundary)\w{0,20}|"
    r"UpdateAssumeRolePolicy|CreatePolicy"
)

# Consequences of a failure, which say nothing about its cause.
_CONSEQUENCE = re.compile(
    r"(?:Resource|Stack) (?:creation|update) cancelled|following resource\(s\) failed to|Rollback requested by user|"
    r"was not successfully (?:created|updated)"
)
# The first that fits counts, so what is certain comes before what could stand in many sentences.
_KNOWN: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"Requires capabilities|InsufficientCapabilities"), "tick_forgotten"),
    (re.compile(r"is in [A-Z_]{0,20}ROLLBACK_(?:COMPLETE|FAILED) state|non-updatable status: ROLLBACK"), "rolled_back"),
    (re.compile(r"Stack:? ?\[[^\]]{1,128}\] already exists|AlreadyExistsException[^a-z]{1,20}Stack"), "name_taken"),
    (re.compile(r"already exists in stack arn:"), "role_in_other_stack"),
    (
        re.compile(
            r"[Cc]annot delete entity, must|DeleteConflict|"
            r"must (?:detach all policies|delete policies|remove roles) first"
        ),
        "removal_stuck",
    ),
    (
        re.compile(r"EntityAlreadyExists|[Rr]ole with name \S{1,64} already exists|\balready exists|AlreadyExists\b"),
        "role_exists",
    ),
    (re.compile(r"Limit for stacks? has been exceeded"), "quota_of_stacks"),
    (re.compile(r"quota for (?:Roles|Policies|InstanceProfiles)PerAccount"), "quota_of_roles"),
    (
        re.compile(
            r"quota for (?:PoliciesPerRole|PolicySize|ACLSizePerRole)|Maximum policy size|template may not exceed"
        ),
        "template_too_large",
    ),
    (re.compile(r"[Ii]nvalid principal|invalid principals"), "vendor_role_missing"),
    (re.compile(r"Invalid parameter: TopicArn|Topic does not exist|topic .{0,80}not found", re.I), "callback_broken"),
    (
        re.compile(r"did not receive a response from your [Cc]ustom [Rr]esource|failed to stabilize in expected time"),
        "callback_timed_out",
    ),
    (
        re.compile(r"[Ii]nvalid (?:PhysicalResourceId|[Rr]esponse object)|[Rr]esponse (?:object )?is (?:too long|not)"),
        "callback_broken",
    ),
    (
        re.compile(
            r"S3 error|TemplateURL must|S3 Error Code|NoSuchKey|NoSuchBucket|PermanentRedirect|"
            r"bucket you are attempting to access must|specified (?:bucket|key) does not exist|valid S3 object"
        ),
        "template_unreadable",
    ),
    (re.compile(r"'stackName' failed to satisfy constraint|Stack name .{0,60}(?:invalid|must)"), "name_malformed"),
    (
        re.compile(
            r"failed to satisfy constraint|must match pattern|must have values|Fn::Select (?:cannot|can not|requires)|"
            r"ExternalId\]? (?:must|do not exist)"
        ),
        "external_id_cut",
    ),
    (
        re.compile(r"[Tt]ag ?[Pp]olic(?:y|ies)|aws:RequestTag|(?:required|mandatory|missing) tags?\b(?! perm)", re.I),
        "tags_demanded",
    ),
    (re.compile(r"[Hh]ook\(?s?\)? failed|[Hh]ook failed with|hook results? for|following hook"), "hook_refused"),
    (re.compile(r"permissions? to process tags"), "no_right_to_tag"),
    (
        re.compile(r"ExpiredToken|security token .{0,30}is expired|[Ss]ession has expired"),
        "signed_out",
    ),
    (
        re.compile(
            r"is not supported in this region|OptInRequired|[Rr]egion .{0,40}(?:is )?(?:disabled|not enabled)|"
            r"needs a subscription for the service"
        ),
        "region_forbidden",
    ),
    (
        re.compile(
            r"Rate exceeded|Throttl|RequestLimitExceeded|Request limit exceeded|Internal ?(?:Failure|Error)|"
            r"ServiceInternalError|Service ?Unavailable|Status Code: 50[0-9]|exceeded the specified time|"
            r"timed out waiting|NotStabilized"
        ),
        "aws_busy",
    ),
    (
        re.compile(
            r"MalformedPolicyDocument|Template (?:format|validation)? ?error|Unresolved resource dependencies|"
            r"unsupported property|Unrecognized resource type|Syntax errors in policy"
        ),
        "template_wrong",
    ),
)


@dataclass(frozen=True)
class StackLine:
    """Why the stack failed: a finding's code, and what else the text says.

    `stack_id` is that of the stack that the sentence names. `quoted` is what our answer to the stack said, in
    English, without anything that no screen may show.
    """

    code: str
    stack_id: StackId | None = None
    quoted: str = ""


def read_stack_line(raw: str, *, partition: str) -> StackLine:
    """Return why the stack failed. `partition` is the one that this installation serves.

    Where several events failed, the one that the console marks as the root cause counts, then the first in time: the
    others were cancelled because of it. The time this takes grows as the text does; only LONGEST_PASTE is read.
    """
    text = raw[:LONGEST_PASTE]
    events = stack_events(text)
    if any(found != partition for found in _PARTITION.findall(text)):
        return StackLine("other_partition")
    causes = [(event, found) for event in events if (found := _cause(event))]
    marked = [found for event, found in causes if event.is_root_cause]
    of_making = [found for event, found in causes if event.is_failure and not event.is_of_removal]
    if best := [*marked, *of_making, *(found for _, found in causes)]:
        return best[0]
    if any(_CONSEQUENCE.search(event.reason) or event.status.endswith("_FAILED") for event in events):
        return StackLine("only_consequences")
    statuses = [event.status for event in events if event.status]
    if any("ROLLBACK" in status for status in statuses):
        return StackLine("rolled_back")
    return StackLine("nothing_failed" if statuses else "unknown")


def _cause(event: StackEventLine) -> StackLine | None:
    """Return what the event's reason names as the cause, or None if it names none that we know."""
    reason = event.reason
    if _RETURNED in reason:
        said = reason.partition(_RETURNED)[2].partition(" (RequestId")[0]
        return StackLine("refused_by_us", quoted=clean(masked(said), longest=_LONGEST_QUOTE))
    code = next((code for known, code in _KNOWN if known.search(reason)), "")
    denial = denial_in(reason)
    if denial and code in ("", "aws_busy", "template_wrong", "tags_demanded"):
        return StackLine(code if code == "tags_demanded" else _code_of(denial))
    if code == "hook_refused" and re.search(r"boundar", reason, re.IGNORECASE):
        return StackLine("boundary_demanded")
    if code == "template_unreadable" and denial and denial.policy.is_of_the_organization:
        return StackLine("template_forbidden")
    stack_id = _STACK_ID.search(reason)
    return StackLine(code, stack_id=parse_stack_id(stack_id[0]) if stack_id else None) if code else None


def _code_of(denial: Denial) -> str:
    """Return the finding for what was denied."""
    policy, is_forbidden = denial.policy, denial.policy.is_of_the_organization
    match denial.service:
        case "sns":
            return "callback_broken" if policy is PolicyKind.RESOURCE else "callback_denied"
        case "s3":
            return "template_forbidden" if is_forbidden else "template_unreadable"
        case "cloudformation":
            is_of_region = is_forbidden or (denial.is_explicit and policy is PolicyKind.UNSAID)
            return "region_forbidden" if is_of_region else "no_right_to_stacks"
        case "iam":
            return _code_of_iam(denial)
        case _:
            return "forbidden" if is_forbidden else "not_authorized"


def _code_of_iam(denial: Denial) -> str:
    if denial.policy.is_of_the_organization:
        return "roles_forbidden"
    if denial.action.startswith(("TagRole", "TagPolicy", "UntagRole")):
        return "no_right_to_tag"
    if not _ROLE_ACTIONS.match(denial.action):
        return "not_authorized"
    is_narrowed = denial.is_explicit or denial.policy is PolicyKind.BOUNDARY
    return "boundary_demanded" if is_narrowed else "no_right_to_roles"
