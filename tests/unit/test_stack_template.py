"""The stack template as values: parsed, baked, named."""

from __future__ import annotations

import hashlib
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding.stack_template.callback import without_callback
from onboarding.stack_template.reading import StackTemplateError
from onboarding.stack_template.template import (
    Permission,
    StackTemplate,
    TrustedPrincipal,
    bake,
    published_name,
)
from onboarding.stack_template.yaml_text import TemplateYamlError, read_yaml

OURS = (Path(__file__).parents[2] / "cfn" / "role.yaml").read_text()
PLAIN = without_callback(OURS)

SMALL = textwrap.dedent("""\
    # a comment that stays
    Metadata:
      Permissions:
        Costs:
          Title: Your costs
          Reads: >-
            What you
            spend.
          Why: To save.
          NeverReads: Anything else.
    Mappings:
      Vendor:
        TrustedPrincipal:
          AccountId: '000000000000'
          Principal: 'role/nobody'
    Resources:
      Role:
        Type: AWS::IAM::Role
        Properties:
          Policies:
            - PolicyName: read
              PolicyDocument:
                Version: 2012-10-17
                Statement:
                  Sid: Costs
                  Effect: Allow
                  Action: ce:GetCostAndUsage
                  Resource: '*'
    Outputs:
      TemplateVersion:
        Value: 1.10
    """)


def test_a_template_says_what_it_asks_for_and_why_in_its_own_words():
    template = StackTemplate.parse(SMALL)

    assert template.permissions == (
        Permission("Costs", "Your costs", "What you spend.", "To save.", "Anything else.", ("ce:GetCostAndUsage",)),
    )
    assert template.version == "1.10"
    assert template.trusted == TrustedPrincipal("000000000000", "role/nobody")
    assert not template.is_baked


def test_our_own_template_explains_every_statement_in_the_order_of_the_file():
    template = StackTemplate.parse(OURS)

    assert [p.sid for p in template.permissions][-2:] == ["OwnRole", "OwnStack"]
    assert all(p.title and p.reads and p.why and p.never_reads and p.actions for p in template.permissions)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("    Costs:\n", "    Cost:\n", "statement Costs has no entry in Metadata"),
        ("    Costs:\n", "    Cost:\n", "has an entry Cost without a statement"),
        ("Sid: Costs", "Effect2: x", "no text at Sid"),
        ("      Why: To save.\n", "", "no text at Costs, Why"),
        ("Why: To save.", "Why: ' '", "no text at Costs, Why"),
        ("Action: ce:GetCostAndUsage", "NotAction: ce:GetCostAndUsage", "Costs must name its actions"),
        ("Type: AWS::IAM::Role", "Type: AWS::IAM::User", "exactly one AWS::IAM::Role, it makes 0"),
        ("Policies:", "ManagedPolicyArns:", "no inline policy"),
        ("Policies:", "ManagedPolicyArns: [x]\n      Policies:", "rights from ManagedPolicyArns"),
        ("Resources:", "Resources:\n  More:\n    Type: AWS::IAM::Policy", "rights from More"),
        ("  Permissions:", "  Explanations:", "no Metadata, Permissions"),
        ("TemplateVersion:", "Version:", "Outputs, TemplateVersion, Value"),
        ("  Vendor:", "  Seller:", "Mappings, Vendor, TrustedPrincipal, AccountId"),
        ("Title: Your costs", "Title: Your costs\n      Title: Mine", "the key Title is in one mapping twice"),
        ("Title: Your costs", "Title: [", "not YAML that CloudFormation accepts"),
    ],
)
def test_a_template_that_contradicts_itself_is_refused_and_the_place_is_named(before, after, says):
    assert before in SMALL

    with pytest.raises(StackTemplateError, match=says):
        StackTemplate.parse(SMALL.replace(before, after, 1))


@pytest.mark.parametrize("text", ["", "just text", "- a\n- list", "Resources: []"])
def test_what_is_no_template_is_refused(text):
    with pytest.raises(StackTemplateError):
        StackTemplate.parse(text)


@pytest.mark.parametrize("text", [PLAIN, PLAIN.replace("\n", "\r\n"), SMALL], ids=["ours", "ours_crlf", "small"])
def test_baking_changes_the_two_values_and_no_other_byte(text):
    baked = bake(text, account_id="999988887777", principal="role/tools/northwind-rolecall")

    before, after = text.splitlines(keepends=True), baked.splitlines(keepends=True)
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert [new.strip() for _, new in changed] == [
        "AccountId: '999988887777'",
        "Principal: 'role/tools/northwind-rolecall'",
    ]
    assert StackTemplate.parse(baked).trusted.arn("aws-cn") == (
        "arn:aws-cn:iam::999988887777:role/tools/northwind-rolecall"
    )
    assert StackTemplate.parse(baked).is_baked


