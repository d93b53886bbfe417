"""What somebody may do beyond what was asked, in words: actions by what they are called, managed policies by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from onboarding.ground.wording import Text, say
from onboarding.policy.document import Statement
from onboarding.policy.patterns import matches_pattern


class Reach(StrEnum):
    """How bad an excess is: it reads what was not asked for, it may change things, or it may do everything."""

    READS = "reads"
    CHANGES = "changes"
    EVERYTHING = "everything"


@dataclass(frozen=True)
class ManagedPolicy:
    """A policy of AWS's own. `grants` is what it allows, None where that is too much to keep here."""

    sentence: Text
    reach: Reach
    grants: Statement | None = None


_ALL = Statement(number=0, path=(), effect="Allow", actions=("*",), resources=("*",))
_ALL_BUT_USERS = Statement(
    number=0,
    path=(),
    effect="Allow",
    not_actions=("account:*", "iam:*", "organizations:*"),
    resources=("*",),
)

# By the name at the end of the ARN. https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
MANAGED: Mapping[str, ManagedPolicy] = {
    "AdministratorAccess": ManagedPolicy(
        say("AdministratorAccess is attached: the role may do everything in your account. Detach it."),
        Reach.EVERYTHING,
        _ALL,
    ),
    "PowerUserAccess": ManagedPolicy(
        say(
            "PowerUserAccess is attached: the role may change and delete almost everything in your account. Detach it."
        ),
        Reach.EVERYTHING,
        _ALL_BUT_USERS,
    ),
    "IAMFullAccess": ManagedPolicy(
        say("IAMFullAccess is attached: the role may give itself, or anybody, every right in your account. Detach it."),
        Reach.EVERYTHING,
    ),
    "ReadOnlyAccess": ManagedPolicy(
        say("ReadOnlyAccess is attached: the role may read your data too, not only what was listed. Detach it."),
        Reach.READS,
    ),
    "ViewOnlyAccess": ManagedPolicy(
        say("ViewOnlyAccess is attached: the role may see what exists in services that were not listed. Detach it."),
        Reach.READS,
    ),
    "SecurityAudit": ManagedPolicy(
        say("SecurityAudit is attached: the role may read the security settings of services not listed. Detach it."),
        Reach.READS,
    ),
}

# What hands out data or secrets, whatever AWS calls it; the first that fits counts.
_ACTIONS: tuple[tuple[str, Text, Reach], ...] = (
    ("*", say("It may do everything in your account."), Reach.EVERYTHING),
    ("iam:*", say("It may read or change who has which rights in your account."), Reach.CHANGES),
    ("s3:getobject*", say("It may read the contents of your buckets."), Reach.READS),
    ("dynamodb:getitem", say("It may read your tables’ items."), Reach.READS),
    ("secretsmanager:getsecretvalue", say("It may read your secrets."), Reach.READS),
    ("ssm:getparameter*", say("It may read your parameters, secrets among them."), Reach.READS),
    ("kms:decrypt", say("It may decrypt what you have encrypted."), Reach.CHANGES),
)
_READING = ("batchget", "describe", "get", "list", "lookup", "search", "view")


def managed_name(arn: str) -> str:
    """Return the name of one of AWS's own managed policies, or an empty string for a policy of somebody's account."""
    parts = arn.split(":", 5)
    is_of_aws = len(parts) == 6 and parts[2:5] == ["iam", "", "aws"] and parts[5].startswith("policy/")
    return parts[5].rpartition("/")[2] if is_of_aws else ""


def attached_excess(arn: str) -> tuple[tuple[str, ...], Text, Reach]:
    """Return actions (known for some alone), sentence and reach of an attached managed policy."""
    known = MANAGED.get(managed_name(arn))
    if known is not None:
        return (known.grants.actions if known.grants else ()), known.sentence, known.reach
    name = arn.rpartition("/")[2][:128]
    sentence = say("The managed policy {policy} is attached, which was not asked for. Detach it.", policy=name)
    return (), sentence, Reach.CHANGES


def reach_of(action: str) -> tuple[Text, Reach]:
    """Return in words what an action that nobody asked for allows. It may be a pattern.

    Told by the verb, since that is how AWS names its actions; whatever is not clearly reading counts as changing.
    """
    lowered = action.lower()
    if set(lowered) <= {"*", "?", ":"}:
        return _ACTIONS[0][1:]
    service, _, verb = lowered.partition(":")
    for pattern, sentence, reach in _ACTIONS[1:]:
        is_reading_iam = service == "iam" and verb.startswith(_READING)
        if matches_pattern(lowered, pattern) and not is_reading_iam:
            return sentence, reach
    if verb.startswith(_READING):
        return say("It may read more than was asked for."), Reach.READS
    if verb in ("*", ""):
        return say("It may do everything in {service}, changing and deleting too.", service=service), Reach.CHANGES
    return say("It may do more than read."), Reach.CHANGES
