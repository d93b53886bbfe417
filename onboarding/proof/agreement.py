"""What was agreed with the tenant: whom the role trusts, what it can do, and which checks must pass."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from onboarding.ground.arn import RoleArn
from onboarding.ground.external_id import ExternalId
from onboarding.permissions.asked import AskedPermissions, AskedStatement
from onboarding.trust.expected import ExpectedTrust


@dataclass(frozen=True)
class Agreement:
    """One installation's side of the handshake, read once at start.

    `template_url` is where the published template is, `plain_template_url` where its variant without callback is, if
    there is one, `console_url` the console that an update link opens.
    `required` names the checks without which nothing is connected.
    """

    trusted_principal: RoleArn
    asked: AskedPermissions
    template_version: str
    template_url: str
    console_url: str
    required: Collection[str]
    plain_template_url: str = ""

    def update_template_url(self, *, is_plain: bool) -> str:
        """Return the template that a stack is updated with: a plain stack with the plain one.

        What keeps an organization's stacks from reporting when they are made does so when they are updated, and an
        update that cannot report is rolled back.
        """
        return self.plain_template_url if is_plain and self.plain_template_url else self.template_url

    def trust(self, external_id: ExternalId) -> ExpectedTrust:
        """Return the trust policy's expected content for a connection with this external ID."""
        return ExpectedTrust.of(self.trusted_principal, external_id)

    def permissions(self, role_arn: RoleArn, external_id: ExternalId, stack_id: str) -> tuple[AskedStatement, ...]:
        """Return what the role's policies should say, as AWS makes them from the template."""
        return self.asked.for_role(role_arn, external_id=external_id, stack_arn=stack_id)
