"""What a tenant does on the pages: off to AWS, name the account, paste the role."""

from __future__ import annotations

from urllib.parse import parse_qs, quote, urlsplit

import pytest

from onboarding.ground.status import Status
from onboarding.model import Flow
from onboarding.ports import ConcurrentChange
from tests.builders import ACCOUNT, OTHER_ACCOUNT, VENDOR_ACCOUNT
from tests.web.strict_html import by_id, text_of
from tests.web.visitor import document

TEMPLATE = quote("https://northwind-templates.s3.us-east-1.amazonaws.com/role-0a1b.yaml", safe="")
QUICK = {"flow": "quick", "region": "us-east-1"}


def at(connection, page):
    return f"/connect/{connection.id}/{page}"


def test_quick_launch_leads_to_the_console_with_everything_filled_in(visitor, story, tenant, store):
    connection = story.draft(tenant)

    answer = visitor.post(at(connection, "launch"), {**QUICK, "account_id": "1111-2222-3333"})

    launched = store.get_connection(connection.id)
    assert answer.status_code == 303
    assert answer.location == (
        "https://console.aws.amazon.com/cloudformation/home?region=us-east-1#/stacks/quickcreate"
        f"?templateURL={TEMPLATE}&stackName={connection.role_name}&param_ExternalId={launched.pinned_external_id}"
    )
    assert launched.status is Status.WAITING
    assert str(launched.claimed_role_arn) == f"arn:aws:iam::{ACCOUNT}:role/{connection.role_name}"


def test_page_by_page_leaves_the_external_id_to_the_tenants_own_copy(visitor, story, tenant, store):
    connection = story.draft(tenant)

    answer = visitor.post(at(connection, "launch"), {"flow": "pages", "region": "eu-west-1"})

    assert answer.location == (
        "https://console.aws.amazon.com/cloudformation/home?region=eu-west-1#/stacks/create/template"
        f"?templateURL={TEMPLATE}&stackName={connection.role_name}"
    )
    assert store.get_connection(connection.id).pinned_external_id is None


def test_the_command_is_a_launch_like_the_others(visitor, story, tenant, store):
    connection = story.draft(tenant)

    answer = visitor.post(at(connection, "launch"), {"flow": "command", "region": "us-east-1"})

    launched = store.get_connection(connection.id)
    assert answer.location == at(connection, "command")
    command = text_of(by_id(document(visitor.get(answer.location)), "command"))
    assert launched.pinned_external_id in command
    assert (launched.flow, launched.status) == (Flow.COMMAND, Status.WAITING)


def test_launching_again_carries_the_same_external_id(visitor, story, tenant, store):
    connection = story.draft(tenant)
    visitor.get(at(connection, "step/3"))

    urls = {visitor.post(at(connection, "launch"), QUICK).location for _ in range(3)}

    assert len(urls) == 1
    assert len(store.issued(connection.id)) == 1


def test_quick_launch_carries_the_id_that_was_copied_first(visitor, story, tenant, store):
    connection = story.draft(tenant)
    visitor.post(at(connection, "pin"), {"shown": visitor.shown(connection)})
    visitor.get(at(connection, "step/3"))

    location = visitor.post(at(connection, "launch"), QUICK).location

    carried = parse_qs(urlsplit(location).fragment.partition("?")[2])["param_ExternalId"]
    assert carried == [store.issued(connection.id)[0].external_id]


@pytest.mark.parametrize(
    "raw", ["12345", "11112222333x", "1" * 41, "１１１１２２２２３３３３", '"><b>', VENDOR_ACCOUNT]
)
@pytest.mark.parametrize("page", ["launch", "account"])
def test_an_account_id_that_cannot_be_is_said_beside_the_field_and_kept(visitor, story, tenant, store, raw, page):
    connection = story.draft(tenant)

    answer = visitor.post(at(connection, page), {**QUICK, "account_id": raw})

    assert answer.status_code == 422
    field = by_id(document(answer), "account_id")
    assert field.get("value") == raw
    assert field.get("aria-invalid") == "true"
    assert "account_id_error" in field.get("aria-describedby").split()
    assert text_of(by_id(document(answer), "account_id_error"))
    assert store.get_connection(connection.id) == connection


@pytest.mark.parametrize(
    "sent", [{"region": "mars-1"}, {"region": ""}, {"region": "us-gov-west-1"}, {"flow": "teleport"}]
)
def test_a_region_or_a_way_that_we_do_not_know_launches_nothing(visitor, story, tenant, store, sent):
    connection = story.draft(tenant)

    assert visitor.post(at(connection, "launch"), {**QUICK, **sent}).status_code == 422
    assert store.get_connection(connection.id) == connection


