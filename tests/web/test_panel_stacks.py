"""What the live panel says of the tenant's stacks, what it offers, and what a poll costs then."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from onboarding.callback.stacks import StackPhase
from onboarding.ground.status import Status
from onboarding.model import Flow
from tests.builders import ACCOUNT, NOON, OTHER_ACCOUNT, a_vendor
from tests.web.colleague import Colleague, hand_over
from tests.web.stack_reports import PLAIN, WITH_CALLBACKS, items, panel_of, polled
from tests.web.strict_html import by_id, links, text_of
from tests.web.visitor import an_app, document


@pytest.fixture
def vendor():
    return a_vendor(**WITH_CALLBACKS)


@pytest.fixture
def app(store, clock):
    return an_app(store, clock, **WITH_CALLBACKS)


@pytest.fixture
def launched(onboarding, tenant):
    """A connection that was launched; the account is named only if it is given."""

    def launch(account_id="", region="us-east-1"):
        connection = onboarding.start_connection(tenant.id)
        return onboarding.launch(connection.id, flow=Flow.QUICK_CREATE, region=region, raw_account_id=account_id)

    return launch


def test_from_the_launch_on_the_panel_says_in_words_what_it_waits_for(visitor, launched):
    panel = panel_of(visitor, launched())

    assert panel.get("data-news") == "nothing"
    assert "Waiting for your stack" in text_of(panel)
    assert items(panel)[:3] == [("done", "AWS page opened"), ("now", "Stack begins"), ("todo", "Role appears")]
    assert list(panel.iter("progress")) == [], "how long it takes is up to the tenant"


def test_a_begun_stack_is_told_with_account_region_and_typical_time(visitor, launched, reports):
    connection = launched(ACCOUNT)
    before = panel_of(visitor, connection)
    reports(connection)

    panel = polled(visitor, before)

    assert "The stack has begun" in text_of(panel)
    assert "one to two minutes" in text_of(panel)
    assert items(panel)[1:3] == [
        ("done", "Stack begun in 1111-2222-3333 (eu-west-1)"),
        ("now", "Role appears in 1111-2222-3333"),
    ]
    [bar] = panel.iter("progress")
    assert bar.get("data-since") == NOON.isoformat()


def test_time_alone_changes_the_panel_once_and_then_no_more(visitor, launched, reports, clock):
    connection = launched(ACCOUNT)
    panel = panel_of(visitor, connection)
    clock.forward(seconds=59)
    assert polled(visitor, panel) is None
    clock.forward(seconds=1)
    panel = polled(visitor, panel)
    assert panel.get("data-news") == "silent"
    assert polled(visitor, panel) is None
    said = text_of(panel)
    assert said.index("Paste it here") < said.index("Create the stack without the message"), "an error says more"

    reports(connection)
    panel = polled(visitor, panel)
    assert panel.get("data-news") == "begun"
    clock.forward(seconds=119)
    later = polled(visitor, panel)
    assert later is None or later.get("data-news") == "begun"
    clock.forward(seconds=1)
    panel = polled(visitor, panel)
    assert panel.get("data-news") == "begun_and_silent"
    assert polled(visitor, panel) is None


@pytest.mark.parametrize("end", ["", "x", "-1", "1", "9" * 10, "9" * 5000, "٣", "1.5", "~1"])
def test_an_end_in_the_tag_that_is_not_ours_harms_nobody(visitor, launched, end):
    connection = launched(ACCOUNT)
    head = parse_qs(urlsplit(panel_of(visitor, connection).get("hx-get")).query)["has"][0].partition("~")[0]

    assert visitor.get(f"/connect/{connection.id}/status?has={head}~{end}").status_code in (200, 204)


def test_a_poll_with_nothing_new_stays_three_reads_whatever_was_reported(visitor, launched, reports, statements):
    connection = launched(ACCOUNT)
    for _ in range(2):
        address = panel_of(visitor, connection).get("hx-get")
        visitor.get(address, htmx=True)
        statements.clear()
        assert visitor.get(address, htmx=True).status_code == 204
        assert [s.split()[0].lower() for s in statements] == ["select"] * 3
        reports(connection)


def test_a_stack_that_did_not_finish_shows_with_the_next_poll_and_where_aws_says_why(visitor, launched, reports):
    connection = launched(ACCOUNT)
    reports(connection)
    before = panel_of(visitor, connection)
    reports(connection, phase=StackPhase.ENDED)

    panel = polled(visitor, before)

    assert panel.get("data-title") == "The stack did not finish"
    assert ("bad", "The stack in 1111-2222-3333 (eu-west-1) did not finish") in items(panel)
    events = by_id(panel, "stack_events")
    assert events.get("href").startswith(
        "https://console.aws.amazon.com/cloudformation/home?region=eu-west-1#/stacks/events?"
    )
    assert by_id(panel, "stack_line").get("href") == f"/connect/{connection.id}/trouble"


def test_a_role_that_takes_long_is_explained_with_the_stack_that_has_begun(visitor, launched, reports, story, clock):
    connection = launched(ACCOUNT)
    clock.forward(minutes=10)
    story.verify(reports(connection))
    soon = panel_of(visitor, connection)
    assert soon.get("data-news") == "begun"
    assert not [e for e in soon.iter() if e.get("data-code")], "the role is not late: its stack has only just begun"

    clock.forward(minutes=2)
    story.verify(connection)
    late = text_of(panel_of(visitor, connection))

    assert "The stack is still in progress, or failed." in late
    assert "never created" not in late
    assert "created in another account" not in late


def test_a_stack_in_another_account_is_asked_about_and_one_press_corrects_it(visitor, launched, reports, store):
    connection = reports(launched(ACCOUNT), OTHER_ACCOUNT)

    panel = panel_of(visitor, connection)
    assert "We see your stack in account 4444-5555-6666; you said 1111-2222-3333. Is 4444-5555-6666 right?" in text_of(
        panel
    )
    assert "sign in to 1111-2222-3333" in text_of(panel)
    answer = visitor.post(f"/connect/{connection.id}/confirm-account", {"account_id": OTHER_ACCOUNT})

    assert (answer.status_code, answer.location) == (303, f"/connect/{connection.id}/step/6")
    assert store.get_connection(connection.id).account_id == OTHER_ACCOUNT
    after = panel_of(visitor, connection)
    assert after.get("data-news") == "begun"


def test_a_stack_that_is_deleted_in_the_wrong_account_as_the_panel_says_is_called_no_failure(
    visitor, launched, reports
):
    connection = launched(ACCOUNT)
    reports(connection, OTHER_ACCOUNT)
    before = panel_of(visitor, connection)
    assert "delete that stack in AWS, sign in to 1111-2222-3333" in text_of(before)
    reports(connection, OTHER_ACCOUNT, StackPhase.ENDED)

    panel = polled(visitor, before)

    assert ("done", "The stack in 4444-5555-6666 (eu-west-1) is gone") in items(panel)
    assert "To connect 1111-2222-3333, sign in to it in AWS, and launch again." in text_of(panel)
    assert f"/connect/{connection.id}/step/1" in links(panel)
    assert "CREATE_FAILED" not in text_of(panel)


def test_an_account_that_nobody_named_stays_unused_until_the_tenant_presses(
    visitor, launched, reports, story, aws, store
):
    """A forged event for somebody else's account changes nothing by itself."""
    connection = launched()
    aws.accepts_only(f"arn:aws:iam::{OTHER_ACCOUNT}:role/{connection.role_name}", connection.pinned_external_id)
    connection = reports(connection, OTHER_ACCOUNT)
    assert story.verify(connection).status is Status.WAITING
    assert aws.calls == []

    panel = panel_of(visitor, connection)
    assert "Is this account yours?" in text_of(panel)
    assert "for Acme" in text_of(panel)
    assert text_of(by_id(panel, f"confirm_{OTHER_ACCOUNT}")) == "Yes, connect 4444-5555-6666"

    visitor.post(f"/connect/{connection.id}/confirm-account", {"account_id": OTHER_ACCOUNT})
    assert story.verify(store.get_connection(connection.id)).status is Status.CONNECTED


