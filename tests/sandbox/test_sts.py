"""STS must refuse and allow as AWS's does: moto's own allows anything."""

from __future__ import annotations

import json
import urllib.error
from datetime import timedelta
from typing import Any

import pytest

from sandbox.aws import VENDOR_ROLE_ARN, SandboxAws
from tests.sandbox_callers import (
    DENIED,
    NAME,
    RIGHT,
    ROLE_ARN,
    TEMPLATE,
    TENANT,
    VENDOR,
    WRONG,
    Tenant,
    Vendor,
    client,
    control,
    eventually,
    refusal,
)


def test_the_vendor_and_the_tenant_are_who_they_say(aws: SandboxAws, vendor: Vendor, tenant: Tenant) -> None:
    assert VENDOR_ROLE_ARN.startswith(f"arn:aws:iam::{VENDOR}:")
    assert vendor.sts.get_caller_identity()["Arn"].startswith(f"arn:aws:sts::{VENDOR}:assumed-role/northwind-rolecall/")
    assert client("sts", tenant.credentials, aws).get_caller_identity()["Account"] == TENANT


def test_only_the_right_external_id_opens_the_role(tenant: Tenant, vendor: Vendor) -> None:
    tenant.create()
    tenant.finish()

    assert vendor.assume(RIGHT)
    for wrong in (None, WRONG, RIGHT.upper()):
        assert vendor.refusal(wrong) == DENIED


def test_a_session_acts_in_the_tenants_account_and_can_read_itself(
    aws: SandboxAws, tenant: Tenant, vendor: Vendor
) -> None:
    stack_id = tenant.create()
    tenant.finish()

    reads = {"Effect": "Allow", "Action": ["iam:Get*", "cloudformation:DescribeStacks"], "Resource": "*"}
    session = vendor.assume(Policy=json.dumps({"Version": "2012-10-17", "Statement": [reads]}))

    identity = client("sts", session, aws).get_caller_identity()
    assert (identity["Account"], identity["Arn"]) == (TENANT, f"arn:aws:sts::{TENANT}:assumed-role/{NAME}/worker")
    assert client("iam", session, aws).get_role(RoleName=NAME)["Role"]["Arn"] == ROLE_ARN
    stack = client("cloudformation", session, aws).describe_stacks(StackName=stack_id)["Stacks"][0]
    assert stack["Outputs"] == [{"OutputKey": "RoleArn", "OutputValue": ROLE_ARN}]
    assert control(aws, "assume-role-calls")["calls"][-1]["has_session_policy"] is True


@pytest.mark.parametrize(
    "narrowed",
    [
        {"Effect": "Deny", "Action": "*", "Resource": "*"},
        {"Effect": "Allow", "Action": "iam:ListRolePolicies", "Resource": "*"},
        {"Effect": "Allow", "Action": "iam:GetRole", "Resource": f"arn:aws:iam::{TENANT}:role/another"},
    ],
    ids=json.dumps,
)
def test_a_session_policy_takes_away_what_it_does_not_allow(
    aws: SandboxAws, tenant: Tenant, vendor: Vendor, narrowed: dict[str, str]
) -> None:
    tenant.create()
    tenant.finish()
    session = vendor.assume(Policy=json.dumps({"Version": "2012-10-17", "Statement": [narrowed]}))

    assert refusal(lambda: client("iam", session, aws).get_role(RoleName=NAME))[:2] == (403, "AccessDenied")
    assert client("sts", session, aws).get_caller_identity()["Account"] == TENANT, "that works under any Deny"


def test_a_session_may_do_what_the_roles_own_policies_and_its_boundary_allow(
    aws: SandboxAws, tenant: Tenant, vendor: Vendor
) -> None:
    tenant.create()
    tenant.finish()
    iam = client("iam", vendor.assume(), aws)

    assert iam.get_role(RoleName=NAME)["Role"]["Arn"] == ROLE_ARN
    assert refusal(lambda: iam.list_role_policies(RoleName=NAME))[1] == "AccessDenied"
    lists, other = (
        tenant.iam.create_policy(
            PolicyName=action.partition(":")[0],
            PolicyDocument=json.dumps(
                {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}
            ),
        )["Policy"]["Arn"]
        for action in ("iam:ListRolePolicies", "s3:*")
    )
    tenant.iam.attach_role_policy(RoleName=NAME, PolicyArn=lists)
    assert iam.list_role_policies(RoleName=NAME)["PolicyNames"] == ["read"]
    tenant.iam.put_role_permissions_boundary(RoleName=NAME, PermissionsBoundary=other)
    assert refusal(lambda: iam.get_role(RoleName=NAME))[1] == "AccessDenied"
    tenant.iam.delete_role_permissions_boundary(RoleName=NAME)
    tenant.iam.detach_role_policy(RoleName=NAME, PolicyArn=lists)


