"""What AWS services, and those whom a sign-in provider vouches for, can send with a request for a role.

They are not known by an ARN of IAM, so a policy cannot ask for one of theirs. What they surely lack is listed; all else
they may send: some services give tags, a source identity or an external ID that somebody chose.
Sources: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html,
https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html and
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-cognito-userpool-smsconfiguration.html
"""

from __future__ import annotations

from dataclasses import replace

from onboarding.trust.request_keys import (
    ABSENT,
    ALWAYS,
    EXTERNAL_ID,
    MFA,
    MFA_AGE,
    PRINCIPAL_ACCOUNT,
    PRINCIPAL_ARN,
    PRINCIPAL_TYPE,
    SOURCE_IDENTITY,
    TOKEN_ISSUED,
    USERNAME,
    Domain,
    free_domain,
    is_of_provider,
    is_of_tags,
)

_OF_PEOPLE_AND_ROLES = frozenset(
    {PRINCIPAL_ARN, USERNAME, MFA, MFA_AGE, "aws:principalorgid", "aws:principalorgpaths", TOKEN_ISSUED}
)
# AWS gives these for anonymous requests; whether these count as such, it does not say.
_OF_NOBODY = {PRINCIPAL_ACCOUNT: "anonymous", PRINCIPAL_TYPE: "Anonymous"}
# Roles of these are used by what runs in the account itself. Of all other services it is not known.
# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/iam-roles-for-amazon-ec2.html,
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html and
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html have no external ID.
_WITHOUT_EXTERNAL_ID = frozenset({"ec2.amazonaws.com", "lambda.amazonaws.com", "ecs-tasks.amazonaws.com"})


def sent_by_service(name: str, service: str, *, has_tags: bool, has_source_identity: bool) -> Domain:
    """Return what a service can send for a key."""
    known = {
        **ALWAYS,
        "aws:principalisawsservice": ("true",),
        "aws:principalservicename": (service,),
    }
    if name in known:
        return Domain(fixed=known[name], may_be_absent=False)
    if name in _OF_NOBODY:
        return Domain(fixed=(_OF_NOBODY[name],))
    is_absent = (
        name in _OF_PEOPLE_AND_ROLES
        or is_of_provider(name)
        or (name == EXTERNAL_ID and service in _WITHOUT_EXTERNAL_ID)
        or (is_of_tags(name) and not has_tags)
        or (name == SOURCE_IDENTITY and not has_source_identity)
    )
    if is_absent:
        return ABSENT
    free = free_domain(name)
    if name == "aws:principalservicenameslist":
        # It has the service's other names too, regional ones among them.
        return replace(free, may_be_absent=False)
    return replace(free, may_be_absent=True) if name == "aws:userid" else free


def sent_by_provider(name: str, provider: str, *, has_tags: bool, has_source_identity: bool) -> Domain:
    """Return what somebody can send for a key who signs in through a provider."""
    known = {**ALWAYS, "aws:federatedprovider": (provider,)}
    if name in known:
        # Such a request is not signed, and only some of them name their provider.
        return Domain(fixed=known[name], may_be_absent=name not in ("aws:securetransport", "aws:viaawsservice"))
    if name in _OF_NOBODY:
        return Domain(fixed=(_OF_NOBODY[name],))
    is_absent = (
        name in (*_OF_PEOPLE_AND_ROLES, EXTERNAL_ID)
        or name.startswith(("aws:principal", "aws:sourcearn", "aws:sourceaccount", "aws:sourceorg"))
        or (is_of_tags(name) and not has_tags)
        or (name == SOURCE_IDENTITY and not has_source_identity)
    )
    return ABSENT if is_absent else free_domain(name)