def test_the_chosen_region_is_the_one_proposed_from_then_on(visitor, story, tenant):
    connection = story.draft(tenant)
    visitor.post(at(connection, "launch"), {"flow": "pages", "region": "eu-central-1"})

    options = list(by_id(document(visitor.get(at(connection, "step/1"))), "region"))

    assert [o.get("value") for o in options if "selected" in o.attrib] == ["eu-central-1"]


def test_the_account_field_saves_itself_with_and_without_javascript(visitor, story, tenant, store):
    connection = story.draft(tenant)

    saved = visitor.post(at(connection, "account"), {"account_id": "1111 2222 3333"}, htmx=True)
    field = document(saved)
    assert (saved.status_code, field.get("id")) == (200, "account_field")
    assert "We watch for the role in account 1111-2222-3333" in text_of(field)
    assert store.get_connection(connection.id).account_id == ACCOUNT

    plain = visitor.post(at(connection, "account"), {"account_id": OTHER_ACCOUNT})
    assert (plain.status_code, plain.location) == (303, at(connection, "step/1"))
    assert store.get_connection(connection.id).account_id == OTHER_ACCOUNT


def test_the_account_field_replaces_itself(visitor, story, tenant):
    answer = visitor.post(at(story.draft(tenant), "account"), {"account_id": "123"}, htmx=True)

    root = document(answer)
    source = by_id(root, "account_id")
    assert answer.status_code == 422
    assert source.get("value") == "123"
    assert source.get("hx-target") == f"#{root.get('id')}"
    assert source.get("hx-swap") == "outerHTML"


def test_an_empty_account_field_changes_nothing(visitor, story, tenant, store):
    connection = story.draft(tenant)

    assert visitor.post(at(connection, "account"), {"account_id": ""}, htmx=True).status_code == 200
    assert store.get_connection(connection.id) == connection


ACTS = {
    "launch": QUICK,
    "account": {"account_id": OTHER_ACCOUNT},
    "role": {"role_arn": f"arn:aws:iam::{ACCOUNT}:role/another"},
    "retry": {},
}


@pytest.mark.parametrize(
    ("status", "act"),
    [*((Status.CONNECTED, act) for act in ACTS), (Status.DEGRADED, "account"), (Status.DEGRADED, "role")],
)
def test_a_double_click_or_a_late_tab_on_a_connected_one_leads_to_success(visitor, story, tenant, store, status, act):
    connection = story.reach(status, tenant)

    answer = visitor.post(at(connection, act), ACTS[act])
    assert (answer.status_code, answer.location) == (303, at(connection, "success"))
    by_htmx = visitor.post(at(connection, act), ACTS[act], htmx=True)
    assert by_htmx.status_code == 200
    assert at(connection, "success") in by_htmx.headers["HX-Location"]
    assert store.get_connection(connection.id) == connection


@pytest.mark.parametrize("flow", ["quick", "command"])
def test_the_stack_of_a_weakened_one_is_made_again_with_the_external_id_that_it_was_proved_with(
    visitor, story, tenant, store, flow
):
    before = story.degraded(tenant)
    answer = visitor.post(at(before, "launch"), {**QUICK, "flow": flow})

    assert answer.status_code == 303
    shown = answer.location if flow == "quick" else visitor.get(answer.location).text
    assert before.bound_external_id in shown
    after = store.get_connection(before.id)
    assert (after.status, after.finding_code) == (before.status, before.finding_code), "nothing is proved yet"
    assert visitor.post(at(before, "retry")).location == at(before, "step/1")
    assert store.get_connection(before.id).stack_attempt == before.stack_attempt + 1


@pytest.mark.parametrize("act", ACTS)
def test_a_late_tab_on_a_disconnected_one_is_told_so(visitor, story, tenant, store, act):
    connection = story.disconnected(tenant)

    assert visitor.post(at(connection, act), ACTS[act]).status_code in (409, 422)
    assert store.get_connection(connection.id) == connection


def test_two_who_change_it_at_the_same_moment_both_get_an_answer(visitor, story, tenant, app, monkeypatch):
    connection = story.draft(tenant)
    store = app.extensions["rolecall"].store

    def always_overtaken(old, new, event, verification=None):
        raise ConcurrentChange(old.id)

    monkeypatch.setattr(store, "commit", always_overtaken)
    answer = visitor.post(at(connection, "launch"), QUICK)

    assert answer.status_code == 409
    assert "reload the page to see the current state" in text_of(document(answer))
