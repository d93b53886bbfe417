"""The trouble page: what AWS shows of a failed stack is pasted, explained, and forgotten."""

from __future__ import annotations

import logging
from urllib.parse import parse_qs, urlsplit

import pytest

from onboarding.ground.status import Status
from onboarding.pasted.stack_line import LONGEST_PASTE
from tests.builders import OTHER_ACCOUNT
from tests.web.colleague import Colleague, hand_over
from tests.web.framed import FIELD, FramedVisitor
from tests.web.strict_html import by_id, links, text_of
from tests.web.visitor import an_app, document

PLAIN = "https://northwind-templates.s3.us-east-1.amazonaws.com/plain.yaml"
USER = "User: arn:aws:sts::111122223333:assumed-role/Engineer/ana is not authorized to perform: "
BY_SCP = "with an explicit deny in a service control policy"
REGION = f"{USER}cloudformation:CreateStack on resource: x {BY_SCP}"
CALLBACK = f"{USER}SNS:Publish on resource: x {BY_SCP}"
ROLE_EXISTS = "CREATE_FAILED | Role with name northwind-7kq2m9xd already exists."
NO_RIGHTS = f"{USER}iam:CreateRole on resource: x because no identity-based policy allows the iam:CreateRole action"


@pytest.fixture
def waiting(story, tenant):
    return story.waiting(tenant)


def paste(visitor, connection, pasted):
    return visitor.post(f"/connect/{connection.id}/trouble", {"pasted": pasted})


def help_in(response):
    return next((e for e in document(response).iter("section") if e.get("data-code")), None)


def forms_in(found):
    return {form.get("action").rpartition("/connect/")[2].partition("/")[2]: form for form in found.iter("form")}


def has(found, id_):
    return found.find(f".//*[@id='{id_}']") is not None


def fields_of(form):
    return {i.get("name"): i.get("value") for i in form.iter("input") if i.get("name") != "csrf_token"}


@pytest.mark.parametrize("status", Status)
def test_the_page_has_the_box_in_every_state(visitor, story, tenant, status):
    connection = story.reach(status, tenant)

    page = document(visitor.get(f"/connect/{connection.id}/trouble"))

    assert by_id(page, "pasted") is not None
    assert help_in(visitor.get(f"/connect/{connection.id}/trouble")) is None


def test_what_is_pasted_is_explained_above_the_usual_reasons_and_stays_in_the_box(visitor, waiting):
    response = paste(visitor, waiting, NO_RIGHTS)
    page = document(response)

    assert response.status_code == 200
    assert help_in(response).get("data-code") == "no_right_to_roles"
    assert help_in(response).get("data-who") == "account_administrator"
    assert by_id(page, "pasted").text == NO_RIGHTS
    said = text_of(page)
    assert said.index("Your AWS user is not allowed to create roles, or") < said.index("The usual reasons")


def test_who_can_do_it_is_said_only_where_somebody_must(visitor, waiting):
    failed, at_work = (help_in(paste(visitor, waiting, line)) for line in (NO_RIGHTS, "CREATE_COMPLETE"))

    assert "Who can do that: an administrator of your AWS account" in text_of(failed)
    assert at_work.get("data-who") == "nobody"
    assert "Who can do that" not in text_of(at_work)


@pytest.mark.parametrize("pasted", ["", "   ", "x" * (LONGEST_PASTE + 1)])
def test_nothing_and_too_much_are_refused_beside_the_box(visitor, waiting, pasted):
    response = paste(visitor, waiting, pasted)

    assert response.status_code == 422
    assert by_id(document(response), "pasted").get("aria-invalid") == "true"
    assert by_id(document(response), "pasted_error") is not None


def test_an_access_key_is_refused_and_not_shown_again(visitor, waiting):
    response = paste(visitor, waiting, "AKIAIOSFODNN7EXAMPLE\nCREATE_FAILED")

    assert response.status_code == 422
    assert "AKIAIOSFODNN7EXAMPLE" not in response.text


def test_nothing_of_it_is_kept_and_the_log_names_the_finding_alone(visitor, waiting, statements, caplog):
    caplog.set_level(logging.INFO)

    paste(visitor, waiting, REGION)

    assert not [s for s in statements if not s.lower().startswith(("select", "begin", "commit", "pragma"))]
    assert f"stack.diagnosed connection={waiting.id} finding=region_forbidden" in caplog.text
    assert "assumed-role" not in caplog.text


def test_another_region_is_one_press_away_with_the_same_external_id(visitor, waiting, store):
    form = forms_in(help_in(paste(visitor, waiting, REGION)))["launch"]
    assert form.get("target") == "_blank"
    offered = [option.get("value") for option in form.iter("option")]
    assert "eu-west-1" in offered
    assert waiting.region not in offered

    there = visitor.post(f"/connect/{waiting.id}/launch", {**fields_of(form), "region": "eu-west-1"})

    place = urlsplit(there.headers["Location"])
    values = parse_qs(urlsplit(place.fragment).query)
    assert there.status_code == 303
    assert parse_qs(place.query)["region"] == ["eu-west-1"]
    assert values["param_ExternalId"] == [waiting.pinned_external_id]
    assert values["stackName"] == [waiting.stack_name]
    assert store.get_connection(waiting.id).region == "eu-west-1"


