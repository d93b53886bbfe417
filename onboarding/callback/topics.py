"""The vendor's topics: one for each region in which tenants' stacks can report back."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from onboarding.ground.arn import AccountId

# The type of the custom resource by which a stack reports.
RESOURCE_TYPE = "Custom::RolecallCallback"


@dataclass(frozen=True)
class CallbackTopics:
    """What all topics of one installation share, and the regions that have one. False if there is none.

    CloudFormation sends a custom resource's event only to a topic of the stack's own region.
    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-customresource.html
    """

    partition: str
    account_id: AccountId
    prefix: str
    regions: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.regions)

    @property
    def name(self) -> str:
        """The name of the topic, of its queue, of its alarm and of the stack that makes them."""
        return f"rolecall-callback-{self.prefix}"

    def topic_arn(self, region: str) -> str:
        """Return the ARN that the topic has, or would have, in a region."""
        return f"arn:{self.partition}:sns:{region}:{self.account_id}:{self.name}"

    @property
    def logical_id(self) -> str:
        """The custom resource's name in the stack template. Another topic gives another name.

        CloudFormation cannot change a custom resource's topic, but it can replace one resource by another.
        """
        return f"Callback{hashlib.sha256(self.topic_arn('*').encode()).hexdigest()[:8]}"
