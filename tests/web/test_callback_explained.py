"""The wizard says what a stack reports, where it does: in no other region, and not of the plain template."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from tests.builders import an_event
from tests.web.colleague import hand_over
from tests.web.strict_html import by_id, text_of
from tests.web.visitor import Visitor, a_new_app, document

REPORT = "What this stack reports"


@pytest.fixture
def pages(store, clock, tenant, story):
    """Step 1 and a colleague's first page of a connection in us-east-1, by the regions that have a callback."""

    def open_with(*regions: str, **values: Any) -> list[str]:
        app = a_new_app(store, clock, callback_regions=regions, plain_template_url="https://x")
        drafted = story.draft(tenant)
        connection = store.commit(drafted, replace(drafted, **values), an_event(connection_id=drafted.id))
        _, link = hand_over(app, connection)
        step_1 = document(Visitor(app).enter(tenant).get(f"/connect/{connection.id}/step/1"))
        return [text_of(by_id(page, "main")) for page in (step_1, document(Visitor(app).get(link)))]

    return open_with


def test_what_the_stack_reports_is_said_before_it_is_made(pages):
    for shown in pages("eu-central-1", "us-east-1"):
        assert REPORT in shown
        assert "your account's number, the stack's name, ID and region, the External ID," in shown
        assert "Never reported: Nothing beyond that." in shown


@pytest.mark.parametrize("regions", [(), ("eu-central-1",)], ids=["no callbacks", "no topic in this region"])
def test_where_no_stack_reports_nothing_is_said_of_it(pages, regions):
    for shown in pages(*regions):
        assert REPORT not in shown


def test_the_plain_template_reports_nothing_and_the_page_says_nothing_of_it(pages):
    for shown in pages("us-east-1", is_plain=True):
        assert REPORT not in shown


@pytest.mark.parametrize(("is_plain", "shown"), [(True, "/role-plain.yaml"), (False, "/role-0a1b.yaml")])
def test_the_pictures_show_the_template_that_the_launch_opens(store, clock, tenant, story, is_plain, shown):
    url = "https://northwind-templates.s3.us-east-1.amazonaws.com/role-plain.yaml"
    app = a_new_app(store, clock, callback_regions=("us-east-1",), plain_template_url=url)
    drafted = story.draft(tenant)
    store.commit(drafted, replace(drafted, is_plain=is_plain), an_event(connection_id=drafted.id))

    html = Visitor(app).enter(tenant).get(f"/connect/{drafted.id}/step/2").text

    assert re.findall(r"https://northwind-templates[^<\s]*(/role-\w+\.yaml)", html) == [shown]
