"""The live panel: what it answers, when it stops asking, and what one poll costs."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from onboarding.ground.status import Status
from onboarding.schedule import TOUCH_EVERY
from tests.builders import a_connection
from tests.web.strict_html import by_id, links, text_of
from tests.web.visitor import document
from views.panel_notes import note_on

SETTLED = (Status.CONNECTED, Status.DISCONNECTED, Status.EXPIRED)
SETTLING = tuple(s for s in Status if s not in SETTLED)


def panel_on(visitor, connection, step=4):
    return by_id(document(visitor.get(f"/connect/{connection.id}/step/{step}")), "status_panel")


def poll(visitor, address):
    """Ask as htmx does, where the panel on the page says to ask."""
    return visitor.get(address, htmx=True)


def seconds_between_polls(panel):
    return int(re.fullmatch(r"every (\d+)s, look", panel.get("hx-trigger"))[1])


@pytest.mark.parametrize("status", SETTLING)
def test_a_panel_that_may_change_asks_again_by_itself(visitor, story, tenant, status):
    connection = story.reach(status, tenant)

    for panel in (panel_on(visitor, connection), document(visitor.get(f"/connect/{connection.id}/status"))):
        assert panel.get("id") == "status_panel"
        assert urlsplit(panel.get("hx-get")).path == f"/connect/{connection.id}/status"
        assert panel.get("hx-target") == "this"
        assert panel.get("hx-swap") == "outerHTML"
        assert seconds_between_polls(panel) >= 1


@pytest.mark.parametrize("status", [Status.CONNECTED, Status.DISCONNECTED])
def test_a_settled_panel_never_asks_again(visitor, story, tenant, status):
    connection = story.reach(status, tenant)

    for panel in (panel_on(visitor, connection), document(visitor.get(f"/connect/{connection.id}/status"))):
        assert panel.get("data-status") == status
        assert not [name for name in panel.attrib if name.startswith("hx-")]


def test_an_expired_panel_asks_only_when_somebody_comes_back_to_it(visitor, story, tenant, onboarding):
    connection = story.expired(tenant)
    panel = panel_on(visitor, connection)

    assert panel.get("hx-trigger") == "look"
    assert poll(visitor, panel.get("hx-get")).status_code == 204
    onboarding.submit_account(connection.id, raw_account_id="111122223333")
    assert document(poll(visitor, panel.get("hx-get"))).get("data-status") == "waiting"


@pytest.mark.parametrize("status", SETTLING)
def test_nothing_new_is_a_204(visitor, story, tenant, status):
    panel = panel_on(visitor, story.reach(status, tenant))

    answer = poll(visitor, panel.get("hx-get"))

    assert (answer.status_code, answer.data) == (204, b"")


def test_something_new_is_a_fragment_that_then_has_nothing_new(visitor, story, tenant, onboarding):
    connection = story.draft(tenant)
    before = panel_on(visitor, connection)
    onboarding.submit_account(connection.id, raw_account_id="111122223333")

    answer = poll(visitor, before.get("hx-get"))
    after = document(answer)

    assert answer.status_code == 200
    assert after.get("data-status") == "waiting"
    assert poll(visitor, after.get("hx-get")).status_code == 204


@pytest.mark.parametrize(
    "has",
    ["", "0", "1.2", "1.2.0.0", "x", "%00", "%0a%1b[31m", "9" * 5000, "1.2.0 ", "<script>", "\u2028", "&has=1.2.0"],
)
def test_a_tag_that_is_not_ours_gets_the_panel(visitor, story, tenant, has):
    connection = story.waiting(tenant)

    answer = visitor.get(f"/connect/{connection.id}/status?has={has}")

    assert answer.status_code == 200
    assert document(answer).get("data-status") == "waiting"
    assert "<script>" not in answer.text


def test_the_panel_asks_less_often_as_time_goes_by_and_the_page_learns_it(visitor, story, tenant, clock):
    connection = story.waiting(tenant)
    panel = panel_on(visitor, connection)
    intervals = [seconds_between_polls(panel)]
    for pause in (timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=10), timedelta(hours=2)):
        assert poll(visitor, panel.get("hx-get")).status_code == 204
        clock.at += pause
        panel = document(poll(visitor, panel.get("hx-get")))
        intervals.append(seconds_between_polls(panel))

    assert intervals == [1, 2, 5, 15, 60]


def test_a_role_that_stays_away_is_explained_after_two_minutes_and_not_before(visitor, story, tenant, clock):
    connection = story.verify(story.waiting(tenant))
    panel = panel_on(visitor, connection)
    assert not [e for e in panel.iter() if e.get("data-code")]
    assert list(panel.iter("progress"))

    clock.forward(seconds=121)
    later = document(poll(visitor, panel.get("hx-get")))

    assert [e.get("data-code") for e in later.iter() if e.get("data-code")] == ["not_answering"]


def test_what_is_wrong_on_our_own_side_shows_with_the_next_poll_and_goes_with_the_one_after_it_is_mended(
    visitor, story, tenant, store, clock
):
    panel = panel_on(visitor, story.verify(story.waiting(tenant)))
    for finding in ("vendor_identity_differs", ""):
        clock.forward(seconds=1)
        store.beat(worker="w", at=clock.now(), finding_code=finding)
        panel = document(poll(visitor, panel.get("hx-get")))
        assert [e.get("data-code") for e in panel.iter() if e.get("data-code")] == ([finding] if finding else [])
        assert poll(visitor, panel.get("hx-get")).status_code == 204


@pytest.mark.parametrize("path", ["step/1", "step/3", "step/9", "trouble", "command"])
def test_success_moves_the_whole_wizard_from_wherever_the_tenant_stands(visitor, story, tenant, aws, path):
    connection = story.waiting(tenant)
    panel = by_id(document(visitor.get(f"/connect/{connection.id}/{path}")), "status_panel")
    aws.accepts_only(connection.claimed_role_arn, connection.pinned_external_id)
    story.verify(connection)

    answer = poll(visitor, panel.get("hx-get"))

    where = json.loads(answer.headers["HX-Location"])
    assert where["path"] == f"/connect/{connection.id}/success"
    success = document(visitor.get(where["path"]))
    assert by_id(success, where["target"].removeprefix("#")) is not None
    assert by_id(success, where["select"].removeprefix("#")) is not None
    assert text_of(success.find("./head/title")) == "Connected · Northwind Cost"


def test_without_htmx_a_poll_of_a_connected_one_shows_the_panel(visitor, story, tenant):
    answer = visitor.get(f"/connect/{story.connected(tenant).id}/status")

    assert "HX-Location" not in answer.headers
    assert document(answer).get("data-status") == "connected"


def test_a_role_that_has_weakened_does_not_send_the_page_to_success_again_and_again(visitor, story, tenant, aws):
    connection = story.degraded(tenant)
    panel = panel_on(visitor, connection)

    answer = poll(visitor, panel.get("hx-get"))
    assert answer.status_code == 204
    assert "HX-Location" not in answer.headers

    aws.accepts_only(connection.claimed_role_arn, connection.bound_external_id)
    story.verify(connection)
    assert "HX-Location" in poll(visitor, panel.get("hx-get")).headers


@pytest.mark.parametrize("status", Status)
def test_the_fragment_is_the_very_panel_of_the_page(visitor, story, tenant, status):
    connection = story.reach(status, tenant)

    page = visitor.get(f"/connect/{connection.id}/step/5").text
    fragment = visitor.get(f"/connect/{connection.id}/status").text

    assert without_tokens(fragment).strip() in without_tokens(page)


def without_tokens(markup):
    return re.sub(r'name="csrf_token"[^>]* value="[^"]+"', "", markup)


def test_a_poll_with_nothing_new_is_three_reads_and_one_with_news_five(visitor, story, tenant, clock, statements):
    connection = story.waiting(tenant)
    address = panel_on(visitor, connection).get("hx-get")
    poll(visitor, address)

    statements.clear()
    poll(visitor, address)
    assert [first_word(s) for s in statements] == ["select"] * 3

    statements.clear()
    poll(visitor, f"/connect/{connection.id}/status?has=old")
    assert [first_word(s) for s in statements] == ["select"] * 5


def test_polls_write_at_most_once_in_15_seconds_however_many_tabs_there_are(visitor, story, tenant, clock, statements):
    connection = story.waiting(tenant)
    address = panel_on(visitor, connection).get("hx-get")
    statements.clear()
    rows_written = statements.rows_written()

    for _ in range(60):
        poll(visitor, address)
        poll(visitor, address)
        clock.forward(seconds=1)

    assert statements.rows_written() - rows_written == timedelta(seconds=60) / TOUCH_EVERY
    assert {s.split(" = ")[0] for s in statements if first_word(s) != "select"} == {"update connections set watched_at"}


def test_a_poll_wakes_the_worker(visitor, story, tenant, store, clock):
    connection = story.waiting(tenant)
    store.reschedule(connection, check_at=clock.now() + timedelta(hours=1), attempts=3)

    poll(visitor, f"/connect/{connection.id}/status")

    assert store.get_connection(connection.id).check_at == clock.now()


@pytest.mark.parametrize("status", Status)
def test_the_panel_lists_what_is_done_in_words_not_in_colour_alone(visitor, story, tenant, status):
    items = list(by_id(panel_on(visitor, story.reach(status, tenant)), "status_panel").iter("li"))

    assert len(items) >= 4
    for item in items:
        assert item.get("data-s") in ("done", "now", "todo", "bad")
        assert re.search(r": (done|under way|not yet|failed)", text_of(item))


def test_the_answer_depends_on_nothing_but_the_address(visitor, story, tenant):
    """GET never varies on HX-Request while there is something to wait for, so that no cache mixes the two up."""
    connection = story.waiting(tenant)
    address = panel_on(visitor, connection).get("hx-get")

    assert visitor.get(address).status_code == poll(visitor, address).status_code == 204
    assert set(parse_qs(urlsplit(address).query)) == {"has"}


def first_word(statement):
    return statement.split()[0].lower()


@pytest.mark.parametrize("status", Status)
def test_in_each_status_the_panel_says_where_the_tenant_can_go_on(visitor, story, tenant, status):
    connection = story.reach(status, tenant)
    note = note_on(connection)

    panel = document(visitor.get(f"/connect/{connection.id}/status"))

    assert note.sentence in text_of(panel)
    assert {f"/connect/{connection.id}/step/{link.step}" for link in note.links if link.step} <= {
        href.partition("#")[0] for href in links(panel)
    }
    assert all(link.label in text_of(panel) for link in note.links)


def test_who_named_no_account_yet_is_asked_for_it():
    note = note_on(a_connection(Status.WAITING, account_id=None, claimed_role_arn=None))

    assert [(link.step, link.anchor) for link in note.links] == [(1, "account_id"), (9, "")]
