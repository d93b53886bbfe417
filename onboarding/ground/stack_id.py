"""Stack IDs: parsed once where they come in, and valid from then on."""

from __future__ import annotations

import re
from dataclasses import dataclass

from onboarding.ground.arn import AccountId, unknown_partition
from onboarding.ground.partitions import PARTITIONS
from onboarding.ground.refused import Refused
from onboarding.ground.wording import say

# A stack's name has a letter first, and at most 128 characters. What ends the ARN is AWS's own: a UUID today.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
_STACK = re.compile(
    r"arn:(?P<partition>[a-z-]{3,20}):cloudformation:(?P<region>[a-z0-9-]{4,30}):(?P<account_id>[0-9]{12}):"
    r"stack/(?P<name>[A-Za-z][A-Za-z0-9-]{0,127})/(?P<unique>[A-Za-z0-9-]{1,64})",
    re.ASCII,
)


@dataclass(frozen=True)
class StackId:
    """The ARN of one CloudFormation stack, which no later stack of the same name has. `str()` gives the ARN."""

    partition: str
    region: str
    account_id: AccountId
    name: str
    unique: str

    def __str__(self) -> str:
        return f"arn:{self.partition}:cloudformation:{self.region}:{self.account_id}:stack/{self.name}/{self.unique}"


def parse_stack_id(text: str) -> StackId:
    """Return the stack ID that is exactly this text. Raises Refused.

    Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudformation.html
    """
    found = _STACK.fullmatch(text)
    if found is None:
        raise Refused("stack_id_malformed", say("That is not a stack’s ARN."), say("Copy it from the stack’s page."))
    if found["partition"] not in PARTITIONS:
        raise unknown_partition(found["partition"])
    return StackId(found["partition"], found["region"], AccountId(found["account_id"]), found["name"], found["unique"])
