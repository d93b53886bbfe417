"""The stand-in console, asked as a browser asks: it reads real launch URLs and makes real stacks in the sandbox."""

from __future__ import annotations

import json

import pytest
from flask.testing import FlaskClient

from onboarding.ground.stack_id import parse_stack_id
from onboarding.launch import Launch, stack_events_url
from onboarding.model import Flow
from sandbox.aws import SandboxAws
from tests.html_reader import attribute, read
from tests.sandbox.console_browser import (
    TEMPLATE_URL,
    TENANT,
    a_client,
    entered,
    follow,
    press,
    quick,
    stack_of,
    stack_page,
    wait_for,
)

# Launch URLs


def test_a_quick_create_url_opens_the_page_with_everything_filled_in(browser: FlaskClient, launch: Launch) -> None:
    page = follow(browser, launch.url(Flow.QUICK_CREATE))

    assert '<h1 class="title">Quick create stack</h1>' in page.text
    assert entered(page)["stackName"] == launch.stack_name
    assert entered(page)["param_ExternalId"] == launch.external_id
    assert TEMPLATE_URL in page.text
    assert "acknowledged" not in entered(page), "the tick is the tenant's own"


def test_a_page_by_page_url_leaves_the_external_id_to_the_tenant(browser: FlaskClient, launch: Launch) -> None:
    first = follow(browser, launch.url(Flow.PAGE_BY_PAGE))
    second = press(browser, first, "Next")

    assert entered(first)["templateURL"] == TEMPLATE_URL
    assert '<h1 class="title">Specify stack details</h1>' in second.text
    assert (entered(second)["stackName"], entered(second)["param_ExternalId"]) == (launch.stack_name, "")


@pytest.mark.parametrize("name", ["param_externalid", "param_EXTERNALID", "externalId", "param_Unknown"])
def test_only_declared_parameters_are_taken_and_letter_case_counts(
    browser: FlaskClient, launch: Launch, name: str
) -> None:
    page = follow(browser, launch.url(Flow.QUICK_CREATE).replace("param_ExternalId", name))

    assert entered(page)["param_ExternalId"] == ""
    assert launch.external_id not in page.text


def test_a_launch_url_cannot_fill_in_a_secret_parameter(browser: FlaskClient, launch: Launch) -> None:
    url = launch.url(Flow.QUICK_CREATE).replace("role.yaml", "secret.yaml")
    page = follow(browser, url + "&param_Shown=loud&param_Secret=told")

    assert (entered(page)["param_Shown"], entered(page)["param_Secret"]) == ("loud", "hush")


def test_a_template_that_is_not_there_is_refused_in_awss_words(browser: FlaskClient, launch: Launch) -> None:
    page = follow(browser, launch.url(Flow.QUICK_CREATE).replace("role.yaml", "gone.yaml"))

    assert page.status_code == 400
    assert "S3 error: The specified key does not exist." in page.text


def test_a_url_without_a_template_asks_for_one(browser: FlaskClient) -> None:
    page = follow(browser, "http://localhost/cloudformation/home?region=us-east-1#/stacks/quickcreate?stackName=x")
    refused = press(browser, page, "Next")

    assert ">Create stack</h1>" in page.text
    assert refused.status_code == 422
    assert 'id="templateURL-error"' in refused.text


@pytest.mark.parametrize("address", ["http://localhost/cloudformation/home?region=us-east-1#/stacks", "", "x", "#/?"])
def test_any_other_address_opens_the_list_of_stacks(browser: FlaskClient, address: str) -> None:
    page = browser.get("/open", query_string={"url": address}, follow_redirects=True)

    assert page.status_code == 200
    assert ">Stacks</h1>" in page.text


def test_the_address_of_a_stacks_events_opens_them(
    browser: FlaskClient, launch: Launch, sandbox_aws: SandboxAws
) -> None:
    quick(browser, launch)
    stack = stack_of(sandbox_aws, launch.stack_name)
    assert stack is not None

    page = follow(browser, stack_events_url("http://localhost", parse_stack_id(stack["StackId"])))

    assert "CREATE_IN_PROGRESS" in page.text
    assert launch.stack_name in page.text


# Creating


def test_quick_create_makes_the_stack_and_leads_to_the_roles_arn(
    browser: FlaskClient, launch: Launch, sandbox_aws: SandboxAws
) -> None:
    events = quick(browser, launch)
    assert "CREATE_IN_PROGRESS" in events.text
    wait_for(lambda: "CREATE_COMPLETE" in stack_page(browser, events, "resources").text.partition("<table")[2])

    resources = stack_page(browser, events, "resources")
    [link] = [a for a in read(resources.text).css("td > a") if a.text() == launch.stack_name]
    role = browser.get(attribute(link, "href"))
    assert f'<div id="role-arn">arn:aws:iam::{TENANT}:role/{launch.stack_name}</div>' in role.text
    assert launch.external_id in role.text, "the trust policy is on the page"
    made = a_client(sandbox_aws, "iam", TENANT).get_role(RoleName=launch.stack_name)["Role"]
    assert launch.external_id in json.dumps(made["AssumeRolePolicyDocument"])


