"""The nine steps: each shows the tenant's own values, and every page stands in every status."""

from __future__ import annotations

from datetime import timedelta

import pytest

from onboarding.ground.status import Status
from onboarding.proof.checks import CHECKS
from onboarding.steps import STEPS
from tests.builders import ACCOUNT
from tests.web.strict_html import by_id, links, strangers_in_lists, text_of
from tests.web.visitor import RETURN_URL, SUPPORT_URL, Visitor, an_app, document

WATCH_LATER = timedelta(hours=1)
PAGES = (*(f"step/{s.number}" for s in STEPS), "success", "trouble", "command", "status")
REFERENCES = (
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-user_externalid.html",
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2.html",
)


def at(connection, page):
    return f"/connect/{connection.id}/{page}"


def ticks(page):
    return [e.get("data-n") for e in page.iter("li") if e.get("data-n") and e.get("data-state") == "done"]


@pytest.mark.parametrize("status", Status)
def test_every_page_stands_in_every_status(visitor, story, tenant, status):
    connection = story.reach(status, tenant)

    for page in PAGES:
        answer = visitor.get(at(connection, page))
        if answer.status_code == 303:
            assert page in ("success", "command")
            assert answer.location.startswith(f"/connect/{connection.id}/")
        else:
            assert answer.status_code == 200
            assert by_id(document(answer), "status_panel").get("data-status") == status


def test_a_step_says_what_to_do_for_whom_and_where_it_leads(visitor, story, tenant):
    connection = story.draft(tenant)
    for step in STEPS:
        page = document(visitor.get(at(connection, f"step/{step.number}")))

        assert text_of(next(page.iter("h1"))) == step.heading
        assert text_of(page.find("./head/title")) == f"{step.heading} · Northwind Cost"
        assert tenant.name in text_of(page.find(".//header"))
        current = [e for e in page.iter("a") if e.get("aria-current") == "step"]
        assert [e.get("href") for e in current] == [at(connection, f"step/{step.number}")]
        ways = set(links(page.find(".//nav[@class='nav']")))
        assert ways == {
            at(connection, f"step/{step.number - 1}") if step.number > 1 else "/connections",
            *([at(connection, f"step/{step.number + 1}")] if step.number < 9 else []),
        }


def test_a_list_holds_items_alone(visitor, story, tenant):
    connection = story.connected(tenant)

    found = {page: strangers_in_lists(document(visitor.get(at(connection, page)))) for page in PAGES}

    assert {page: strangers for page, strangers in found.items() if strangers} == {}


def test_there_are_nine_steps_and_no_others(visitor, story, tenant):
    connection = story.draft(tenant)
    numbers = ["0", "10", "-1", "99999999999999999999", "1.5", "one", "", "3/"]

    answers = {number: visitor.get(at(connection, f"step/{number}")).status_code for number in numbers}

    assert answers == dict.fromkeys(numbers, 404)


def test_the_rail_ticks_facts_alone(visitor, story, tenant, other_visitor, other_tenant):
    draft = story.draft(tenant)
    assert ticks(document(visitor.get(at(draft, "step/9")))) == []

    waiting = story.waiting(tenant)
    assert ticks(document(visitor.get(at(waiting, "step/9")))) == ["1"]

    connected = story.connected(other_tenant)
    assert ticks(document(other_visitor.get(at(connected, "step/1")))) == [str(s.number) for s in STEPS]


def test_before_pressing_anything_the_tenant_sees_what_the_role_may_read_and_why(app, visitor, story, tenant):
    page = document(visitor.get(at(story.draft(tenant), "step/1")))
    shown = text_of(page)

    permissions = app.extensions["rolecall"].permissions
    assert len(permissions) > 5
    for permission in permissions:
        assert permission.title in shown
        assert permission.reads in shown
        assert permission.why in shown
        assert permission.never_reads in shown
        assert all(action in shown for action in permission.actions)
    assert set(REFERENCES) <= set(links(page))
    assert "arn:aws:iam::999988887777:role/northwind-rolecall" in shown


def test_the_step_pages_show_the_tenants_own_values(visitor, story, tenant):
    connection = story.waiting(tenant)
    shown = {n: text_of(document(visitor.get(at(connection, f"step/{n}")))) for n in range(1, 10)}

    assert connection.stack_name in shown[3]
    assert connection.pinned_external_id in shown[3]
    assert connection.pinned_external_id in shown[5]
    assert connection.role_name in shown[7]
    assert str(connection.claimed_role_arn) in shown[8]
    assert str(connection.claimed_role_arn) in shown[9]


