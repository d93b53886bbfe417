"""The vendor, as the domain needs to know it: who is trusted, and where a launch leads."""

from __future__ import annotations

from dataclasses import dataclass

from onboarding.callback.topics import CallbackTopics
from onboarding.ground.arn import AccountId, RoleArn
from onboarding.ground.external_id import ExternalId
from onboarding.ground.partitions import PARTITIONS, Partition
from onboarding.launch import Launch
from onboarding.model import Connection


@dataclass(frozen=True)
class Vendor:
    """Who runs this installation. `console_url` is the AWS console's, or that of the sandbox's stand-in.

    Stacks report back in `callback_regions`; the plain template is the variant that never does.
    """

    name: str
    prefix: str
    trusted_principal: RoleArn
    region: str
    template_url: str
    console_url: str
    plain_template_url: str = ""
    callback_regions: tuple[str, ...] = ()

    @property
    def partition(self) -> Partition:
        """The partition this installation serves: that of its trusted principal."""
        return PARTITIONS[self.trusted_principal.partition]

    @property
    def topics(self) -> CallbackTopics:
        """Where tenants' stacks report back."""
        ours = self.trusted_principal
        return CallbackTopics(ours.partition, ours.account_id, self.prefix, self.callback_regions)

    def has_callback(self, connection: Connection) -> bool:
        """Whether the stack that the connection's launch makes reports back."""
        return connection.region in self.callback_regions and not connection.is_plain

    def role_arn_in(self, account_id: AccountId, connection: Connection) -> RoleArn:
        """Return the ARN that the stack's role will have in that account: its name is known before the role exists."""
        return RoleArn(self.partition.name, account_id, "/", connection.role_name)

    def template_for(self, connection: Connection) -> str:
        """Return the address of the template that the connection's stack is made of."""
        return self.plain_template_url if connection.is_plain and self.plain_template_url else self.template_url

    def launch(self, connection: Connection, external_id: ExternalId) -> Launch:
        """Return what a console link for this connection has to carry."""
        return Launch(
            console_url=self.console_url,
            region=connection.region,
            template_url=self.template_for(connection),
            stack_name=connection.stack_name,
            external_id=external_id,
        )
