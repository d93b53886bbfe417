"""The callback's parts of the stack template: filled in for a vendor with topics, left out of the plain template."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from onboarding.callback.topics import CallbackTopics
from onboarding.permissions.asked import AskedPermissions
from onboarding.stack_template.callback import Callback, without_callback
from onboarding.stack_template.reading import StackTemplateError
from onboarding.stack_template.template import StackTemplate, bake
from onboarding.stack_template.yaml_text import read_yaml

OURS = (Path(__file__).parents[2] / "cfn" / "role.yaml").read_text()
TOPICS = CallbackTopics("aws", "999988887777", "northwind", ("us-east-1", "eu-central-1"))
NONE = replace(TOPICS, regions=())
FROM, WITHOUT, TO = "# Callback: from here\n", "# Callback: without it\n", "# Callback: to here\n"


def baked(text: str = OURS, topics: CallbackTopics | None = TOPICS) -> str:
    return bake(text, account_id="999988887777", principal="role/northwind-rolecall", topics=topics)


def test_a_template_says_what_its_stack_reports_where_and_why():
    callback = StackTemplate.parse(baked()).callback

    assert callback is not None
    assert callback.regions == ("eu-central-1", "us-east-1")
    assert callback.logical_id == TOPICS.logical_id
    assert all((callback.title, callback.reads, callback.why, callback.never_reads))
    for told in ("account's number", "name", "ID", "region", "External ID", "made", "updated", "deleted"):
        assert told in callback.reads


@pytest.mark.parametrize("topics", [None, NONE], ids=["no topics", "topics in no region"])
def test_without_topics_the_template_is_the_plain_one(topics):
    plain = baked(topics=topics)

    assert StackTemplate.parse(plain).callback is None
    assert set(read_yaml(plain)["Resources"]) == {"Role"}
    assert "Conditions" not in read_yaml(plain)
    assert "tells the vendor" not in read_yaml(plain)["Description"]


def test_both_templates_ask_for_the_same_and_trust_the_same():
    plain, calling = StackTemplate.parse(baked(topics=None)), StackTemplate.parse(baked())

    assert replace(calling, callback=None) == plain
    assert AskedPermissions.parse(baked()) == AskedPermissions.parse(baked(topics=None))


def test_the_description_says_that_the_stack_reports():
    assert "tells the vendor when it is made, updated and deleted" in read_yaml(baked())["Description"]


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_filling_in_the_callback_changes_its_values_and_no_other_byte(end):
    text = OURS.replace("\n", end)
    before, after = (
        text.splitlines(keepends=True),
        baked(text, replace(TOPICS, regions=("us-east-1",))).splitlines(True),
    )

    changed = [new.strip() for old, new in zip(before, after, strict=True) if old != new]
    assert changed == [
        "AccountId: '999988887777'",
        "Principal: 'role/northwind-rolecall'",
        "HasCallback: !Equals [!Ref AWS::Region, us-east-1]",
        f"{TOPICS.logical_id}:",
        "- arn:${AWS::Partition}:sns:${AWS::Region}:${AccountId}:rolecall-callback-northwind",
        f"Value: !If [HasCallback, !Ref {TOPICS.logical_id}, none]",
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("count", [1, 2, 10, 11, 25, 110])
def test_baking_again_gives_the_same_for_any_number_of_regions(count, end):
    text = OURS.replace("\n", end)
    many = replace(TOPICS, regions=tuple(f"us-east-{number}" for number in range(count)))
    once = baked(text, many)

    assert baked(once, many) == once
    assert baked(once, TOPICS) == baked(text, TOPICS)
    assert baked(once, None) == baked(text, None)
    assert once.count("\n") == once.count(end)


def test_leaving_the_parts_out_keeps_every_other_byte():
    assert (
        without_callback("a\n" + FROM + "b\n" + WITHOUT + "  # c: 1\n#d: 2\n#\n" + TO + "e") == "a\n  c: 1\nd: 2\n\ne"
    )


@pytest.mark.parametrize(
    "text",
    [FROM, FROM + FROM + TO, TO, WITHOUT + TO, FROM + WITHOUT, FROM + WITHOUT + WITHOUT + TO],
)
def test_marks_without_a_pair_are_refused(text):
    with pytest.raises(StackTemplateError, match=r"no pair|lacks a last"):
        without_callback("a: 1\n" + text)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("  Callback:\n    Title", "  Others:\n    Title", "one resource of the type"),
        ("Type: Custom::RolecallCallback", "Type: Custom::Other", "one resource of the type"),
        ("    Title: What this stack reports\n", "", "no text at Metadata, Callback, Title"),
    ],
)
def test_a_callback_without_an_explanation_or_the_other_way_round_is_refused(before, after, says):
    assert before in OURS

    with pytest.raises(StackTemplateError, match=says):
        StackTemplate.parse(OURS.replace(before, after, 1))


def test_a_template_of_ones_own_without_the_parts_is_told_all_that_it_lacks():
    own = without_callback(OURS)

    with pytest.raises(StackTemplateError) as refused:
        baked(own)

    said = str(refused.value)
    assert "ROLECALL_CALLBACK_REGIONS" in said and "cfn/role.yaml" in said
    for part in ("Metadata, Callback", "condition HasCallback", "Custom::RolecallCallback", "Condition", "tag"):
        assert part in said
    assert baked(own, None)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("      ServiceTimeout: 300\n", "", "It lacks its Properties as in cfn/role.yaml."),
        (
            "      ExternalId: !Ref ExternalId\n",
            "      ExternalId: x\n",
            "It lacks its Properties as in cfn/role.yaml.",
        ),
        ("    Condition: HasCallback\n", "", "It lacks its Condition HasCallback."),
        ("!If [HasCallback, !Ref Callback00000000, none]", "x", "It lacks the role's tag that refers"),
        ("  HasCallback: !Equals", "  Has: !Equals", "It lacks the condition HasCallback."),
        (":rolecall-callback-unpublished", ":my-own-topic", "It lacks its Properties as in cfn/role.yaml."),
    ],
)
def test_a_single_part_that_is_missing_is_named_alone(before, after, says):
    assert OURS.count(before) == 1

    with pytest.raises(StackTemplateError, match=says):
        baked(OURS.replace(before, after))


@pytest.mark.parametrize("region", ["x]", "a, b", "", "*", "us-east-1]\n  Other: !Equals [a, a", "'", "true: x"])
def test_no_region_can_break_out_of_its_place(region):
    try:
        text = baked(topics=replace(TOPICS, regions=(region,)))
    except StackTemplateError:
        return
    assert read_yaml(text)["Conditions"] == {"HasCallback": {"Fn::Equals": [{"Ref": "AWS::Region"}, region]}}


def test_topics_of_another_account_are_never_baked_in():
    with pytest.raises(StackTemplateError, match="Properties as in"):
        baked(topics=replace(TOPICS, account_id="111122223333"))


def test_another_topic_gives_the_resource_another_name_and_more_regions_do_not():
    def name(topics: CallbackTopics) -> str:
        callback = StackTemplate.parse(baked(topics=topics)).callback
        assert isinstance(callback, Callback)
        return callback.logical_id

    assert name(TOPICS) != name(replace(TOPICS, prefix="southwind"))
    assert name(TOPICS) == name(replace(TOPICS, regions=("us-east-1",)))