def test_success_says_what_was_proved_how_to_remove_access_and_where_to_go_on(visitor, story, tenant, store):
    connection = story.connected(tenant)

    page = document(visitor.get(at(connection, "success")))
    shown = text_of(page)

    assert text_of(next(page.iter("h1"))) == "✓ Account 1111-2222-3333 is connected"
    assert str(connection.role_arn) in shown
    verification = store.last_verification(connection.id)
    assert [r.check for r in verification.results] == list(CHECKS)
    assert all(result.sentence in shown for result in verification.results)
    assert [e.get("data-verdict") for e in page.iter("li") if e.get("data-verdict")] == ["passed"] * len(CHECKS)
    assert f"select the stack {connection.stack_name}, and press Delete" in shown
    assert RETURN_URL in links(page)
    assert SUPPORT_URL in links(page)


def test_without_a_return_address_success_offers_no_way_on(store, clock, story, tenant):
    visitor = Visitor(an_app(store, clock, return_url="")).enter(tenant)

    page = document(visitor.get(at(story.connected(tenant), "success")))

    assert "Continue to Northwind Cost" not in text_of(page)


def test_a_role_that_has_weakened_is_not_announced_as_connected(visitor, story, tenant):
    page = document(visitor.get(at(story.degraded(tenant), "success")))

    assert "is connected" not in text_of(next(page.iter("h1")))
    assert "can now read what you agreed to" not in text_of(page)
    assert SUPPORT_URL in links(page)


def test_the_evidence_of_a_check_is_listed_once_whether_it_passed_or_failed(visitor, story, tenant, store):
    connection = story.degraded(tenant)
    results = store.last_verification(connection.id).results
    assert {bool(result.evidence) for result in results if result.verdict == "failed"} == {True}

    page = document(visitor.get(at(connection, "success")))

    listed = [text_of(li) for li in by_id(page, "main").iter("li") if li.get("data-verdict") is None]
    assert sorted(listed) == sorted(line for result in results for line in result.evidence)


@pytest.mark.parametrize("status", [s for s in Status if s not in (Status.CONNECTED, Status.DEGRADED)])
def test_there_is_no_success_before_it_is_proved(visitor, story, tenant, status):
    connection = story.reach(status, tenant)

    assert visitor.get(at(connection, "success")).location == at(connection, "step/9")


@pytest.mark.parametrize("status", [Status.REJECTED, Status.DEGRADED])
def test_every_failure_names_whom_to_ask(visitor, story, tenant, status):
    connection = story.reach(status, tenant)

    for page in PAGES[:9]:
        panel = by_id(document(visitor.get(at(connection, page))), "status_panel")
        assert SUPPORT_URL in links(panel)


def test_it_failed_in_aws_leads_to_the_usual_causes_and_a_new_name(visitor, story, tenant, store):
    connection = story.waiting(tenant)
    panel = by_id(document(visitor.get(at(connection, "step/6"))), "status_panel")
    assert at(connection, "trouble") in links(panel)

    page = document(visitor.get(at(connection, "trouble")))
    assert "ROLLBACK_COMPLETE" in text_of(page)
    assert SUPPORT_URL in links(page)
    assert visitor.post(at(connection, "retry")).location == at(connection, "step/1")

    assert store.get_connection(connection.id).stack_name == f"{connection.role_name}-2"
    assert f"{connection.role_name}-2" in text_of(document(visitor.get(at(connection, "step/3"))))


def test_check_again_makes_the_connection_due_with_and_without_javascript(visitor, story, tenant, store, clock):
    connection = story.waiting(tenant)
    for htmx, code in ((True, 204), (False, 303)):
        clock.forward(seconds=30)
        store.reschedule(connection, check_at=clock.now() + WATCH_LATER, attempts=0)

        assert visitor.post(at(connection, "check"), htmx=htmx).status_code == code
        assert store.get_connection(connection.id).check_at == clock.now()


def test_no_act_of_a_tenants_has_a_connected_role_proved_again_and_again(visitor, story, tenant, store, clock):
    connection = story.connected(tenant)
    due = store.get_connection(connection.id).check_at
    clock.forward(seconds=30)

    for path in ("check", "account", "launch", "retry", "role"):
        visitor.post(at(connection, path), {"account_id": ACCOUNT, "role_arn": str(connection.role_arn)})
    visitor.get(at(connection, "status"))

    assert store.get_connection(connection.id).check_at == due > clock.now()


def test_the_command_is_shown_once_an_external_id_is_pinned(visitor, story, tenant):
    draft = story.draft(tenant)
    assert visitor.get(at(draft, "command")).location == at(draft, "step/1")

    waiting = story.waiting(tenant)
    page = document(visitor.get(at(waiting, "command")))

    command = text_of(by_id(page, "command"))
    assert command.startswith("aws cloudformation create-stack --region us-east-1 ")
    assert f"ParameterKey=ExternalId,ParameterValue={waiting.pinned_external_id}" in command
    assert "https://console.aws.amazon.com/cloudshell/home?region=us-east-1" in links(page)
    assert ACCOUNT not in command
