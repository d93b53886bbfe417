"""The stack template that tenants deploy keeps every rule; and every rule can be broken, so it can be trusted."""

from __future__ import annotations

import copy
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
import yaml
from cfnlint import ManualArgs
from cfnlint.api import lint
from cfnlint.helpers import REGIONS

from onboarding.callback.topics import CallbackTopics
from onboarding.stack_template.template import bake
from onboarding.stack_template.yaml_text import read_yaml
from tests.guards.callback_rules import regions_of
from tests.guards.iam_actions import access_levels, denied_actions
from tests.guards.stack_template_rules import RULES, broken_rules, problems

TEMPLATE = (Path(__file__).parents[2] / "cfn" / "role.yaml").read_text()
DELETE = object()
APPEND = object()

WHOLE = read_yaml(TEMPLATE)
ROLE = ("Resources", "Role", "Properties")
CALLBACK = ("Resources", "Callback00000000")
TRUST = (*ROLE, "AssumeRolePolicyDocument", "Statement", 0)
FIRST = (*ROLE, "Policies", 0, "PolicyDocument", "Statement", 0)
ACTIONS = (*FIRST, "Action", APPEND)
EXTERNAL_ID = ("Parameters", "ExternalId")
OWN = {"Sid": "OwnRole", "Effect": "Allow", "Action": ["iam:GetRole"], "Resource": "*"}

REGION_NAMES = [f"us-east-{number}" for number in range(1, 111)]
# Regions with a topic: none is the plain template.
COUNTS = (0, 1, 2, 10, 11, 25, 110)


def baked(count: int) -> str:
    """The template as published, its stacks reporting back in the first so many regions."""
    topics = CallbackTopics("aws", "111122223333", "northwind", tuple(REGION_NAMES[:count]))
    return bake(TEMPLATE, account_id="111122223333", principal="role/northwind-rolecall", topics=topics)


