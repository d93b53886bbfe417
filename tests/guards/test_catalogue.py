"""Every sentence is in every catalogue, and every catalogue is whole: nothing untranslated, nothing half fitting."""

from __future__ import annotations

import ast
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from jinja2 import Environment

from config import PROJECT
from onboarding.checks import CHECKS
from onboarding.diagnosis import CATALOGUE
from onboarding.wording import Text
from translations.collect import FOLDER, collect
from views.catalogues import gaps

FILES = sorted(FOLDER.glob("*/LC_MESSAGES/messages.po"))
SENTENCES = {str(message.id) for message in collect() if message.id}
LETTER = re.compile(r"[^\W\d_]")
# The drawings show AWS's own words, which stay as AWS has them (docs/decisions/0010); what we say around them is ours.
PAGES = [f for f in (PROJECT / "templates").rglob("*.html") if f.parent.name != "console"]
IN_CODE = [f for folder in ("onboarding", "views") for f in sorted((PROJECT / folder).glob("*.py"))]


def catalogue(file: Path) -> dict[str, str]:
    with file.open("rb") as opened:
        read = read_po(opened, locale=file.parts[-3])
    assert [m.id for m in read if m.id and m.fuzzy] == [], "a guess is no translation"
    return {str(m.id): str(m.string) for m in read if m.id}


def test_german_and_japanese_are_there():
    assert {"de", "ja"} <= {file.parts[-3] for file in FILES}


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.parts[-3])
def test_a_catalogue_has_every_sentence_that_is_said_and_no_other(file):
    assert catalogue(file).keys() ^ SENTENCES == set(), "`make catalogue` adds what is missing; then translate it"


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.parts[-3])
def test_nothing_is_untranslated_and_gaps_and_markup_are_those_of_the_sentence(file):
    for sentence, translation in catalogue(file).items():
        assert translation.strip(), f"untranslated: {sentence}"
        assert gaps(translation) == gaps(sentence), sentence
        assert markup(translation) == markup(sentence), sentence


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.parts[-3])
def test_every_diagnosis_and_every_check_is_translated(file):
    known = catalogue(file)
    said = [text for d in CATALOGUE.values() for text in (d.tenant, d.remedy)]
    said += [text for check in CHECKS.values() for text in (check.question, check.label)]

    assert all(isinstance(text, Text) and known[text.source] for text in said)


def test_japanese_says_nothing_in_latin_letters_alone():
    """What is left as it is in English is a name of AWS's, and those few are named here."""
    same = {s for s, t in catalogue(FOLDER / "ja/LC_MESSAGES/messages.po").items() if s == t}

    assert same == {"Lambda", "{name} ({code})"}


def markup(sentence: str) -> list[str]:
    """Return the tags in a sentence, attributes and all, in an order that no language sets."""
    return sorted(re.findall(r"<[^>]*>", sentence))


@pytest.mark.parametrize("file", PAGES, ids=lambda f: f.relative_to(PROJECT / "templates").as_posix())
def test_no_words_stand_in_a_template_but_through_the_catalogue(file):
    assert words_left_out(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "planted",
    [
        "<p>Hello</p>",
        '<nav aria-label="Steps"></nav>',
        '{{ "Connect" if x else _("Go") }}',
        "<b>{% if x %}Yes{% endif %}",
    ],
)
def test_planted_words_are_found(planted):
    assert words_left_out(planted) != []


@pytest.mark.parametrize(
    "source", ["<p>{{ _('Hello') }}</p>", "{% trans %}Hello{% endtrans %}", '<p class="lead" id="x">{{ name }} · 1</p>']
)
def test_what_goes_through_the_catalogue_is_not_complained_of(source):
    assert words_left_out(source) == []


def words_left_out(source: str) -> list[str]:
    """Return what a template says without asking the catalogue: in its text, its attributes, its expressions."""
    tokens = [(kind, text) for _, kind, text in Environment().lex(source) if kind != "whitespace"]
    html, found, is_asked = "", [], False
    for at, (kind, text) in enumerate(tokens):
        if kind == "name" and text in ("trans", "endtrans") and tokens[at - 1][0] == "block_begin":
            is_asked = text == "trans"
        elif kind == "data":
            html += "" if is_asked else text
        elif kind == "variable_begin":
            html += " "
        elif kind == "string" and tokens[at - 2 : at] != [("name", "_"), ("operator", "(")]:
            # A capital letter at its start or a blank in it: a sentence. Names of endpoints and codes have neither.
            said = text[1:-1]
            found += [said] if re.match(r"[A-Z][a-z]|.*\w ", said) and said not in _NAMES else []
    reader = _Words()
    reader.feed(html)
    return found + reader.found


# Classes of a stylesheet, which have a blank between them, an ID, and what the sandbox's landing page starts with.
_NAMES = {"copy secondary outline", " account_id_error", "Acme GmbH"}


class _Words(HTMLParser):
    _READ_OUT = ("aria-label", "title", "alt", "placeholder", "data-copied", "data-mark")

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in self._READ_OUT and value and LETTER.search(value) and not value.strip().startswith("arn:"):
                self.found.append(f"{name}={value}")

    def handle_data(self, data: str) -> None:
        if LETTER.search(data):
            self.found.append(data.strip())


@pytest.mark.parametrize("file", IN_CODE, ids=lambda f: f.relative_to(PROJECT).as_posix())
def test_what_is_said_in_code_is_written_out_so_that_it_can_be_collected(file):
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say":
            first = node.args[0]
            assert isinstance(first, ast.Constant) and first.value in SENTENCES, f"line {node.lineno}"
