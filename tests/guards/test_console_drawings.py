"""The drawn AWS pages: harmless as pictures, and in the same words as the stand-in console that really works."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from config import PROJECT
from tests.guards.drawings import NAME, PICTURE, STACK_TEMPLATE, Drawings, Page
from tests.guards.source_files import plant
from views.look.sent_files import sent_files

WORDS = ("title", "head", "label", "pick", "b", "tab", "on", "hint", "crumb", "who", "info", "th")
IN_A_PICTURE = {"figure", "figcaption", "div", "span", "b", "br", "table", "thead", "tbody", "tr", "th", "td"}
WORKING = ("quick_create", "create_stack", "stack_details", "stack_options", "review")


@pytest.fixture(scope="module", params=[True, False], ids=["trimmed", "untrimmed"])
def drawings(request: pytest.FixtureRequest) -> Drawings:
    return Drawings(PROJECT / "templates", request.param)


def things_to_press(pictures: dict[str, Page]) -> list[str]:
    """Return what a picture must not hold: controls, and what would change the outline or the focus of the page."""
    forbidden = {"id", "tabindex", "style", "name"}
    return [
        f"{name}: {element.tag} {element.attributes}"
        for name, picture in pictures.items()
        for element in picture.elements
        if element.tag not in IN_A_PICTURE or forbidden & set(element.attributes)
    ]


def wrongly_marked(pictures: dict[str, Page]) -> list[str]:
    """Return the pictures that do not mark exactly one thing to press."""
    marks = {
        name: [e.attributes.get("data-mark") for e in picture.of_class("mark")] for name, picture in pictures.items()
    }
    return [name for name, found in marks.items() if found != ["press this"]]


def without_words(pictures: dict[str, Page]) -> Iterator[str]:
    """Yield the pictures that do not say in words which page they show."""
    for name, shown in pictures.items():
        figure, caption, drawing = shown.elements[:3]
        said = (
            figure.classes == ["console"],
            caption.words == "This is how it will look in AWS. A drawing with your own values.",
            drawing.attributes.get("role") == "img",
            (drawing.attributes.get("aria-label") or "").startswith("Picture of "),
        )
        if not all(said):
            yield name


def words_that_differ(name: str, picture: Page, live: Page) -> list[str]:
    """Return the kinds of words in which a picture and the working page differ."""

    def said(shown: Page, kind: str) -> list[str]:
        return [element.words for element in shown.of_class(kind) if element.words]

    return [f"{name}: {kind}" for kind in WORDS if said(picture, kind) != said(live, kind)]


def faults_of_a_working_page(shown: Page) -> dict[str, Any]:
    """Return what does not work on a page of the stand-in console, by what is wrong."""
    fields = shown.of_class("field")
    labelled = {e.attributes.get("for") for e in shown.elements if e.tag == "label"}
    found = {
        "a button that is none": [e.words for e in shown.of_class("b") if e.tag != "button"],
        "no button": not shown.of_class("b"),
        "a field that is none": [e.words for e in fields if e.tag != "input"],
        "titles": [e.tag for e in shown.elements if "title" in e.classes if e.tag != "h1"],
        "not one title": len([e for e in shown.elements if "title" in e.classes]) != 1,
        "a mark or a note": [e.words for e in (*shown.of_class("mark"), *shown.of_class("note"))],
        "no label": [e.attributes["id"] for e in fields if e.attributes["id"] not in labelled],
    }
    return {fault: where for fault, where in found.items() if where}


def test_there_is_a_drawing_for_each_step_in_aws(drawings: Drawings) -> None:
    assert set(drawings.names) == {*WORKING, "stack_events", "stack_resources", "role"}


def test_no_picture_holds_anything_to_press_or_changes_the_pages_outline(drawings: Drawings) -> None:
    assert things_to_press(drawings.pictures()) == []


def test_every_picture_marks_exactly_one_thing_to_press(drawings: Drawings) -> None:
    assert wrongly_marked(drawings.pictures()) == []


def test_every_picture_says_in_words_which_page_it_shows(drawings: Drawings) -> None:
    assert list(without_words(drawings.pictures())) == []


def test_a_picture_and_the_working_page_say_the_same(drawings: Drawings) -> None:
    pictures = drawings.pictures().items()

    assert [d for name, picture in pictures for d in words_that_differ(name, picture, drawings.live(name))] == []


def test_a_picture_and_the_working_page_have_the_same_fields_with_the_same_values(drawings: Drawings) -> None:
    pictures = drawings.pictures().items()

    assert [name for name, picture in pictures if picture.values() != drawings.live(name).values()] == []


def test_every_working_page_works(drawings: Drawings) -> None:
    faults = {name: faults_of_a_working_page(drawings.live(name)) for name in WORKING}

    assert [(name, found) for name, found in faults.items() if found] == []


def test_planted_drawings_are_found_in_sub_folders_too(tmp_path) -> None:
    for folder in ("", "room/deep/"):
        plant(
            tmp_path / "console",
            f"{folder}_x.html",
            '{% if live %}<i class="title">Create</i><input class="field" id="a" value="1">'
            '{% else %}<p class="field" id="a">2</p>{% endif %}<button>Go</button>',
        )
    plant(
        tmp_path / "console",
        "_figure.html",
        "{% macro figure(name, picture) %}{% set live = false %}<div></div><span></span>"
        '{% include "console/" ~ (name | replace("x", "_x")) ~ ".html" %}{% endmacro %}',
    )
    planted = Drawings(tmp_path, is_trimmed=True)
    names = ["room/deep/x", "x"]
    pictures = planted.pictures()

    assert sorted(planted.names) == names
    assert [line.partition(" {")[0] for line in things_to_press(dict(sorted(pictures.items())))] == [
        f"{name}: {tag}" for name in names for tag in ("p", "button")
    ]
    assert sorted(wrongly_marked(pictures)) == sorted(without_words(pictures)) == names
    shown = planted.live("x")
    assert words_that_differ("x", pictures["x"], shown) == ["x: title"]
    assert pictures["x"].values() != shown.values()
    assert set(faults_of_a_working_page(shown)) == {"no button", "titles", "no label"}


def test_a_working_field_shows_what_is_wrong_beside_itself(drawings: Drawings) -> None:
    shown = drawings.live("stack_details", errors={"param_ExternalId": "must match pattern"})

    [field] = [e for e in shown.of_class("field") if e.attributes.get("aria-invalid") == "true"]
    [error] = shown.of_class("error")
    assert field.attributes["name"] == "param_ExternalId"
    assert error.words == "must match pattern"
    assert error.attributes["id"] in (field.attributes["aria-describedby"] or "").split()


def test_a_picture_without_an_account_shows_none(drawings: Drawings) -> None:
    nobody = replace(PICTURE, account_id="", role_arn="arn:aws:iam::…:role/" + NAME)

    who = {name: [e.words for e in picture.of_class("who")] for name, picture in drawings.pictures(nobody).items()}

    assert [n for n, words in who.items() if len(words) != 1 or not words[0].endswith("you @ your account")] == []


def test_a_picture_shows_the_tenants_values_as_text_whatever_is_in_them(drawings: Drawings) -> None:
    hostile = replace(PICTURE, stack_name="<script>alert(1)</script>")

    shown = drawings.picture("stack_details", hostile)

    assert "<script>alert(1)</script>" in shown.values()
    assert "script" not in {element.tag for element in shown.elements}


def test_the_pictures_describe_things_in_the_stack_templates_words(drawings: Drawings) -> None:
    shown = drawings.picture("quick_create")

    assert list(STACK_TEMPLATE["Parameters"]) == ["ExternalId"]
    assert STACK_TEMPLATE["Parameters"]["ExternalId"]["Description"] in [e.words for e in shown.of_class("hint")]
    [description] = [e.words for e in shown.of_class("fact") if e.words.startswith("Stack description")]
    words = description.removeprefix("Stack description").removesuffix("…").strip()
    assert len(words) > 40 and STACK_TEMPLATE["Description"].startswith(words)


def test_the_drawings_stylesheet_stays_small_and_to_itself() -> None:
    css = sent_files(PROJECT / "static")["console.css"].decode()

    # The formatter's line breaks and indentation do not count: they cost next to nothing once compressed.
    assert sum(len(line.strip().encode()) for line in css.splitlines()) < 5650
    rules = css.replace("@media (max-width: 40rem) {", "")
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