# rule, where in the template, what stands there instead
MUTATIONS: list[tuple[str, tuple[Any, ...], Any]] = [
    ("the_only_parameter_is_the_external_id", (*EXTERNAL_ID, "NoEcho"), "true"),
    ("the_only_parameter_is_the_external_id", (*EXTERNAL_ID, "NoEcho"), "false"),
    ("the_only_parameter_is_the_external_id", (*EXTERNAL_ID, "Default"), "x"),
    ("the_only_parameter_is_the_external_id", (*EXTERNAL_ID, "AllowedPattern"), DELETE),
    ("the_only_parameter_is_the_external_id", (*EXTERNAL_ID, "AllowedPattern"), ".*"),
    ("the_only_parameter_is_the_external_id", (*EXTERNAL_ID, "MinLength"), DELETE),
    ("the_only_parameter_is_the_external_id", (*EXTERNAL_ID, "ConstraintDescription"), DELETE),
    ("the_only_parameter_is_the_external_id", ("Parameters", "VendorAccount"), {"Type": "String"}),
    ("one_role_and_nothing_else_is_made", ("Resources", "Other"), {"Type": "AWS::IAM::User"}),
    ("one_role_and_nothing_else_is_made", ("Transform",), "AWS::Serverless-2016-10-31"),
    ("one_role_and_nothing_else_is_made", (*ROLE, "ManagedPolicyArns"), ["arn:aws:iam::aws:policy/ReadOnlyAccess"]),
    ("only_the_vendors_role_with_the_external_id_is_trusted", (*TRUST, "Condition"), DELETE),
    ("only_the_vendors_role_with_the_external_id_is_trusted", (*TRUST, "Condition", "ArnEquals"), DELETE),
    ("only_the_vendors_role_with_the_external_id_is_trusted", (*TRUST, "Condition", "StringEquals"), DELETE),
    (
        "only_the_vendors_role_with_the_external_id_is_trusted",
        (*TRUST, "Condition", "StringLike"),
        {"sts:ExternalId": "*"},
    ),
    (
        "only_the_vendors_role_with_the_external_id_is_trusted",
        (*TRUST, "Condition", "StringEquals", "sts:ExternalId"),
        "northwind",
    ),
    ("only_the_vendors_role_with_the_external_id_is_trusted", (*TRUST, "Principal"), "*"),
    ("only_the_vendors_role_with_the_external_id_is_trusted", (*TRUST, "Principal", "Service"), "ec2.amazonaws.com"),
    ("only_the_vendors_role_with_the_external_id_is_trusted", (*TRUST, "Action"), ["sts:AssumeRole", "sts:TagSession"]),
    (
        "only_the_vendors_role_with_the_external_id_is_trusted",
        (*TRUST[:-1], APPEND),
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999988887777:root"}, "Action": "sts:AssumeRole"},
    ),
    ("the_role_is_named_by_its_connection", (*ROLE, "RoleName"), "northwind"),
    ("the_role_is_named_by_its_connection", (*ROLE, "RoleName"), DELETE),
    ("a_session_lasts_an_hour_at_most", (*ROLE, "MaxSessionDuration"), "43200"),
    ("no_partition_is_written_out", (*TRUST, "Principal", "AWS"), "arn:aws:iam::999988887777:root"),
    ("no_partition_is_written_out", (*FIRST, "Resource"), "arn:aws-cn:s3:::bucket"),
    ("statements_only_allow_named_actions", ACTIONS, "ce:Get*"),
    ("statements_only_allow_named_actions", ACTIONS, "*"),
    ("statements_only_allow_named_actions", ACTIONS, "ec2:Describe????"),
    ("statements_only_allow_named_actions", ACTIONS, "CE:getcostandusage"),
    ("the_callback_is_whole_and_tells_what_it_says", CALLBACK, DELETE),
    ("the_callback_is_whole_and_tells_what_it_says", (*CALLBACK, "Condition"), DELETE),
    ("the_callback_is_whole_and_tells_what_it_says", (*CALLBACK, "Properties", "RoleName"), {"Ref": "Role"}),
    ("the_callback_is_whole_and_tells_what_it_says", (*CALLBACK, "Properties", "ServiceTimeout"), DELETE),
    (
        "the_callback_is_whole_and_tells_what_it_says",
        (*CALLBACK, "Properties", "ServiceToken"),
        "arn:aws:sns:us-east-1:999988887777:rolecall-callback-northwind",
    ),
    (
        "the_callback_is_whole_and_tells_what_it_says",
        ("Resources", "Callback11111111"),
        {"Type": "Custom::RolecallCallback"},
    ),
    ("the_callback_is_whole_and_tells_what_it_says", ("Metadata", "Callback", "Reads"), ""),
    ("the_callback_is_whole_and_tells_what_it_says", (*ROLE, "Tags"), DELETE),
    ("the_callback_is_whole_and_tells_what_it_says", ("Conditions", "Always"), {"Fn::Equals": ["a", "a"]}),
    ("the_callback_is_whole_and_tells_what_it_says", ("Conditions", "HasCallback"), {"Fn::Or": []}),
    ("the_callback_is_whole_and_tells_what_it_says", ("Conditions", "HasCallback", "Fn::Equals", 0), "us-east-1"),
    ("statements_only_allow_named_actions", (*FIRST, "NotAction"), ["iam:GetUser"]),
    ("statements_only_allow_named_actions", (*FIRST, "NotResource"), "arn:x"),
    ("statements_only_allow_named_actions", (*FIRST, "Effect"), "Deny"),
    ("statements_only_allow_named_actions", (*FIRST, "Resource"), DELETE),
    ("every_action_exists_and_only_reads", ACTIONS, "ce:GetCostAndUsages"),
    ("every_action_exists_and_only_reads", ACTIONS, "ec2:StopInstances"),
    ("every_action_exists_and_only_reads", ACTIONS, "ec2:CreateTags"),
    ("every_action_exists_and_only_reads", ACTIONS, "s3:PutBucketPolicy"),
    ("every_action_exists_and_only_reads", ACTIONS, "sts:AssumeRole"),
    ("no_action_hands_out_data_or_secrets", ACTIONS, "s3:GetObject"),
    ("no_action_hands_out_data_or_secrets", ACTIONS, "S3:getObjectVersion"),
    ("no_action_hands_out_data_or_secrets", ACTIONS, "lambda:ListFunctions"),
    ("no_action_hands_out_data_or_secrets", ACTIONS, "ssm:GetParametersByPath"),
    ("no_action_hands_out_data_or_secrets", ACTIONS, "cloudformation:GetTemplate"),
    ("no_action_hands_out_data_or_secrets", (*FIRST[:-1], APPEND), OWN),
    ("the_role_may_read_itself_and_its_stack", FIRST[:-1], []),
    ("the_role_may_read_itself_and_its_stack", (*FIRST[:-1], APPEND), OWN),
    ("the_policy_fits_into_a_role", (*FIRST, "Action"), [f"ce:{'Get' * 20}{n}" for n in range(200)]),
    ("the_policy_fits_into_a_role", (*ROLE, "Policies"), DELETE),
    ("every_statement_is_explained", (*FIRST, "Sid"), "SomethingNew"),
    ("every_statement_is_explained", (*FIRST, "Sid"), DELETE),
    ("every_statement_is_explained", ("Metadata", "Permissions", "OwnRole"), DELETE),
    ("every_statement_is_explained", ("Metadata", "Permissions", "OwnRole", "NeverReads"), DELETE),
    ("every_statement_is_explained", ("Metadata", "Permissions", "Nothing"), {"Title": "Nothing"}),
    ("the_vendor_can_be_baked_in", ("Mappings", "Vendor"), DELETE),
    ("the_vendor_can_be_baked_in", ("Mappings", "Vendor", "TrustedPrincipal", "AccountId"), DELETE),
    ("the_console_can_explain_itself", ("Description",), "x" * 1025),
    ("the_console_can_explain_itself", ("Description",), DELETE),
    ("the_console_can_explain_itself", ("Metadata", "AWS::CloudFormation::Interface"), DELETE),
    ("the_console_can_explain_itself", ("Outputs", "RoleArn"), DELETE),
    ("the_console_can_explain_itself", ("Outputs", "RoleName", "Value"), "northwind"),
    ("the_console_can_explain_itself", ("Outputs", "TemplateVersion"), DELETE),
]