def test_baking_again_gives_the_same_and_another_vendor_takes_the_place():
    once = bake(OURS, account_id="999988887777", principal="role/one")

    assert bake(once, account_id="999988887777", principal="role/one") == once
    assert bake(once, account_id="111122223333", principal="role/two") == bake(
        OURS, account_id="111122223333", principal="role/two"
    )


@pytest.mark.parametrize(
    "account_id", ["", "99998888777", "9999888877770", "9999-8888-7777", "٩٩٩٩٨٨٨٨٧٧٧٧", "99998888777\n"]
)
def test_an_account_id_of_another_form_is_never_baked_in(account_id):
    with pytest.raises(StackTemplateError, match="12 digits"):
        bake(OURS, account_id=account_id, principal="role/northwind")


@pytest.mark.parametrize(
    "principal",
    [
        "*",
        "root",
        "role/",
        "role/*",
        "role/north?ind",
        "role//northwind",
        "role/${AWS::AccountId}",
        "role/it's",
        "role/a\nb",
        "role/northwind\n",
        "user/somebody",
        "assumed-role/northwind/session",
        "role/" + "n" * 65,
    ],
)
def test_only_one_named_role_is_ever_baked_in(principal):
    with pytest.raises(StackTemplateError, match="one role"):
        bake(OURS, account_id="999988887777", principal=principal)


@given(st.text(alphabet="*?${}'\"\\\n\r#: /abcrole", max_size=30))
def test_no_text_can_break_out_of_the_place_it_is_baked_into(raw):
    try:
        baked = bake(SMALL, account_id="999988887777", principal=f"role/{raw}")
    except StackTemplateError:
        return
    assert StackTemplate.parse(baked).trusted.principal == f"role/{raw}"
    assert not set(raw) & set("*?${}'\"\n\r")


PLACE = "  Vendor:\n    TrustedPrincipal:\n      AccountId: '000000000000'\n      Principal: 'role/nobody'\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (SMALL.replace("Vendor:", "Seller:"), "found 0 times"),
        (SMALL.replace("'000000000000'", "000000000000"), "found 0 times"),
        (SMALL.replace("    TrustedPrincipal:\n", "    TrustedPrincipal:\n      Name: x\n"), "found 0 times"),
        (SMALL + "Conditions:\n" + PLACE, "found 2 times"),
        (
            SMALL.replace(PLACE, "  Vendor: {TrustedPrincipal: {AccountId: '000000000000', Principal: role/x}}\n")
            + "Description: |\n"
            + PLACE,
            "did not change whom",
        ),
    ],
)
def test_baking_refuses_a_template_without_exactly_one_place_for_the_vendor(text, says):
    assert text != SMALL

    with pytest.raises(StackTemplateError, match=says):
        bake(text, account_id="999988887777", principal="role/northwind")


def test_a_published_name_carries_the_whole_hash_of_what_is_published():
    assert published_name(OURS) == f"rolecall-role-{hashlib.sha256(OURS.encode()).hexdigest()}.yaml"
    assert published_name(OURS) != published_name(OURS + "\n")


def test_short_tags_are_read_as_their_long_forms():
    assert read_yaml("- !Ref A\n- !GetAtt Role.Arn\n- !Sub [x, {b: !Ref C}]\n- !Condition D") == [
        {"Ref": "A"},
        {"Fn::GetAtt": ["Role", "Arn"]},
        {"Fn::Sub": ["x", {"b": {"Ref": "C"}}]},
        {"Condition": "D"},
    ]


def test_scalars_stay_the_text_they_are():
    assert read_yaml("[2012-10-17, 3600, true, 007, ~, 1e3, on]") == [
        "2012-10-17",
        "3600",
        "true",
        "007",
        "~",
        "1e3",
        "on",
    ]


@pytest.mark.parametrize(
    "text",
    ["a: &x 1\nb: *x", "a: 1\na: 2", "? [a]\n: 1", "a: 1\n---\nb: 2", "[" * 5000, "a: b: c", "a: !Sub {b: 1, b: 2}"],
    ids=["alias", "same key twice", "key that is a list", "two documents", "bottomless", "not yaml", "twice in a tag"],
)
def test_yaml_that_cloudformation_refuses_or_misreads_is_refused(text):
    with pytest.raises(TemplateYamlError):
        read_yaml(text)


def test_a_repeated_key_is_allowed_on_demand_and_the_last_one_wins():
    assert read_yaml("a: 1\na: 2", allows_repeated_keys=True) == {"a": "2"}


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.getcwd []", "!!python/name:os.getcwd ''"])
def test_a_tag_never_makes_an_object_or_runs_anything(tag):
    assert read_yaml(f"a: {tag}") in ({"a": []}, {"a": ""})