def test_a_region_that_is_none_launches_nothing(visitor, waiting, store):
    response = visitor.post(f"/connect/{waiting.id}/launch", {"region": "moon-1"})

    assert response.status_code == 422
    assert store.get_connection(waiting.id).region == waiting.region


class TestWithACallback:
    @pytest.fixture
    def app(self, store, clock):
        return an_app(store, clock, callback_regions=("us-east-1",), plain_template_url=PLAIN)

    def test_a_refused_message_offers_the_stack_without_it_under_a_new_name(self, visitor, waiting, store):
        form = forms_in(help_in(paste(visitor, waiting, CALLBACK)))["launch"]

        there = visitor.post(f"/connect/{waiting.id}/launch", fields_of(form))

        values = parse_qs(urlsplit(urlsplit(there.headers["Location"]).fragment).query)
        assert values["templateURL"] == [PLAIN]
        assert values["stackName"] == [f"{waiting.stack_name}-2"]
        assert values["param_ExternalId"] == [waiting.pinned_external_id]
        assert store.get_connection(waiting.id).is_plain

    def test_the_text_to_forward_names_the_two_resources_to_exempt(self, visitor, waiting):
        letter = text_of(by_id(help_in(paste(visitor, waiting, CALLBACK)), "forward"))

        assert "sns:Publish on arn:aws:sns:us-east-1:999988887777:rolecall-callback-northwind" in letter
        assert "s3:GetObject on https://" in letter

    def test_the_plain_stack_stays_plain_in_another_region(self, visitor, waiting, store):
        visitor.post(f"/connect/{waiting.id}/launch", {"region": "us-east-1", "plain": "yes"})
        form = forms_in(help_in(paste(visitor, waiting, REGION)))["launch"]

        visitor.post(f"/connect/{waiting.id}/launch", {**fields_of(form), "region": "eu-west-1"})

        assert store.get_connection(waiting.id).is_plain


def test_without_a_plain_template_a_new_name_is_offered(visitor, waiting):
    assert set(forms_in(help_in(paste(visitor, waiting, CALLBACK)))) == {"retry"}


def test_a_left_over_role_is_told_apart_from_a_left_over_stack(visitor, waiting):
    role = help_in(paste(visitor, waiting, ROLE_EXISTS))
    arn = f"arn:aws:cloudformation:eu-west-1:{OTHER_ACCOUNT}:stack/old/4d5c60f0-30f5-11e7-9a15-500c21fb2c29"
    stack = help_in(paste(visitor, waiting, f"northwind-7kq2m9xd already exists in stack {arn}"))

    lines = text_of(by_id(role, "deletion"))
    assert lines.index("detach-role-policy") < lines.index("delete-role --role-name")
    assert waiting.role_name in lines
    assert not has(stack, "deletion")
    assert any(
        "#/stacks/events?" in there and "stackId=arn%3Aaws%3Acloudformation%3Aeu-west-1" in there
        for there in links(stack)
    )
    assert any(f"filteringText={waiting.role_name}" in there for there in links(role))


@pytest.mark.parametrize("status", [Status.CONNECTED, Status.DEGRADED, Status.DISCONNECTED])
def test_where_nothing_is_left_to_launch_nothing_is_offered_to_press(visitor, story, tenant, status):
    connection = story.reach(status, tenant)

    for pasted in (REGION, CALLBACK, ROLE_EXISTS, "Stack [x] already exists"):
        found = help_in(paste(visitor, connection, pasted))
        assert not list(found.iter("form")), pasted
        assert not has(found, "deletion"), "the role is in use"


def test_who_lacks_the_right_hands_over_and_a_colleague_is_not_offered_that(app, visitor, waiting):
    there = f"/connect/{waiting.id}/handover"
    _, link = hand_over(app, waiting)
    colleague = Colleague(app).accept(link, waiting)

    assert there in links(help_in(paste(visitor, waiting, NO_RIGHTS)))
    assert there not in links(help_in(paste(colleague, waiting, NO_RIGHTS)))


def test_a_demanded_boundary_is_a_line_in_a_copy_of_the_template(visitor, waiting):
    found = help_in(paste(visitor, waiting, f"{USER}iam:CreateRole on resource: x with an explicit deny"))

    assert f"PermissionsBoundary: arn:aws:iam::{waiting.account_id}:policy/" in text_of(by_id(found, "boundary"))


def test_another_tenant_reads_and_launches_nothing(other_visitor, waiting):
    assert paste(other_visitor, waiting, REGION).status_code == 404
    assert other_visitor.post(f"/connect/{waiting.id}/launch", {"region": "us-east-1"}).status_code == 404


def test_what_we_answered_is_quoted_and_never_obeyed(visitor, waiting):
    returned = "Received response status [FAILED] from custom resource. Message returned: "
    found = help_in(paste(visitor, waiting, f"{returned}<script>alert(1)</script> (RequestId: 1)"))

    assert text_of(found.find(".//blockquote")) == "<script>alert(1)</script>"


def test_in_a_frame_the_window_that_opens_knows_whose_session_it_is(app, tenant, waiting):
    framed = FramedVisitor(app, keeps_cookies=False).enter(tenant)

    form = forms_in(help_in(paste(framed, waiting, REGION)))["launch"]

    assert fields_of(form)[FIELD]
