"""Launch URLs to the letter: every partition, every flow, everything encoded."""

from __future__ import annotations

import shlex
from dataclasses import replace
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding.ground.external_id import ExternalId
from onboarding.ground.partitions import PARTITIONS
from onboarding.ground.stack_id import StackId
from onboarding.launch import Launch, cloudshell_url, stack_events_url, update_url
from onboarding.model import Flow
from tests.builders import ACCOUNT, EXTERNAL_ID, a_connection, a_vendor

CONSOLES = {
    "aws": ("https://console.aws.amazon.com", "us-east-1"),
    "aws-us-gov": ("https://console.amazonaws-us-gov.com", "us-gov-west-1"),
    "aws-cn": ("https://console.amazonaws.cn", "cn-north-1"),
}
TEMPLATE = "https%3A%2F%2Fnorthwind-templates.s3.us-east-1.amazonaws.com%2Frole-0a1b.yaml"


def a_launch(partition: str = "aws", **values: str) -> Launch:
    vendor = a_vendor(partition)
    launch = vendor.launch(a_connection(region=vendor.region), EXTERNAL_ID)
    return replace(launch, **values)


@pytest.mark.parametrize("partition", PARTITIONS)
def test_quick_create_carries_template_name_and_external_id(partition):
    console, region = CONSOLES[partition]

    assert a_launch(partition).url(Flow.QUICK_CREATE) == (
        f"{console}/cloudformation/home?region={region}#/stacks/quickcreate?templateURL={TEMPLATE}"
        f"&stackName=northwind-7kq2m9xd&param_ExternalId={EXTERNAL_ID}"
    )


@pytest.mark.parametrize("partition", PARTITIONS)
def test_page_by_page_leaves_the_external_id_to_be_copied(partition):
    console, region = CONSOLES[partition]

    url = a_launch(partition).url(Flow.PAGE_BY_PAGE)

    assert url == (
        f"{console}/cloudformation/home?region={region}#/stacks/create/template?templateURL={TEMPLATE}"
        "&stackName=northwind-7kq2m9xd"
    )
    assert EXTERNAL_ID.rpartition("-")[2] not in url


@pytest.mark.parametrize("partition", PARTITIONS)
def test_the_command_makes_the_same_stack(partition):
    launch = a_launch(partition)

    assert shlex.split(launch.command()) == [
        "aws", "cloudformation", "create-stack",
        "--region", CONSOLES[partition][1],
        "--stack-name", "northwind-7kq2m9xd",
        "--template-url", launch.template_url,
        "--capabilities", "CAPABILITY_NAMED_IAM",
        "--parameters", f"ParameterKey=ExternalId,ParameterValue={EXTERNAL_ID}",
    ]  # fmt: skip
    assert "\n" not in launch.command()


@pytest.mark.parametrize("partition", PARTITIONS)
def test_the_shell_opens_in_the_partitions_own_console(partition):
    console, region = CONSOLES[partition]

    assert cloudshell_url(console, region) == f"{console}/cloudshell/home?region={region}"


HOSTILE = st.text("abc-/?&=#%+ '\"$`;\\|<>\n\u00e9", min_size=1, max_size=30)


@given(HOSTILE, HOSTILE, HOSTILE)
def test_whatever_a_value_holds_it_stays_one_value_of_the_link(template_url, stack_name, external_id):
    url = a_launch(template_url=template_url, stack_name=stack_name, external_id=ExternalId(external_id)).url(
        Flow.QUICK_CREATE
    )

    assert parse_qs(urlsplit(url).fragment.partition("?")[2], strict_parsing=True) == {
        "templateURL": [template_url],
        "stackName": [stack_name],
        "param_ExternalId": [external_id],
    }
    assert url.count("#") == 1
    assert url.isascii()


@given(HOSTILE)
def test_a_region_stays_a_region(region):
    parts = urlsplit(a_launch(region=region).url(Flow.QUICK_CREATE))

    assert parts.query == f"region={parts.query.removeprefix('region=')}"
    assert unquote(parts.query.removeprefix("region=")) == region
    assert parts.netloc == "console.aws.amazon.com"


@given(HOSTILE, HOSTILE)
def test_whatever_a_value_holds_it_stays_one_word_of_the_command(template_url, stack_name):
    words = shlex.split(a_launch(template_url=template_url, stack_name=stack_name).command())

    assert words[words.index("--template-url") + 1] == template_url
    assert words[words.index("--stack-name") + 1] == stack_name
    assert len(words) == 13


def test_a_retry_proposes_the_next_stack_name_and_keeps_the_roles():
    connection = a_connection(stack_attempt=2)

    assert connection.stack_name == "northwind-7kq2m9xd-2"
    assert connection.role_name == "northwind-7kq2m9xd"


@pytest.mark.parametrize("partition", PARTITIONS)
def test_the_roles_arn_is_known_before_the_role_is(partition):
    arn = str(a_vendor(partition).role_arn_in("111122223333", a_connection()))

    assert arn == f"arn:{partition}:iam::111122223333:role/northwind-7kq2m9xd"


PLAIN = "https://northwind-templates.s3.us-east-1.amazonaws.com/role-plain.yaml"


@pytest.mark.parametrize(
    ("is_plain", "plain_url", "wanted"),
    [(False, PLAIN, unquote(TEMPLATE)), (True, PLAIN, PLAIN), (True, "", unquote(TEMPLATE))],
    ids=["with callback", "plain", "plain, but callbacks were turned off since"],
)
def test_every_way_to_launch_carries_the_template_that_the_connection_wants(is_plain, plain_url, wanted):
    vendor = a_vendor(plain_template_url=plain_url)

    launch = vendor.launch(a_connection(is_plain=is_plain, region="us-east-1"), EXTERNAL_ID)

    for flow in Flow:
        assert parse_qs(urlsplit(launch.url(flow)).fragment.partition("?")[2])["templateURL"] == [wanted]
    assert f"--template-url {wanted} " in launch.command()


def test_an_update_opens_on_that_stack_with_the_published_template():
    stack_id = "arn:aws:cloudformation:eu-west-1:111122223333:stack/northwind-7kq2m9xd/0a1b"

    url = update_url("https://console.aws.amazon.com", unquote(TEMPLATE), region="eu-west-1", stack_id=stack_id)

    parts = urlsplit(url)
    assert (parts.path, parts.query) == ("/cloudformation/home", "region=eu-west-1")
    page, _, query = parts.fragment.partition("?")
    assert page == "/stacks/update/template"
    assert parse_qs(query) == {"stackId": [stack_id], "templateURL": [unquote(TEMPLATE)]}
    assert ":" not in query, "every value is percent-encoded"


@pytest.mark.parametrize("partition", PARTITIONS)
def test_a_failed_stacks_events_are_found_in_its_own_region(partition):
    console, region = CONSOLES[partition]
    stack = StackId(partition, region, ACCOUNT, "northwind-7kq2m9xd-2", "6f9e8a70-1b2c-11ee-be56-0242ac120002")

    assert stack_events_url(console, stack) == (
        f"{console}/cloudformation/home?region={region}#/stacks/events?filteringText=&filteringStatus=failed"
        f"&viewNested=true&stackId=arn%3A{partition}%3Acloudformation%3A{region}%3A{ACCOUNT}%3Astack%2F"
        "northwind-7kq2m9xd-2%2F6f9e8a70-1b2c-11ee-be56-0242ac120002"
    )
