"""Every sentence is in every catalogue, and every catalogue is whole: nothing untranslated, nothing half fitting."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path

from babel.messages.pofile import read_po
from jinja2 import Environment

from config import PROJECT
from onboarding.diagnosis.catalogue import CATALOGUE
from onboarding.ground.wording import Text
from onboarding.proof.checks import CHECKS
from tests.guards.source_files import files_in, plant, python_files
from translations.collect import FOLDER, STACK_TEMPLATE, collect
from views.look.catalogues import gaps

SENTENCES = {str(message.id) for message in collect() if message.id}
LETTER = re.compile(r"[^\W\d_]")
READ_OUT = ("aria-label", "title", "alt", "placeholder", "data-copied", "data-mark")
# Classes of a stylesheet, which have a blank between them, an ID, and what the sandbox's landing page starts with.
NAMES = {"copy secondary outline", " account_id_error", "Acme GmbH"}


def catalogue(file: Path) -> dict[str, str]:
    with file.open("rb") as opened:
        read = read_po(opened, locale=file.parts[-3])
    assert [m.id for m in read if m.id and m.fuzzy] == [], "a guess is no translation"
    return {str(m.id): str(m.string) for m in read if m.id}


CATALOGUES = {file.parts[-3]: catalogue(file) for file in files_in(FOLDER, "messages.po")}


def unfitting(translations: Mapping[str, str]) -> list[str]:
    """Return the sentences without a translation, or with one that has other gaps or other markup."""
    return [
        sentence
        for sentence, translation in translations.items()
        if not translation.strip() or gaps(translation) != gaps(sentence) or markup(translation) != markup(sentence)
    ]


def markup(sentence: str) -> list[str]:
    """Return the tags in a sentence, attributes and all, in an order that no language sets."""
    return sorted(re.findall(r"<[^>]*>", sentence))


def words_left_out_in(folder: Path) -> list[str]:
    """Return the words in every template that do not go through the catalogue, each after its file."""
    files = [(file.relative_to(folder), file.read_text(encoding="utf-8")) for file in files_in(folder, "*.html")]
    # The drawings show AWS's own words, which stay as AWS has them (docs/decisions/0010).
    ours = [(name, source) for name, source in files if name.parts[0] != "console"]
    return [f"{name}: {words}" for name, source in ours for words in words_left_out(source)]


def not_written_out(root: Path) -> list[str]:
    """Return where code calls `say` with anything but a sentence that is in the catalogue."""
    return [
        f"{file.relative_to(root)}:{node.lineno}"
        for file in python_files(root, ["onboarding", "views"])
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say"
        if not (isinstance(node.args[0], ast.Constant) and node.args[0].value in SENTENCES)
    ]


def test_german_and_japanese_are_there():
    assert {"de", "ja"} <= CATALOGUES.keys()


def test_every_catalogue_has_every_sentence_that_is_said_and_no_other():
    differing = [(language, s) for language, known in CATALOGUES.items() for s in known.keys() ^ SENTENCES]

    assert differing == [], "`make catalogue` adds what is missing; then translate it"


def test_nothing_is_untranslated_and_gaps_and_markup_are_those_of_the_sentence():
    assert [(language, s) for language, known in CATALOGUES.items() for s in unfitting(known)] == []


def test_planted_translations_that_do_not_fit_are_found():
    planted = {"Go": " ", "Hello {name}": "Hallo {nmae}", "<b>Stop</b>": "Halt"}

    assert unfitting(planted | {"<b>Hello {name}</b>": "<b>Hallo {name}</b>"}) == list(planted)


def test_every_diagnosis_and_every_check_is_translated():
    said = [text for d in CATALOGUE.values() for text in (d.tenant, d.remedy)]
    said += [text for check in CHECKS.values() for text in (check.question, check.label)]

    assert [text for text in said if not isinstance(text, Text)] == []
    assert [(code, t) for code, known in CATALOGUES.items() for t in said if not known.get(t.source)] == []


def test_japanese_says_nothing_in_latin_letters_alone():
    """What is left as it is in English is a name of AWS's, and those few are named here."""
    same = {s for s, t in CATALOGUES["ja"].items() if s == t}

    assert same == {"Lambda", "{name} ({code})"}


def test_no_words_stand_in_a_template_but_through_the_catalogue():
    assert words_left_out_in(PROJECT / "templates") == [], "write them as `_(…)` or `{% trans %}`"


def test_planted_words_are_found_in_sub_folders_too(tmp_path):
    planted = {
        "<p>Hello</p>": "Hello",
        '<nav aria-label="Steps"></nav>': "aria-label=Steps",
        '{{ "Connect" if x else _("Go") }}': "Connect",
        "<b>{% if x %}Yes{% endif %}": "Yes",
    }
    for number, source in enumerate(planted):
        plant(tmp_path, f"x{number}.html", source)
        plant(tmp_path, f"room/deep/x{number}.html", source)

    assert words_left_out_in(tmp_path) == [
        f"{folder}x{number}.html: {words}"
        for folder in ("room/deep/", "")
        for number, words in enumerate(planted.values())
    ]


def test_what_goes_through_the_catalogue_is_not_complained_of():
    fine = ["<p>{{ _('Hello') }}</p>", "{% trans %}Hello{% endtrans %}", '<p class="lead" id="x">{{ name }} · 1</p>']

    assert [source for source in fine if words_left_out(source)] == []


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
            found += [said] if re.match(r"[A-Z][a-z]|.*\w ", said) and said not in NAMES else []
    reader = _Words()
    reader.feed(html)
    return found + reader.found


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in READ_OUT and value and LETTER.search(value) and not value.strip().startswith("arn:"):
                self.found.append(f"{name}={value}")

    def handle_data(self, data: str) -> None:
        if LETTER.search(data):
            self.found.append(data.strip())


def test_what_is_said_in_code_is_written_out_so_that_it_can_be_collected():
    assert not_written_out(PROJECT) == [], 'write a literal: `say("… {name} …", name=name)`'


def test_planted_sentences_that_cannot_be_collected_are_found_in_sub_folders_too(tmp_path):
    planted = ["onboarding/room/x.py", "onboarding/x.py", "views/room/x.py"]
    for path in planted:
        plant(tmp_path, path, "say(sentence)")
    plant(tmp_path, "views/room/y.py", f"say({sorted(SENTENCES)[0]!r})\nsay('Nobody collected this.')")

    assert not_written_out(tmp_path) == [f"{path}:1" for path in planted] + ["views/room/y.py:2"]


def test_sentences_in_sub_folders_are_collected(tmp_path, monkeypatch):
    for folder in ("onboarding", "onboarding/room/deep", "views/room"):
        plant(tmp_path, f"{folder}/x.py", f"say('In code in {folder}.')")
    plant(tmp_path, "templates/room/x.html", "{{ _('In a template.') }}")
    plant(tmp_path, "cfn/role.yaml", STACK_TEMPLATE.read_text(encoding="utf-8"))
    monkeypatch.setattr("translations.collect.ROOT", tmp_path)
    monkeypatch.setattr("translations.collect.STACK_TEMPLATE", tmp_path / "cfn/role.yaml")

    in_code = {f"In code in {folder}." for folder in ("onboarding", "onboarding/room/deep", "views/room")}
    assert {str(message.id) for message in collect()} > {"In a template.", *in_code}