def test_a_role_that_is_not_there_is_refused_in_the_same_words(vendor: Vendor) -> None:
    assert vendor.refusal() == DENIED
    for arn in (ROLE_ARN.replace("arn:aws:", "arn:aws-cn:"), ROLE_ARN.replace(":role/", ":role/some/path/")):
        assert vendor.refusal(RoleArn=arn) == (*DENIED[:2], DENIED[2].replace(ROLE_ARN, arn))


def test_another_role_of_the_vendor_is_refused(aws: SandboxAws, tenant: Tenant) -> None:
    tenant.create()
    tenant.finish()
    intern = client("sts", aws.account_credentials(VENDOR), aws)

    status, code, message = refusal(
        lambda: intern.assume_role(RoleArn=ROLE_ARN, RoleSessionName="xx", ExternalId=RIGHT)
    )

    assert (status, code) == (403, "AccessDenied")
    assert f"{VENDOR}:assumed-role/sandbox-administrator/sandbox is not authorized" in message


def test_a_new_role_answers_only_after_it_has_propagated(aws: SandboxAws, tenant: Tenant, vendor: Vendor) -> None:
    aws.propagation_seconds = 60
    tenant.create()
    tenant.finish()
    assert vendor.refusal() == DENIED
    assert aws.calls.as_json()[-1]["reason"] == "the role has not propagated to STS yet"

    aws.propagation_seconds = 0

    assert vendor.assume()


def test_a_corrected_trust_policy_counts_at_once(tenant: Tenant, vendor: Vendor) -> None:
    tenant.create(WRONG)
    tenant.finish()
    assert vendor.refusal() == DENIED
    trust = tenant.iam.get_role(RoleName=NAME)["Role"]["AssumeRolePolicyDocument"]

    tenant.iam.update_assume_role_policy(RoleName=NAME, PolicyDocument=json.dumps(trust).replace(WRONG, RIGHT))

    assert vendor.assume()


@pytest.mark.parametrize(
    ("parameters", "fragment"),
    [
        ({"ExternalId": "x"}, "at 'externalId' failed to satisfy constraint: Member must have length greater than or"),
        (
            {"ExternalId": "no blanks"},
            "'externalId' failed to satisfy constraint: Member must satisfy regular expression",
        ),
        ({"ExternalId": "x" * 1225}, "Member must have length less than or equal to 1224"),
        ({"RoleSessionName": "no/slash"}, "at 'roleSessionName' failed to satisfy constraint: Member must satisfy"),
        ({"RoleSessionName": "x" * 65}, "Member must have length less than or equal to 64"),
        ({"DurationSeconds": 900 - 1}, "Value '899' at 'durationSeconds' failed to satisfy constraint: Member must"),
        ({"DurationSeconds": 43200 + 1}, "Member must have value less than or equal to 43200"),
        ({"DurationSeconds": 3601}, "exceeds the 1 hour session limit for roles assumed by role chaining"),
        ({"RoleArn": f"arn:aws:iam::{TENANT}:user/somebody"}, "is invalid"),
    ],
)
def test_bad_parameters_are_a_validation_error(
    tenant: Tenant, vendor: Vendor, parameters: dict[str, Any], fragment: str
) -> None:
    tenant.create()
    tenant.finish()
    # botocore would judge lengths by itself and never ask; what is under test is the sandbox.
    vendor.sts = client("sts", vendor.aws.vendor_credentials(), vendor.aws, parameter_validation=False)

    status, code, message = vendor.refusal(**parameters)

    assert (status, code) == (400, "ValidationError")
    assert fragment in message


