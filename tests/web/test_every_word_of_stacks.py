"""Every word about stacks that report is asked of the catalogue: in each state of the panel, and on the receipt."""

# ruff: noqa: F811 (a fixture is asked for by its name)

from __future__ import annotations

from dataclasses import replace

import pytest

from onboarding.callback.stacks import StackPhase
from onboarding.model import Actor, Flow
from tests.builders import ACCOUNT, OTHER_ACCOUNT, STACK, a_vendor, an_event
from tests.web.pseudo_language import speak_it
from tests.web.stack_reports import WITH_CALLBACKS
from tests.web.test_every_word import foreigner, is_all_marked, left_out  # noqa: F401 (fixtures)
from tests.web.visitor import an_app


@pytest.fixture
def vendor():
    return a_vendor(**WITH_CALLBACKS)


@pytest.fixture
def app(store, clock, monkeypatch):
    app = an_app(store, clock, **WITH_CALLBACKS)
    speak_it(app, monkeypatch)
    return app


@pytest.fixture
def launch(onboarding, tenant):
    def press(account_id="", **values):
        connection = onboarding.start_connection(tenant.id)
        asked = {"flow": Flow.QUICK_CREATE, "region": "us-east-1", **values}
        return onboarding.launch(connection.id, raw_account_id=account_id, **asked)

    return press


def test_what_the_panel_says_of_each_stack(foreigner, is_all_marked, launch, reports, clock):
    named, unnamed = launch(ACCOUNT), launch()

    def look(connection):
        is_all_marked(foreigner.get(f"/connect/{connection.id}/status"), STACK.name, STACK.region)

    look(unnamed)
    look(reports(named, OTHER_ACCOUNT))
    look(reports(named, OTHER_ACCOUNT, StackPhase.ENDED))
    look(reports(unnamed, OTHER_ACCOUNT))
    look(reports(named))
    clock.forward(minutes=3)
    look(named)
    look(reports(named, phase=StackPhase.ENDED))
    look(launch())
    clock.forward(minutes=3)
    look(launch(is_plain=True))


def test_the_pages_before_the_press_and_the_refusal(foreigner, is_all_marked, launch):
    connection = launch()

    for page in ("step/1", "step/6", "link"):
        is_all_marked(foreigner.get(f"/connect/{connection.id}/{page}"))
    answer = foreigner.post(f"/connect/{connection.id}/confirm-account", {"account_id": ACCOUNT})
    assert answer.status_code == 409
    is_all_marked(answer)


def test_the_receipt_and_what_leads_to_it(foreigner, is_all_marked, story, tenant, store, clock, onboarding):
    connection = story.connected(tenant)
    gone = replace(connection, stack_id=STACK, stack_deleted_at=clock.now())
    connection = store.commit(connection, gone, an_event(connection_id=connection.id))
    names = str(connection.role_arn), connection.bound_external_id

    def look():
        for page in ("receipt", "success"):
            answer = foreigner.get(f"/connect/{connection.id}/{page}")
            if answer.status_code == 200:
                is_all_marked(answer, *names)

    look()
    story.aws.is_gone(connection.role_arn)
    story.verify(connection)
    look()
    onboarding.done_by(Actor.OPERATOR).disconnect(connection.id)
    look()
    is_all_marked(foreigner.get("/connections"), *names)
