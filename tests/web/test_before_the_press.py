"""What step 1 says before the press, where stacks report back and where not; and the link that can be copied."""

from __future__ import annotations

import pytest

from onboarding.callback.stacks import StackPhase
from onboarding.ground.status import Status
from onboarding.model import Flow
from tests.builders import ACCOUNT, OTHER_ACCOUNT, a_vendor
from tests.web.stack_reports import WITH_CALLBACKS
from tests.web.strict_html import by_id, text_of
from tests.web.visitor import Story, Visitor, an_app, document


@pytest.fixture
def vendor():
    return a_vendor(**WITH_CALLBACKS)


@pytest.fixture
def app(store, clock):
    return an_app(store, clock, **WITH_CALLBACKS)


class TestStepOne:
    def test_where_the_stack_reports_the_account_can_stay_empty(self, visitor, story, tenant):
        page = text_of(document(visitor.get(f"/connect/{story.draft(tenant).id}/step/1")))

        assert "can stay empty: a stack in us-east-1 tells us its account" in page
        assert "Sign in to AWS the way you usually do first" in page
        assert "(us-east-1), reports by itself" in page

    def test_elsewhere_it_says_how_we_watch(self, visitor, story, tenant, onboarding):
        connection = onboarding.launch(story.draft(tenant).id, flow=Flow.QUICK_CREATE, region="eu-west-1")

        page = text_of(document(visitor.get(f"/connect/{connection.id}/step/1")))

        assert "You can leave it empty and paste the role ARN in step 9" in page
        assert "give us the account ID, or paste the role ARN" in page


@pytest.mark.parametrize(
    ("account_id", "said", "unsaid"),
    [("", "asks whether its account is yours", "close this one"), (ACCOUNT, "close this one", "its account is yours")],
)
def test_who_must_press_once_more_is_not_told_that_all_else_happens_by_itself(
    visitor, story, tenant, onboarding, account_id, said, unsaid
):
    """Where no account was named, nothing goes on before somebody says whose it is."""
    draft = story.draft(tenant)
    onboarding.launch(draft.id, flow=Flow.QUICK_CREATE, region="us-east-1", raw_account_id=account_id)

    panel = text_of(document(visitor.get(f"/connect/{draft.id}/status")))
    step_6 = text_of(next(document(visitor.get(f"/connect/{draft.id}/step/6")).iter("main")))

    assert said in panel and unsaid not in panel
    assert ("press the button there" in step_6) is (not account_id)
    assert ("You can stop here: the stack reports by itself" in step_6) is bool(account_id)


def test_where_something_is_asked_step_6_does_not_say_that_one_can_stop(visitor, story, tenant, onboarding, reports):
    draft = story.draft(tenant)
    onboarding.launch(draft.id, flow=Flow.QUICK_CREATE, region="us-east-1", raw_account_id=ACCOUNT)

    def says_stop():
        return "You can stop here" in text_of(document(visitor.get(f"/connect/{draft.id}/step/6")))

    reports(draft, OTHER_ACCOUNT)
    assert not says_stop()
    reports(draft)
    assert says_stop()
    reports(draft, phase=StackPhase.ENDED)
    assert not says_stop()


def test_without_callbacks_the_pages_say_nothing_of_reports(store, clock, tenant, onboarding, verifier, aws):
    visitor = Visitor(an_app(store, clock)).enter(tenant)
    connection = Story(onboarding, verifier, aws, clock).draft(tenant)

    page = text_of(document(visitor.get(f"/connect/{connection.id}/step/1")))

    assert "12 digits; then you do not have to paste anything later" in page
    assert "report" not in page
    assert "Stack begins" not in page


def test_the_link_can_be_copied_and_is_the_same_each_time(visitor, story, tenant, store):
    connection = story.draft(tenant)
    ask = {"region": "us-east-1", "link": "yes"}

    answer = visitor.post(f"/connect/{connection.id}/launch", ask)
    assert (answer.status_code, answer.location) == (303, f"/connect/{connection.id}/link")
    shown = text_of(by_id(document(visitor.get(answer.location)), "launch_url"))

    launched = store.get_connection(connection.id)
    assert (launched.flow, launched.status) == (Flow.QUICK_CREATE, Status.WAITING)
    assert launched.pinned_external_id in shown
    assert shown == visitor.post(f"/connect/{connection.id}/launch", {"region": "us-east-1", "flow": "quick"}).location
    visitor.post(f"/connect/{connection.id}/launch", ask)
    assert text_of(by_id(document(visitor.get(answer.location)), "launch_url")) == shown


def test_the_page_of_the_link_leads_to_step_one_before_there_is_a_link(visitor, story, tenant):
    connection = story.draft(tenant)

    assert visitor.get(f"/connect/{connection.id}/link").location == f"/connect/{connection.id}/step/1"
