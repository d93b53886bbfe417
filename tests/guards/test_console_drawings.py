"""The drawn AWS pages: harmless as pictures, and in the same words as the stand-in console that really works."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from onboarding.picture import Picture
from sandbox.stack_template import parse_template

ROOT = Path(__file__).parents[2]
DRAWINGS = ROOT / "templates" / "console"
PAGES = sorted(path.stem.lstrip("_") for path in DRAWINGS.glob("_*.html") if path.stem not in {"_figure", "_parts"})
STACK_TEMPLATE = parse_template((ROOT / "cfn" / "role.yaml").read_text())
NAME = "northwind-7kq2m9xd"
PICTURE = Picture(
    vendor_name="Northwind Cost",
    region="us-east-1",
    region_name="N. Virginia",
    account_id="111122223333",
    stack_name=NAME,
    role_name=NAME,
    role_arn=f"arn:aws:iam::111122223333:role/{NAME}",
    external_id=f"{NAME}-5f0c1e9b7a64d2f8830b6ce14a97d35e",
    template_url="https://templates.s3.amazonaws.com/role.yaml",
)
VOID = {"input", "br", "meta", "link"}
WORDS = ("title", "head", "label", "pick", "b", "tab", "on", "hint", "crumb", "who", "info", "th")


class Element:
    def __init__(self, tag: str, attributes: dict[str, str | None]) -> None:
        self.tag = tag
        self.attributes = attributes
        self.text = ""

    @property
    def classes(self) -> list[str]:
        return (self.attributes.get("class") or "").split()

    @property
    def words(self) -> str:
        return " ".join(self.text.replace("✓", "").split())


class Page(HTMLParser):
    """Every element of a fragment in order, each with the text inside it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(html)
        assert self._open == [], "every element is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self._open and self._open[-1].tag == tag, f"</{tag}> closes what was opened last"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    def of_class(self, name: str) -> list[Element]:
        return [element for element in self.elements if name in element.classes or (name, element.tag) == ("th", "th")]

    def values(self) -> list[str]:
        """What the fields hold: as text in a picture, as the value of an input on a live page."""
        return [element.attributes.get("value") or element.words for element in self.of_class("field")]


def a_live_context() -> dict[str, Any]:
    """What the stand-in console gives a page for the shipped stack template, made whole."""
    interface = STACK_TEMPLATE["Metadata"]["AWS::CloudFormation::Interface"]
    return {
        "picture": PICTURE,
        "live": True,
        "errors": {},
        "alert": "",
        "acknowledged": True,
        "links": dict.fromkeys(("Stack info", "Events", "Resources", "Outputs", "Template"), "/"),
        "group": interface["ParameterGroups"][0]["Label"]["default"],
        "parameters": [
            {
                "name": name,
                "label": interface["ParameterLabels"][name]["default"],
                "description": declared["Description"],
                "value": PICTURE.external_id,
            }
            for name, declared in STACK_TEMPLATE["Parameters"].items()
        ],
        "stack_description": STACK_TEMPLATE["Description"],
        "stack_status": "CREATE_COMPLETE",
        "session_duration": f"{STACK_TEMPLATE['Resources']['Role']['Properties']['MaxSessionDuration'] // 3600} hour",
        "resources": [
            {"logical_id": logical_id, "physical_id": NAME, "type": resource["Type"], "status": "CREATE_COMPLETE"}
            for logical_id, resource in STACK_TEMPLATE["Resources"].items()
        ],
        "events": [{"at": "2026-01-02 10:03:41", "logical_id": NAME, "status": "CREATE_COMPLETE", "reason": ""}],
    }


@pytest.fixture(scope="module", params=[True, False], ids=["trimmed", "untrimmed"])
def environment(request: pytest.FixtureRequest) -> Environment:
    made = Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=request.param,
        lstrip_blocks=request.param,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    return made


@pytest.fixture(scope="module")
def picture_of(environment: Environment) -> Callable[..., Page]:
    figure = environment.get_template("console/_figure.html").module.figure  # type: ignore[attr-defined]
    return lambda page, picture=PICTURE: Page(str(figure(page, picture)))


@pytest.fixture(scope="module")
def live(environment: Environment) -> Callable[..., Page]:
    def render(page: str, **more: Any) -> Page:
        return Page(environment.get_template(f"console/_{page}.html").render(**a_live_context() | more))

    return render


def test_there_is_a_drawing_for_each_step_in_aws() -> None:
    asked = {"quick_create", "create_stack", "stack_details", "stack_options", "review"}
    assert set(PAGES) == asked | {"stack_events", "stack_resources", "role"}


@pytest.mark.parametrize("page", PAGES)
def test_a_picture_holds_nothing_to_press_and_leaves_the_pages_outline_alone(
    picture_of: Callable[..., Page], page: str
) -> None:
    picture = picture_of(page)

    tags = {element.tag for element in picture.elements}
    assert tags <= {"figure", "figcaption", "div", "span", "b", "br", "table", "thead", "tbody", "tr", "th", "td"}
    assert not [e.attributes for e in picture.elements if {"id", "tabindex", "style", "name"} & set(e.attributes)]


