"""What a stack reports is read whole, and only if it can be of a custom resource of ours."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding.callback.event import LONGEST_EVENT, EventRefused, RequestType, parse_event
from tests.builders import ACCOUNT, EXTERNAL_ID, NOON
from tests.stack_events import (
    REGION,
    REQUEST,
    TOPICS,
    a_document,
    a_host,
    a_raw,
    a_response_url,
    a_stack_event,
    a_stack_id,
)


def parsed(raw, region=REGION):
    return parse_event(raw, region=region, topics=TOPICS, sent_at=NOON)


def refusal(raw, region=REGION):
    with pytest.raises(EventRefused) as refused:
        parsed(raw, region)
    return refused.value.code


def test_a_create_is_read_whole():
    event = parsed(a_raw())

    assert (event.request_type, event.request_id) == (RequestType.CREATE, REQUEST)
    assert (str(event.stack_id), event.stack_id.account_id) == (a_stack_id(), ACCOUNT)
    assert (event.external_id, event.logical_id, event.sent_at) == (EXTERNAL_ID, TOPICS.logical_id, NOON)
    assert event.response_url.host == a_host()


def test_the_physical_id_of_a_create_is_the_same_for_the_same_stack_and_resource_alone():
    first = a_stack_event().physical_id

    assert first.startswith("rolecall-") and len(first) == 41
    assert a_stack_event(request_id="another").physical_id == first
    assert a_stack_event(stack_id=a_stack_id(unique="0")).physical_id != first


@pytest.mark.parametrize("request_type", ["Update", "Delete"])
def test_the_physical_id_of_an_update_or_delete_is_its_own(request_type):
    given = "northwind-7kq2m9xd-Callback-1ABCDEF"

    assert a_stack_event(request_type, PhysicalResourceId=given).physical_id == given


def test_keys_that_nobody_knows_are_allowed():
    properties = a_document()["ResourceProperties"] | {"More": ["of", {"it": 1}]}

    assert parsed(a_raw(New={"deep": [1, 2.5, None, True]}, ResourceProperties=properties)) == parsed(a_raw())


def test_service_token_and_time_out_can_be_missing():
    document = a_document()
    del document["ServiceToken"], document["ServiceTimeout"], document["ResourceProperties"]["ServiceToken"]

    assert parsed(json.dumps(document)) == parsed(a_raw())


OTHER = "210987654321"
PROPERTIES = a_document()["ResourceProperties"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"RequestType": "create"}, "request_type_unknown"),
        ({"RequestType": None}, "request_type_unknown"),
        ({"RequestType": ["Create"]}, "request_type_unknown"),
        ({"StackId": ""}, "stack_id_malformed"),
        ({"StackId": 7}, "stack_id_malformed"),
        ({"StackId": a_stack_id() + "\n"}, "stack_id_malformed"),
        ({"StackId": a_stack_id().replace("arn:aws:", "arn:aws-eusc:")}, "stack_id_malformed"),
        ({"StackId": a_stack_id(region="eu-west-1")}, "other_region"),
        ({"StackId": a_stack_id().replace("arn:aws:", "arn:aws-cn:")}, "other_partition"),
        ({"StackId": a_stack_id(account=OTHER)}, "response_url_path"),
        ({"ServiceToken": TOPICS.topic_arn("eu-west-1")}, "other_topic"),
        ({"ServiceToken": "arn:aws:lambda:us-east-1:999999999999:function:x"}, "other_topic"),
        ({"ServiceToken": None}, "other_topic"),
        ({"ResourceType": "Custom::Other"}, "other_resource"),
        ({"ResourceProperties": None}, "properties_missing"),
        ({"ResourceProperties": []}, "properties_missing"),
        ({"ResourceProperties": PROPERTIES | {"ServiceToken": TOPICS.topic_arn("eu-west-1")}}, "other_topic"),
        ({"ResourceProperties": PROPERTIES | {"StackId": a_stack_id(account=OTHER)}}, "other_stack"),
        ({"ResourceProperties": PROPERTIES | {"ExternalId": "mine"}}, "external_id_malformed"),
        ({"ResourceProperties": PROPERTIES | {"ExternalId": [EXTERNAL_ID]}}, "external_id_malformed"),
        ({"ResourceProperties": {}}, "external_id_malformed"),
        ({"LogicalResourceId": "Call-back"}, "logical_id_malformed"),
        ({"LogicalResourceId": "a" * 256}, "logical_id_malformed"),
        ({"LogicalResourceId": "Other"}, "response_url_path"),
        ({"RequestId": "a b"}, "request_id_malformed"),
        ({"RequestId": "\x1b[2J"}, "request_id_malformed"),
        ({"RequestId": "other"}, "response_url_path"),
        ({"ResponseURL": None}, "response_url_malformed"),
        ({"ResponseURL": "https://evil.example/"}, "response_url_host"),
        ({"ResponseURL": a_response_url(a_stack_id(account=OTHER))}, "response_url_path"),
    ],
)
def test_an_event_with_another_value_is_refused_by_name(changes, code):
    assert refusal(json.dumps(a_document() | changes)) == code


@pytest.mark.parametrize("given", ["", "a\nb", "a b", "a\x00", "é", "a" * 1_025, 5, None])
def test_a_physical_id_that_could_not_be_echoed_is_refused(given):
    assert refusal(a_raw("Delete", PhysicalResourceId=given)) == "physical_id_malformed"


@pytest.mark.parametrize("missing", ["RequestType", "ResponseURL", "StackId", "RequestId", "LogicalResourceId"])
def test_an_event_without_a_value_is_refused(missing):
    document = a_document()
    del document[missing]

    assert refusal(json.dumps(document)) != ""


def test_the_account_is_that_of_the_top_level_stack_id_whatever_the_properties_say():
    properties = PROPERTIES | {"AccountId": OTHER, "StackName": "victim", "RoleArn": f"arn:aws:iam::{OTHER}:role/x"}

    assert parsed(a_raw(ResourceProperties=properties)) == parsed(a_raw())


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("", "not_json"),
        ("null", "not_an_event"),
        ("[]", "not_an_event"),
        ('"Create"', "not_an_event"),
        ("{", "not_json"),
        ("[" * LONGEST_EVENT, "not_json"),
        ("1" * LONGEST_EVENT, "not_json"),
        ('{"a":' * 10_000, "not_json"),
        (a_raw(deep=json.loads("[" * 50 + "]" * 50)), "not_an_event"),
        (a_raw(many=[1] * 10_000), "not_an_event"),
        (a_raw(long="x" * LONGEST_EVENT), "too_long"),
        (json.dumps(a_document(long="é" * 40_000), ensure_ascii=False), "too_long"),
        (a_raw()[:-1] + ', "StackId": "x"}', "not_json"),
        ("\ud800", "not_json"),
    ],
)
def test_what_is_no_event_is_refused(raw, code):
    assert refusal(raw) == code


def test_an_unknown_host_is_named():
    with pytest.raises(EventRefused) as refused:
        parsed(a_raw(ResponseURL="https://evil.example/x"))

    assert refused.value.host == "evil.example"


def test_the_queue_of_another_region_knows_no_such_stack():
    assert refusal(a_raw(), region="eu-west-1") == "other_region"
    assert parsed(a_raw(stack_id=a_stack_id(region="eu-west-1")), region="eu-west-1").stack_id.region == "eu-west-1"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda j: st.lists(j) | st.dictionaries(st.text(), j)
)


@given(st.text() | JSON.map(json.dumps))
def test_no_text_breaks_the_parser(raw):
    refusal(raw)


@given(st.sampled_from(sorted(a_document("Update"))), JSON)
def test_no_value_in_the_place_of_another_breaks_the_parser(name, value):
    try:
        event = parsed(json.dumps(a_document("Update") | {name: value}))
    except EventRefused:
        return
    assert name in ("ServiceTimeout", "OldResourceProperties", "PhysicalResourceId")
    assert event.stack_id == parsed(a_raw("Update")).stack_id
