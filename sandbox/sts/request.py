"""What a trust policy can read of a request to STS: who asks, for which actions, with which condition keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Literal

ASSUME_ROLE, TAG_SESSION, SET_SOURCE_IDENTITY = "sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"
Values = tuple[str, ...]
_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class AssumeRoleRequest:
    """One request for a role's session.

    `principal_arn` is the IAM role or user behind the call (`aws:PrincipalArn`), `caller_arn` the session or user
    that signed it (`arn:aws:sts::…:assumed-role/…`), and `account_id` the account of the caller, not of the role.
    A `kind` other than "aws" is not known by an ARN of IAM: `principal_arn` is then the service's name
    (`ec2.amazonaws.com`) or the identity provider.

    `has_mfa` None: the key is absent, as for a role's session by long-lived keys. `keys`, in lower case, are all the
    condition keys, in place of those that follow from the rest.
    """

    principal_arn: str
    caller_arn: str
    account_id: str
    session_name: str = ""
    external_id: str | None = None
    kind: Literal["aws", "service", "federated"] = "aws"
    tags: Mapping[str, str] = field(default_factory=lambda: _NONE)
    transitive_tag_keys: Values = ()
    source_identity: str | None = None
    has_mfa: bool | None = None
    source_ip: str = "203.0.113.7"
    region: str = "us-east-1"
    organization_id: str | None = None
    at: datetime | None = None
    named_actions: Values = ()
    keys: Mapping[str, Values] | None = None

    @property
    def actions(self) -> Values:
        """Every action that the trust policy must allow.

        Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_permissions-required,
        https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html
        """
        tagging = (TAG_SESSION,) if self.tags or self.transitive_tag_keys else ()
        naming = (SET_SOURCE_IDENTITY,) if self.source_identity is not None else ()
        return self.named_actions or (ASSUME_ROLE, *tagging, *naming)

    @property
    def context(self) -> Mapping[str, Values]:
        """The request's condition keys, in lower case; a key that is not in it is absent.

        Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html,
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
        """
        if self.keys is not None:
            return self.keys
        return {name: (value,) for name, value in {**self._of_the_caller(), **self._of_the_call()}.items()} | {
            name: values
            for name, values in {
                "aws:tagkeys": tuple(self.tags),
                "sts:transitivetagkeys": self.transitive_tag_keys,
            }.items()
            if values
        }

    def _of_the_caller(self) -> dict[str, str]:
        if self.kind == "federated":
            # Such a call is not signed with AWS credentials.
            return {}
        if self.kind == "service":
            return {"aws:principalisawsservice": "true", "aws:principalservicename": self.principal_arn}
        is_session = ":assumed-role/" in self.caller_arn
        keys = {
            "aws:principalarn": self.principal_arn,
            "aws:principalaccount": self.account_id,
            "aws:principaltype": "AssumedRole" if is_session else "User",
            "aws:principalisawsservice": "false",
        }
        if not is_session:
            keys["aws:username"] = self.principal_arn.rpartition("/")[2]
        if self.organization_id is not None:
            keys["aws:principalorgid"] = self.organization_id
        if self.has_mfa is not None:
            keys["aws:multifactorauthpresent"] = str(self.has_mfa).lower()
        return keys

    def _of_the_call(self) -> dict[str, str]:
        at = self.at or datetime.now(UTC)
        keys = {
            # AWS's endpoints take no plain HTTP; the sandbox's own does, and stands for one that does not.
            "aws:securetransport": "true",
            "aws:viaawsservice": "false",
            "aws:currenttime": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "aws:epochtime": str(int(at.timestamp())),
            "aws:sourceip": self.source_ip,
            "aws:requestedregion": self.region,
            "sts:rolesessionname": self.session_name,
            **{f"aws:requesttag/{name.lower()}": value for name, value in self.tags.items()},
        }
        if self.external_id is not None:
            keys["sts:externalid"] = self.external_id
        if self.source_identity is not None:
            keys["sts:sourceidentity"] = self.source_identity
        return keys