def test_without_the_tick_nothing_is_made_and_nothing_entered_is_lost(
    browser: FlaskClient, launch: Launch, sandbox_aws: SandboxAws
) -> None:
    page = follow(browser, launch.url(Flow.QUICK_CREATE))
    refused = press(browser, page, "Create stack", stackName=launch.stack_name + "-2", fault="stack-fails")

    assert refused.status_code == 422
    assert "Requires capabilities : [CAPABILITY_NAMED_IAM]" in refused.text
    assert entered(refused)["stackName"] == launch.stack_name + "-2"
    assert entered(refused)["param_ExternalId"] == launch.external_id
    assert entered(refused)["fault"] == "stack-fails"
    assert stack_of(sandbox_aws, launch.stack_name + "-2") is None


def test_page_by_page_ends_in_the_same_stack(browser: FlaskClient, launch: Launch, sandbox_aws: SandboxAws) -> None:
    details = press(browser, follow(browser, launch.url(Flow.PAGE_BY_PAGE)), "Next")
    options = press(browser, details, "Next", param_ExternalId=launch.external_id)
    assert ">Configure stack options</h1>" in options.text
    review = press(browser, options, "Next")
    assert launch.external_id in review.text and launch.stack_name in review.text

    unticked = press(browser, review, "Create stack")
    assert "Requires capabilities : [CAPABILITY_NAMED_IAM]" in unticked.text
    press(browser, unticked, "Create stack", acknowledged="yes")

    stack = stack_of(sandbox_aws, launch.stack_name)
    assert stack is not None
    assert stack["Parameters"] == [{"ParameterKey": "ExternalId", "ParameterValue": launch.external_id}]


def test_a_tag_of_the_options_page_is_on_the_stack(
    browser: FlaskClient, launch: Launch, sandbox_aws: SandboxAws
) -> None:
    details = press(browser, follow(browser, launch.url(Flow.PAGE_BY_PAGE)), "Next")
    options = press(browser, details, "Next", param_ExternalId=launch.external_id, fault="tags-demanded")
    review = press(browser, options, "Next", tag_key="CostCenter", tag_value="42")
    press(browser, review, "Create stack", acknowledged="yes")

    stack = stack_of(sandbox_aws, launch.stack_name)
    assert stack is not None
    assert {"Key": "CostCenter", "Value": "42"} in stack["Tags"]


def test_previous_goes_back_with_everything_kept(browser: FlaskClient, launch: Launch) -> None:
    details = press(browser, follow(browser, launch.url(Flow.PAGE_BY_PAGE)), "Next")
    options = press(browser, details, "Next", param_ExternalId=launch.external_id, stackName="another-name")

    back = press(browser, options, "Previous")
    further_back = press(browser, back, "Previous")

    assert (entered(back)["stackName"], entered(back)["param_ExternalId"]) == ("another-name", launch.external_id)
    assert entered(further_back)["templateURL"] == TEMPLATE_URL


def test_an_external_id_that_breaks_the_templates_rule_is_refused_where_it_is_entered(
    browser: FlaskClient, launch: Launch
) -> None:
    details = press(browser, follow(browser, launch.url(Flow.PAGE_BY_PAGE)), "Next")
    refused = press(browser, details, "Next", param_ExternalId=launch.external_id[:-1])

    assert refused.status_code == 422
    assert "Parameter ExternalId failed to satisfy constraint" in refused.text
    assert 'id="param_ExternalId-error"' in refused.text
    assert entered(refused)["param_ExternalId"] == launch.external_id[:-1]


@pytest.mark.parametrize("name", ["", "1st", "under_score", "a" * 129, "-"])
def test_a_stack_name_that_aws_would_not_take_is_refused(browser: FlaskClient, launch: Launch, name: str) -> None:
    refused = quick(browser, launch, stackName=name)

    assert refused.status_code == 422
    assert 'id="stackName-error"' in refused.text


def test_a_name_that_is_taken_is_refused_in_awss_words(browser: FlaskClient, launch: Launch) -> None:
    quick(browser, launch)
    again = quick(browser, launch)

    assert again.status_code == 422
    assert f"Stack [{launch.stack_name}] already exists" in again.text


def test_cancel_makes_nothing(browser: FlaskClient, launch: Launch, sandbox_aws: SandboxAws) -> None:
    page = press(browser, follow(browser, launch.url(Flow.QUICK_CREATE)), "Cancel", acknowledged="yes")

    assert ">Stacks</h1>" in page.text
    assert stack_of(sandbox_aws, launch.stack_name) is None
