"""Pages are sent without the indentation of their templates, and what is filled in keeps its own."""

from __future__ import annotations

from jinja2 import DictLoader, Environment

from views.look.unindented import Unindented

PAGE = "<div>\n    <p>{% if yes %}\n        one\n      {% endif %}two</p>\n  <pre>{{ text }}</pre>\n</div>\n"


def rendered(name: str) -> str:
    environment = Environment(loader=DictLoader({name: PAGE}), extensions=[Unindented], autoescape=True)
    return environment.get_template(name).render(yes=True, text="a:\n  - b")


def test_the_indentation_of_a_template_is_not_sent_and_that_of_a_value_is():
    assert rendered("page.html") == "<div>\n<p>\none\ntwo</p>\n<pre>a:\n  - b</pre>\n</div>"


def test_a_template_of_plain_text_is_sent_as_it_is_written():
    assert "\n        one\n" in rendered("mail.txt")


def test_no_page_has_an_indented_line(visitor, story, tenant):
    page = visitor.get(f"/connect/{story.waiting(tenant).id}/step/1").text

    assert [line for line in page.splitlines() if line.startswith(" ")] == []