def test_three_accounts_at_most_are_asked_about(visitor, launched, reports):
    connection = launched()
    for digit in "45678":
        reports(connection, digit * 12)

    buttons = [e for e in panel_of(visitor, connection).iter("button") if (e.get("id") or "").startswith("confirm_")]

    assert len(buttons) == 3
    assert len({e.get("id") for e in buttons}) == 3


@pytest.mark.parametrize("account_id", ["777788889999", "x"])
def test_an_account_that_did_not_report_cannot_be_confirmed(visitor, launched, reports, store, account_id):
    connection = reports(launched(), OTHER_ACCOUNT)

    answer = visitor.post(f"/connect/{connection.id}/confirm-account", {"account_id": account_id})

    assert answer.status_code == 409
    assert store.get_connection(connection.id) == connection


def test_after_a_minute_of_silence_the_template_without_the_message_is_one_press_away(visitor, launched, clock, store):
    connection = launched()
    clock.forward(seconds=60)
    panel = panel_of(visitor, connection)
    [form] = [f for f in panel.iter("form") if f.get("target") == "_blank"]
    fields = {i.get("name"): i.get("value") or "" for i in form.iter("input")}
    assert f"/connect/{connection.id}/step/1#account_id" in links(panel)

    location = visitor.post(form.get("action"), fields).location

    assert parse_qs(urlsplit(location).fragment.partition("?")[2])["templateURL"] == [PLAIN]
    plain = store.get_connection(connection.id)
    assert plain.is_plain
    assert plain.pinned_external_id == connection.pinned_external_id
    assert panel_of(visitor, plain).get("data-news") == "nothing"
    assert "Which account is it?" in text_of(panel_of(visitor, plain)), "its stack reports nothing"


