"""Answers keep to CloudFormation's contract: anything else leaves the tenant's stack waiting for its time-out."""

from __future__ import annotations

import json

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding.callback.answer import LONGEST_ANSWER, AnswerStatus, answer_body
from tests.stack_events import REQUEST, TOPICS, a_response_url, a_stack_event, a_stack_id

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
CONTRACT = {
    "type": "object",
    "properties": {
        "Status": {"enum": ["SUCCESS", "FAILED"]},
        "Reason": {"type": "string", "minLength": 1},
        "PhysicalResourceId": {"type": "string", "minLength": 1, "maxLength": 1024},
        "StackId": {"const": a_stack_id()},
        "RequestId": {"const": REQUEST},
        "LogicalResourceId": {"const": TOPICS.logical_id},
    },
    "required": ["Status", "PhysicalResourceId", "StackId", "RequestId", "LogicalResourceId"],
    "additionalProperties": False,
    "if": {"properties": {"Status": {"const": "FAILED"}}},
    "then": {"required": ["Reason"]},
}
REASONS = {
    "none": "",
    "plain": "This connection was removed.",
    "10 kB": "x" * 10_240,
    "10 kB of four bytes each": "\U0001f511" * 10_240,
    "10 kB of quotes": '"\\' * 5_120,
    "10 kB of control characters": "\x00\x1b\x07" * 3_413,
    "lone surrogates": "\ud800" * 100,
}


def conforms(body: bytes) -> dict[str, str]:
    assert len(body) <= LONGEST_ANSWER
    answer = json.loads(body)
    jsonschema.validate(answer, CONTRACT)
    return answer


@pytest.mark.parametrize("request_type", ["Create", "Update", "Delete"])
@pytest.mark.parametrize("status", AnswerStatus)
@pytest.mark.parametrize("reason", REASONS)
def test_every_answer_keeps_to_the_contract(request_type, status, reason):
    event = a_stack_event(request_type)

    answer = conforms(answer_body(event, status, REASONS[reason]))

    assert (answer["Status"], answer["PhysicalResourceId"]) == (status, event.physical_id)
    assert answer.get("Reason", "").isprintable()


def test_a_reason_that_fits_is_said_in_full():
    answer = conforms(answer_body(a_stack_event(), "FAILED", "The connection was disconnected. Ask “Northwind”."))

    assert answer["Reason"] == "The connection was disconnected. Ask “Northwind”."


@given(st.text())
def test_no_reason_breaks_the_contract(reason):
    conforms(answer_body(a_stack_event(), "FAILED", reason))


def test_the_longest_ids_leave_room_for_a_reason_and_are_never_cut():
    stack_id = a_stack_id(name="n" * 128, unique="u" * 64)
    url = a_response_url(stack_id, request_id="r" * 64, logical_id="L" * 255)
    physical_id = '"' * 1_024
    event = a_stack_event(
        "Delete",
        stack_id=stack_id,
        request_id="r" * 64,
        LogicalResourceId="L" * 255,
        ResponseURL=url,
        PhysicalResourceId=physical_id,
    )

    body = answer_body(event, "FAILED", "\U0001f511" * 3_000)

    answer = json.loads(body)
    assert len(body) <= LONGEST_ANSWER
    assert (answer["PhysicalResourceId"], answer["LogicalResourceId"], answer["RequestId"]) == (
        physical_id,
        "L" * 255,
        "r" * 64,
    )
    assert len(answer["Reason"]) > 200


@pytest.mark.parametrize("status", ["FAILURE", "success", "", "SUCCEEDED"])
def test_a_status_that_cloudformation_does_not_know_is_never_sent(status):
    with pytest.raises(ValueError, match="is not a valid AnswerStatus"):
        answer_body(a_stack_event(), status)


def test_the_same_event_is_answered_the_same():
    assert answer_body(a_stack_event(), "SUCCESS") == answer_body(a_stack_event(), "SUCCESS")