def test_a_session_longer_than_the_role_allows_is_a_validation_error(aws: SandboxAws, tenant: Tenant) -> None:
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": TENANT}}],
    }
    role = tenant.iam.create_role(RoleName="short", AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    tenant.iam.create_user(UserName="ann")
    key = tenant.iam.create_access_key(UserName="ann")["AccessKey"]
    ann = client("sts", {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}, aws)

    assert ann.assume_role(RoleArn=role["Arn"], RoleSessionName="ann")["Credentials"]
    assert refusal(lambda: ann.assume_role(RoleArn=role["Arn"], RoleSessionName="ann", DurationSeconds=7200)) == (
        400,
        "ValidationError",
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    )


def test_credentials_never_given_out_are_refused(aws: SandboxAws, vendor: Vendor) -> None:
    known = aws.vendor_credentials()
    for bad in ({**known, "AWS_ACCESS_KEY_ID": "ASIAIOSFODNN7EXAMPLE"}, {**known, "AWS_SESSION_TOKEN": "forged"}):
        for call in (
            lambda bad=bad: client("sts", bad, aws).get_caller_identity(),
            lambda bad=bad: client("iam", bad, aws).list_roles(),
        ):
            assert refusal(call)[:2] == (403, "InvalidClientTokenId")


def test_expired_credentials_are_refused_as_expired(
    aws: SandboxAws, tenant: Tenant, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant.create()
    tenant.finish()
    session = client("sts", vendor.assume(DurationSeconds=900), aws)
    from sandbox import moto_access

    now = moto_access.utcnow()

    monkeypatch.setattr(moto_access, "utcnow", lambda: now + timedelta(hours=1))

    assert refusal(session.get_caller_identity)[:2] == (403, "ExpiredToken")


def test_every_call_is_remembered_with_the_reason_but_without_the_external_id(
    aws: SandboxAws, tenant: Tenant, vendor: Vendor
) -> None:
    tenant.create()
    tenant.finish()
    vendor.assume()
    vendor.refusal(None)
    vendor.refusal(WRONG)

    calls = control(aws, "assume-role-calls")["calls"]

    assert [(call["allowed"], call["has_external_id"]) for call in calls] == [
        (True, True),
        (False, False),
        (False, True),
    ]
    assert calls[1]["reason"] == "statement 1: StringEquals sts:ExternalId is not met"
    assert calls[0]["caller_arn"] == f"arn:aws:sts::{VENDOR}:assumed-role/northwind-rolecall/rolecall"
    assert RIGHT not in json.dumps(calls)


def test_tags_and_a_source_identity_need_actions_of_their_own(tenant: Tenant, vendor: Vendor) -> None:
    stack_id = tenant.create()
    tenant.finish()
    tagged = {"Tags": [{"Key": "Team", "Value": "a"}], "TransitiveTagKeys": ["Team"]}

    for action, extra in (("sts:TagSession", tagged), ("sts:SetSourceIdentity", {"SourceIdentity": "ann"})):
        assert vendor.refusal(**extra) == (*DENIED[:2], DENIED[2].replace("sts:AssumeRole", action))
    tenant.cloudformation.delete_stack(StackName=stack_id)
    eventually(lambda: not tenant.has_role())
    # Not by UpdateAssumeRolePolicy, where moto takes no other action than sts:AssumeRole; AWS does.
    tenant.create(TemplateBody=TEMPLATE.replace("Action: sts:AssumeRole", "Action: sts:*"))
    tenant.finish()
    assert vendor.assume(**tagged, SourceIdentity="ann")


def test_the_organisation_of_a_tenant_can_refuse_everybody_outside(
    aws: SandboxAws, tenant: Tenant, vendor: Vendor
) -> None:
    tenant.create()
    tenant.finish()
    assert vendor.assume()

    control(aws, "resource-control-policies", method="POST", body={"account_id": TENANT})

    assert vendor.refusal() == DENIED, "in the words of any refusal"
    assert aws.calls.as_json()[-1]["reason"] == "statement 1 of a resource control policy denies it"
    own = client("sts", aws.account_credentials(TENANT), aws)
    assert (
        "resource control policy" not in refusal(lambda: own.assume_role(RoleArn=ROLE_ARN, RoleSessionName="xx"))[2]
    ), "a member is refused by the trust policy alone"
    assert aws.calls.as_json()[-1]["reason"] == "statement 1: the principal does not match"
    control(aws, "resource-control-policies", method="DELETE")
    assert vendor.assume()


@pytest.mark.parametrize(
    "body", [[], {}, {"account_id": "1"}, {"account_id": TENANT, "policy": "x"}, {"account": TENANT}], ids=json.dumps
)
def test_a_resource_control_policy_that_is_none_is_refused(aws: SandboxAws, body: Any) -> None:
    with pytest.raises(urllib.error.HTTPError):
        control(aws, "resource-control-policies", method="POST", body=body)

    assert control(aws, "resource-control-policies") == {"policies": {}}
