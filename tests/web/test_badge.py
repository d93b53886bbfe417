"""What the wizard promises of the role follows from the template: another template, other words."""

from __future__ import annotations

import pytest

from config import PROJECT
from tests.web.colleague import hand_over
from tests.web.strict_html import by_id, text_of
from tests.web.visitor import Visitor, a_new_app, document

TEMPLATE = (PROJECT / "cfn" / "role.yaml").read_text(encoding="utf-8")


@pytest.fixture
def pages(store, clock, tenant, story, tmp_path):
    """Step 1 and a colleague's first page, in an installation whose template asks for one action instead of another."""

    def open_with(action: str) -> list[str]:
        template = tmp_path / "role.yaml"
        template.write_text(TEMPLATE.replace("- ec2:DescribeSnapshots\n", f"- {action}\n"), encoding="utf-8")
        app = a_new_app(store, clock, stack_template=template)
        connection = story.draft(tenant)
        _, link = hand_over(app, connection)
        step_1 = document(Visitor(app).enter(tenant).get(f"/connect/{connection.id}/step/1"))
        return [text_of(by_id(page, "main")) for page in (step_1, document(Visitor(app).get(link)))]

    return open_with


def test_a_template_that_only_reads_is_called_read_only_with_its_counts(pages):
    for shown in pages("ec2:DescribeSnapshots"):
        assert "Read-only 70 actions, all of them list or read; none can read your data." in shown
        assert "It can change nothing." in shown


@pytest.mark.parametrize(
    ("action", "counted"),
    [
        ("ec2:DeleteSnapshot", "70 actions. 1 can change something."),
        ("ec2:NoSuchAction", "70 actions. Our copy of AWS’s list of actions lacks 1 of them."),
    ],
)
def test_a_template_that_does_more_is_not_called_read_only_anywhere(pages, action, counted):
    for shown in pages(action):
        assert f"Not read-only {counted}" in shown
        assert "one read-only role" not in shown
        assert "change nothing" not in shown and "cannot change" not in shown


def test_a_template_that_reads_data_does_not_promise_that_it_cannot(pages):
    step_1, _ = pages("s3:GetObject")

    assert "Read-only 70 actions, all of them list or read; 1 can read your data." in step_1
    assert "cannot read the contents of your data" not in step_1