def test_the_stack_template_keeps_every_rule():
    assert broken_rules(TEMPLATE) == {}


@pytest.mark.parametrize("count", COUNTS)
def test_the_baked_stack_template_keeps_every_rule(count):
    assert broken_rules(baked(count)) == {}


@pytest.mark.parametrize("text", [TEMPLATE, *map(baked, COUNTS)], ids=["as it stands", *map(str, COUNTS)])
def test_cfn_lint_has_nothing_to_say(text):
    assert [str(match) for match in lint(text, config=ManualArgs(regions=REGIONS))] == []


@pytest.mark.parametrize("count", COUNTS[1:])
def test_a_stack_reports_in_every_region_with_a_topic_and_in_no_other(count):
    assert regions_of(read_yaml(baked(count))["Conditions"]["HasCallback"]) == REGION_NAMES[:count]


def test_the_largest_template_can_still_be_given_to_cloudformation_as_text():
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
    assert len(baked(COUNTS[-1]).encode()) < 51_200


def test_the_plain_template_says_nothing_of_a_callback():
    assert "callback" not in "".join(line for line in baked(0).lower().splitlines() if not line.startswith("#"))


def test_cfn_lint_is_really_asked():
    assert lint(TEMPLATE.replace("MaxSessionDuration", "MaxSessionDurations"), config=ManualArgs(regions=REGIONS))


def test_a_template_written_another_way_still_keeps_every_rule():
    assert broken_rules(written(WHOLE)) == {}


def test_a_template_that_breaks_a_rule_is_caught():
    missed = []
    for rule, where, instead in MUTATIONS:
        document = copy.deepcopy(WHOLE)
        change(document, where, instead)
        missed += [] if problems(rule, written(document)) else [(rule, where, instead)]

    assert missed == []


def test_every_rule_is_shown_to_catch_something():
    assert {rule for rule, _, _ in MUTATIONS} == set(RULES)


def test_every_denied_action_exists_so_that_no_misspelling_protects_nothing():
    known = [action.lower() for action in access_levels()]
    unknown = [
        denied for denied, _, _ in denied_actions() if not any(fnmatchcase(action, denied.lower()) for action in known)
    ]
    assert unknown == []


def test_the_denied_actions_are_those_that_the_access_level_alone_would_let_in():
    readable = {action.lower() for action, level in access_levels().items() if level in ("Read", "List")}
    let_in = [
        denied for denied, _, _ in denied_actions() if any(fnmatchcase(action, denied.lower()) for action in readable)
    ]
    assert len(let_in) >= 60
    assert len({denied for denied, _, _ in denied_actions()}) == len(denied_actions())
    assert {allowed_on for _, allowed_on, _ in denied_actions()} == {"never", "own"}


def written(document: dict[str, Any]) -> str:
    """The document as YAML in CloudFormation's long form, its vendor quoted as baking needs it."""
    text = yaml.dump(document, sort_keys=False)
    return text.replace("Principal: role/not-published-yet", "Principal: 'role/not-published-yet'")


def change(document: Any, where: tuple[Any, ...], instead: Any) -> None:
    """Put something else at a place in the document, add it to the list there, or take the place away."""
    *path, last = where
    for key in path:
        document = document[key]
    if instead is DELETE:
        del document[last]
    elif last is APPEND:
        document.append(instead)
    else:
        document[last] = instead