def test_in_a_region_without_a_topic_everything_is_as_ever(visitor, launched, clock):
    connection = launched(region="eu-central-1")
    clock.forward(minutes=5)
    panel = panel_of(visitor, connection)

    assert "Which account is it?" in text_of(panel)
    assert not [label for _, label in items(panel) if label.startswith("Stack")]


def test_the_fragment_is_the_very_panel_of_the_page_in_each_state(visitor, launched, reports):
    connection = reports(launched(), OTHER_ACCOUNT)

    page, fragment = (visitor.get(f"/connect/{connection.id}/{path}") for path in ("step/6", "status"))

    assert text_of(document(fragment)) == text_of(by_id(document(page), "status_panel"))


def test_a_tag_tells_when_its_panel_ends_to_the_second(visitor, launched):
    has = parse_qs(urlsplit(panel_of(visitor, launched()).get("hx-get")).query)["has"][0]

    assert has.partition("~")[2] == str(int((NOON + timedelta(minutes=1)).timestamp()))


def test_of_a_stack_that_a_colleague_might_have_made_both_are_asked_and_one_press_is_enough(
    app, visitor, launched, reports, store
):
    connection = launched()
    colleague = Colleague(app).accept(hand_over(app, connection)[1], connection)
    reports(connection, OTHER_ACCOUNT)

    asker, theirs = (text_of(panel_of(who, connection)) for who in (visitor, colleague))

    assert "Did your colleague create it? They are asked the same" in asker
    assert "Did your colleague" not in theirs
    assert "You are connecting it for Acme" in theirs
    answer = colleague.post(f"/connect/{connection.id}/confirm-account", {"account_id": OTHER_ACCOUNT})
    assert answer.status_code == 303
    assert store.get_connection(connection.id).account_id == OTHER_ACCOUNT
