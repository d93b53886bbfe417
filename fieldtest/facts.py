"""What Rolecall assumes of AWS, and what was seen of it.

A fact that nobody saw is neither right nor wrong. `is_needed` says of which facts a run without an observation is
incomplete; of the others AWS might show nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

_DOCS = "https://docs.aws.amazon.com"
_CFN = f"{_DOCS}/AWSCloudFormation/latest"
_IAM = f"{_DOCS}/IAM/latest/UserGuide"
_STS = f"{_DOCS}/STS/latest/APIReference/API_AssumeRole.html"
_S3 = f"{_DOCS}/AmazonS3/latest"
_CUSTOM = f"{_CFN}/UserGuide/crpg-ref-requests.html"
_ERRORS = f"{_CFN}/APIReference/API_CreateStack.html"
_EXTERNAL_ID = f"{_IAM}/id_roles_common-scenarios_third-party.html"


class Agrees(StrEnum):
    """Whether what was seen is what we assume."""

    YES = "yes"
    NO = "no"
    NOT_SEEN = "not seen"


@dataclass(frozen=True)
class Fact:
    """One assumption: what we assume, where AWS says so, and how AWS was asked."""

    assumption: str
    source: str
    asked: str
    is_needed: bool = True


FACTS: Mapping[str, Fact] = {
    "publish-accepted": Fact(
        "S3 takes the template with our checksum and AES256, and publishing again writes nothing.",
        f"{_S3}/API/API_PutObject.html",
        "the product's publish_template, twice",
    ),
    "fetch-refused-without-policy": Fact(
        "Without a bucket policy S3 refuses an unsigned fetch as AccessDenied.",
        f"{_S3}/API/ErrorResponses.html",
        "the product's fetch_unsigned, before the bucket has its policy",
    ),
    "fetch-unsigned": Fact(
        "With the bucket policy that `publish` prints, anyone reads the same bytes within a minute.",
        f"{_S3}/userguide/example-bucket-policies.html",
        "fetch_unsigned until it answers",
    ),
    "stack-no-capability": Fact(
        "Without CAPABILITY_NAMED_IAM, CreateStack is refused as InsufficientCapabilitiesException: "
        "Requires capabilities : [CAPABILITY_NAMED_IAM].",
        _ERRORS,
        "CreateStack without capabilities",
    ),
    "stack-bad-external-id": Fact(
        "CreateStack refuses an external ID that is cut off, in the words of our ConstraintDescription.",
        f"{_CFN}/UserGuide/parameters-section-structure.html",
        "CreateStack with the external ID without its last character",
    ),
    "stack-unpublished": Fact(
        "A template that was never published makes no role: IAM refuses the principal 000000000000.",
        f"{_IAM}/reference_policies_elements_principal.html",
        "CreateStack with cfn/role.yaml as it stands in the project",
    ),
    "stack-made-by-url": Fact(
        "The tenant's CloudFormation reads the template at our URL and completes the stack within 5 minutes.",
        _ERRORS,
        "CreateStack with TemplateURL, then DescribeStacks until it ends",
    ),
    "stack-role-named-after-id": Fact(
        "The role is called <prefix>-<handle>, both taken from the external ID.",
        f"{_CFN}/UserGuide/intrinsic-function-reference-split.html",
        "the output RoleArn, beside the ARN that the wizard would expect",
    ),
    "stack-name-taken": Fact(
        "A second stack of that name is refused as AlreadyExistsException: Stack [NAME] already exists.",
        _ERRORS,
        "CreateStack with the name of a stack that is there",
    ),
    "sts-propagation": Fact(
        "A new role answers at most 120 seconds after its stack is complete.",
        f"{_IAM}/troubleshoot.html#troubleshoot_general_eventual-consistency",
        "AssumeRole twice a second from CREATE_COMPLETE on",
    ),
    "sts-steady": Fact(
        "Once a new role has answered, it answers every time.",
        f"{_IAM}/troubleshoot.html#troubleshoot_general_eventual-consistency",
        "AssumeRole ten times after the first success",
    ),
    "sts-refusal-text": Fact(
        "AWS refuses with one bare sentence, AccessDenied, that names no policy.",
        f"{_IAM}/troubleshoot_access-denied.html",
        "AssumeRole without an external ID",
    ),
    "sts-wrong-id": Fact("A wrong external ID is refused in the same words.", _EXTERNAL_ID, "AssumeRole"),
    "sts-other-case": Fact(
        "The external ID in other letter case is refused in the same words.",
        f"{_IAM}/reference_policies_elements_condition_operators.html",
        "AssumeRole with the external ID in capitals",
    ),
    "sts-absent-role": Fact("A role that does not exist is refused in the same words.", _STS, "AssumeRole"),
    "session-policy-denies": Fact(
        "A session whose policy denies everything can tell who it is, and nothing else.",
        f"{_IAM}/access_policies.html#policies_session",
        "GetCallerIdentity and GetRole in a session with the product's DENY_ALL",
    ),
    "role-reads-itself": Fact(
        "In a session that is narrowed to it, the role reads itself and its policies.",
        f"{_IAM}/access_policies.html#policies_session",
        "the product's probe_role",
    ),
    "role-reads-its-stack": Fact(
        "In the same session, the role reads its stack by the stack's ID, with its outputs.",
        f"{_CFN}/APIReference/API_DescribeStacks.html",
        "the product's probe_role",
    ),
    "role-passes-all-checks": Fact(
        "A role that the template made passes every check of ours.",
        "docs/checks.md",
        "the product's judge, on what probe_role gathered",
    ),
    "shapes-agree": Fact(
        "Our verdict on a trust policy is what STS does with it.",
        f"{_IAM}/reference_policies_evaluation-logic.html",
        "roles with different trust policies, each asked for with the right, no, a wrong ID and one in capitals",
    ),
    "callback-installed": Fact(
        "The vendor's callback stack completes, and its subscription needs no confirmation.",
        f"{_DOCS}/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html",
        "`callback install` of the product",
    ),
    "callback-create-first": Fact(
        "The event Create comes before the role is made, from CloudFormation in another account.",
        _CUSTOM,
        "the queue, beside the stack's events",
    ),
    "callback-event-keys": Fact(
        "The event has the keys of a custom resource's request, and the product's parser takes it.",
        _CUSTOM,
        "the body of the queue's message",
    ),
    "callback-response-url": Fact(
        "The ResponseURL passes our guard: its host is made from the region, its path from the event's IDs.",
        _CUSTOM,
        "the product's parse_response_url",
    ),
    "callback-url-lifetime": Fact(
        "The ResponseURL can be used for two hours.", _CUSTOM, "X-Amz-Expires or Expires in its query", False
    ),
    "callback-answered": Fact(
        "CloudFormation takes an answer that is PUT with an empty Content-Type.",
        f"{_CFN}/UserGuide/crpg-ref-responses.html",
        "the product's answer; then the resource is CREATE_COMPLETE",
    ),
    "callback-publisher": Fact(
        "CloudFormation publishes with the rights of whoever makes the stack.",
        f"{_CFN}/UserGuide/template-custom-resources-sns.html",
        "a stack whose topic lets in nobody else: the reason of its failure names who was refused",
        False,
    ),
    "stack-role-name-taken": Fact(
        "A stack whose role's name is taken fails, with a reason that says “already exists”.",
        f"{_CFN}/UserGuide/troubleshooting.html",
        "a second stack for the same handle; the reason of its role's CREATE_FAILED",
    ),
    "stack-lines-understood": Fact(
        "The wizard's box for a failed stack's line understands each sentence that AWS gave here.",
        f"{_CFN}/UserGuide/troubleshooting.html",
        "the product's read_stack_line, on what AWS said in this run",
    ),
    "callback-delete-on-rollback": Fact(
        "A rollback sends the event Delete, without a reason.", _CUSTOM, "the queue, while that stack rolls back"
    ),
    "callback-delete-last": Fact(
        "When a stack is deleted, its role goes first: the event Delete comes after it is gone.",
        f"{_CFN}/UserGuide/aws-attribute-dependson.html",
        "the queue, beside the stack's events",
    ),
    "sts-gone": Fact(
        "A deleted role no longer answers, at most 120 seconds after its stack is gone.",
        f"{_IAM}/troubleshoot.html#troubleshoot_general_eventual-consistency",
        "AssumeRole until it is refused",
    ),
    "trail-tenant-sees-sessions": Fact(
        "The tenant's CloudTrail shows our successful calls with session name and our user agent within 20 minutes.",
        f"{_DOCS}/awscloudtrail/latest/userguide/view-cloudtrail-events.html",
        "LookupEvents in the tenant's account (--cloudtrail)",
        False,
    ),
    "trail-refusals-stay-with-us": Fact(
        "Calls that STS refused show in the vendor's CloudTrail alone.",
        f"{_IAM}/cloudtrail-integration.html",
        "LookupEvents in both accounts (--cloudtrail)",
        False,
    ),
}


@dataclass(frozen=True)
class Observation:
    """What was seen of one fact, in words, and whether it is what we assume. `details` are values for programs."""

    agrees: Agrees
    observed: str
    details: Mapping[str, object] = field(default_factory=dict)


class Findings:
    """What one run has seen, by the names of FACTS."""

    def __init__(self) -> None:
        self.seen: dict[str, Observation] = {}

    def note(self, name: str, is_so: bool | None, observed: str, **details: object) -> None:
        """Keep what was seen of a fact; None says that AWS showed nothing of it. Raises KeyError for another name."""
        agrees = {True: Agrees.YES, False: Agrees.NO, None: Agrees.NOT_SEEN}[is_so]
        FACTS[name]
        self.seen[name] = Observation(agrees, observed, details)

    def of(self, name: str) -> Observation:
        """Return what was seen of a fact."""
        return self.seen.get(name, Observation(Agrees.NOT_SEEN, "The test did not come so far, or AWS showed nothing."))

    def named(self, agrees: Agrees) -> list[str]:
        """Return the names of the facts of which that was found."""
        return [name for name in FACTS if self.of(name).agrees is agrees]

    @property
    def missing(self) -> list[str]:
        """The names of the facts that a complete run would have seen, and this one did not."""
        return [name for name in self.named(Agrees.NOT_SEEN) if FACTS[name].is_needed]