@pytest.mark.parametrize("page", PAGES)
def test_a_picture_marks_exactly_one_thing_to_press(picture_of: Callable[..., Page], page: str) -> None:
    assert [element.attributes["data-mark"] for element in picture_of(page).of_class("mark")] == ["press this"]


@pytest.mark.parametrize("page", PAGES)
def test_a_picture_says_in_words_which_page_it_shows(picture_of: Callable[..., Page], page: str) -> None:
    figure, caption, drawing = picture_of(page).elements[:3]
    assert figure.classes == ["console"]
    assert caption.words == "This is how it will look in AWS. A drawing with your own values."
    assert drawing.attributes["role"] == "img"
    assert (drawing.attributes["aria-label"] or "").startswith("Picture of ")


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("kind", WORDS)
def test_a_picture_and_the_working_page_say_the_same(
    picture_of: Callable[..., Page], live: Callable[..., Page], page: str, kind: str
) -> None:
    def said(shown: Page) -> list[str]:
        return [element.words for element in shown.of_class(kind) if element.words]

    assert said(live(page)) == said(picture_of(page))


@pytest.mark.parametrize("page", PAGES)
def test_a_picture_and_the_working_page_have_the_same_fields_with_the_same_values(
    picture_of: Callable[..., Page], live: Callable[..., Page], page: str
) -> None:
    assert live(page).values() == picture_of(page).values()


@pytest.mark.parametrize("page", ["quick_create", "create_stack", "stack_details", "stack_options", "review"])
def test_the_working_page_works(live: Callable[..., Page], page: str) -> None:
    shown = live(page)

    assert {e.tag for e in shown.of_class("b")} == {"button"}
    assert {e.tag for e in shown.of_class("field")} <= {"input"}
    assert [e.tag for e in shown.elements if "title" in e.classes] == ["h1"]
    assert shown.of_class("mark") == [] and shown.of_class("note") == []
    labelled = {e.attributes.get("for") for e in shown.elements if e.tag == "label"}
    assert {e.attributes["id"] for e in shown.of_class("field")} <= labelled


def test_a_working_field_shows_what_is_wrong_beside_itself(live: Callable[..., Page]) -> None:
    shown = live("stack_details", errors={"param_ExternalId": "must match pattern"})

    [field] = [e for e in shown.of_class("field") if e.attributes.get("aria-invalid") == "true"]
    [error] = shown.of_class("error")
    assert field.attributes["name"] == "param_ExternalId"
    assert error.words == "must match pattern"
    assert error.attributes["id"] in (field.attributes["aria-describedby"] or "").split()


@pytest.mark.parametrize("page", PAGES)
def test_a_picture_without_an_account_shows_none(picture_of: Callable[..., Page], page: str) -> None:
    nobody = Picture(**{**vars(PICTURE), "account_id": "", "role_arn": "arn:aws:iam::…:role/" + NAME})

    [who] = picture_of(page, nobody).of_class("who")

    assert who.words.endswith("you @ your account")


def test_a_picture_shows_the_tenants_values_as_text_whatever_is_in_them(picture_of: Callable[..., Page]) -> None:
    hostile = Picture(**{**vars(PICTURE), "stack_name": "<script>alert(1)</script>"})

    shown = picture_of("stack_details", hostile)

    assert "<script>alert(1)</script>" in shown.values()
    assert "script" not in {element.tag for element in shown.elements}


def test_the_pictures_describe_things_in_the_stack_templates_words(picture_of: Callable[..., Page]) -> None:
    shown = picture_of("quick_create")

    assert list(STACK_TEMPLATE["Parameters"]) == ["ExternalId"]
    assert STACK_TEMPLATE["Parameters"]["ExternalId"]["Description"] in [e.words for e in shown.of_class("hint")]
    [description] = [e.words for e in shown.of_class("fact") if e.words.startswith("Stack description")]
    words = description.removeprefix("Stack description").removesuffix("…").strip()
    assert len(words) > 40 and STACK_TEMPLATE["Description"].startswith(words)


def test_the_drawings_stylesheet_stays_small_and_to_itself() -> None:
    css = (ROOT / "static" / "console.css").read_text()

    assert len(css.encode()) < 6000
    rules = css.split("*/", 1)[1].replace("@media (max-width: 40rem) {", "")
    selectors = [rule.rpartition("}")[2].strip() for rule in rules.split("{")[:-1]]
    outside = [s for s in selectors for part in _parts(s) if not part.strip().startswith(".console")]
    assert outside == []


def _parts(selector: str) -> list[str]:
    """Split a selector list at the commas that are not inside brackets."""
    parts, depth = [""], 0
    for character in selector:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts
