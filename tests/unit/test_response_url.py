"""An answer goes to CloudFormation's own bucket in the stack's region, for this request, or nowhere."""

from __future__ import annotations

from dataclasses import replace

import botocore.session
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding.callback.response_url import ResponseUrlRefused, hosts, parse_response_url
from onboarding.ground.partitions import PARTITIONS
from onboarding.ground.stack_id import StackId, parse_stack_id
from tests.stack_events import QUERY, REQUEST, TOPICS, a_response_url, a_stack_id
from tests.unit.hostile_urls import BUCKET, GOOD, HOST, HOSTILE, PATH


def parsed(raw, stack_id=None):
    stack_id = stack_id or parse_stack_id(a_stack_id())
    return parse_response_url(raw, stack_id=stack_id, logical_id=TOPICS.logical_id, request_id=REQUEST)


# As AWS's documentation and reports of people who met them have them.
SEEN = {
    "us-east-1": "cloudformation-custom-resource-response-useast1.s3.amazonaws.com",
    "eu-west-1": "cloudformation-custom-resource-response-euwest1.s3-eu-west-1.amazonaws.com",
    "eu-central-1": "cloudformation-custom-resource-response-eucentral1.s3.eu-central-1.amazonaws.com",
    "eu-south-1": "cloudformation-custom-resource-response-eusouth1.s3.eu-south-1.amazonaws.com",
    "cn-north-1": "cloudformation-custom-resource-response-cnnorth1.s3.cn-north-1.amazonaws.com.cn",
}


@pytest.mark.parametrize(("region", "host"), SEEN.items())
def test_the_hosts_that_were_seen_are_known(region, host):
    partition = "aws-cn" if region.startswith("cn-") else "aws"
    stack_id = replace(parse_stack_id(a_stack_id(region=region)), partition=partition)

    assert host in set(hosts(stack_id))


def test_the_url_of_the_request_is_taken_and_sent_as_it_came():
    found = parsed(GOOD)

    assert (found.host, found.path_and_query) == (HOST, f"{PATH}?{QUERY}")


@pytest.mark.parametrize("region", ["eu-west-1", "ap-southeast-2"])
def test_it_is_the_region_of_the_stack_that_counts(region):
    stack_id = a_stack_id(region=region)

    assert region in parsed(a_response_url(stack_id), parse_stack_id(stack_id)).host
    with pytest.raises(ResponseUrlRefused):
        parsed(a_response_url(stack_id).replace(stack_id.replace(":", "%3A"), a_stack_id().replace(":", "%3A")))


def test_only_in_us_east_1_the_host_can_leave_out_the_region():
    stack_id = parse_stack_id(a_stack_id(region="eu-west-1"))

    assert [host for host in hosts(stack_id) if "eu-west-1" not in host] == []


@pytest.mark.parametrize("tried", HOSTILE)
def test_a_hostile_url_is_refused(tried):
    with pytest.raises(ResponseUrlRefused):
        parsed(HOSTILE[tried])


def test_at_least_forty_hostile_urls_are_tried_and_no_two_are_the_same():
    assert len(set(HOSTILE.values())) == len(HOSTILE) >= 40


@pytest.mark.parametrize(
    ("raw", "code", "host"),
    [
        (f"https://evil.example{PATH}?{QUERY}", "response_url_host", "evil.example"),
        (f"https://{HOST}@evil.example/", "response_url_host", f"{HOST}@evil.example"),
        ("file:///etc/passwd", "response_url_host", ""),
        (f"{GOOD}\n", "response_url_odd", ""),
        (f"{GOOD}{'x' * 2_048}", "response_url_too_long", ""),
        (f"https://{HOST}/x?{QUERY}", "response_url_path", ""),
        (f"https://{HOST}{PATH}?", "response_url_query", ""),
        (f"https://{'a' * 300}/", "response_url_host", "a" * 199 + "…"),
    ],
)
def test_the_refusal_says_what_is_wrong_and_names_an_unknown_host(raw, code, host):
    with pytest.raises(ResponseUrlRefused) as refused:
        parsed(raw)

    assert (refused.value.code, refused.value.host) == (code, host)


@given(st.integers(0, len(GOOD) - 1), st.characters())
def test_a_url_with_another_character_before_its_query_is_refused(place, character):
    changed = GOOD[:place] + character + GOOD[place + 1 :]
    if place < len(GOOD) - len(QUERY) and changed != GOOD:
        with pytest.raises(ResponseUrlRefused):
            parsed(changed)


@given(st.text(max_size=300))
def test_no_text_breaks_the_parser(text):
    for raw in (text, f"https://{HOST}{text}", f"https://{text}.{BUCKET}", f"{GOOD}{text}"):
        try:
            assert parsed(raw).host == HOST
        except ResponseUrlRefused as refused:
            assert refused.host.isprintable()


def test_the_suffixes_of_the_partitions_are_botocores():
    known = botocore.session.get_session().get_data("partitions")["partitions"]
    suffixes = {partition["id"]: partition["outputs"]["dnsSuffix"] for partition in known}

    assert {p.name: p.dns_suffix for p in PARTITIONS.values()} == {name: suffixes[name] for name in PARTITIONS}


def test_every_region_of_a_partition_gives_hosts_that_end_with_its_suffix():
    for partition in PARTITIONS.values():
        for region in partition.regions:
            stack_id = StackId(partition.name, region, parse_stack_id(a_stack_id()).account_id, "n", "u")
            assert all(host.endswith(f".{partition.dns_suffix}") for host in hosts(stack_id))
