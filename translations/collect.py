"""Collects every sentence that tenants read, and updates the catalogues: `make catalogue`.

The sentences are in the templates (`_("…")`, `{% trans %}`), in the code (`say("…")`) and in the stack template's
permissions. A sentence that a catalogue lacks is added without a translation; a guard test finds it there.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from onboarding.stack_template.template import StackTemplate

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "translations"
STACK_TEMPLATE = ROOT / "cfn" / "role.yaml"
_WIDTH = 120
_HEAD: dict[str, Any] = {
    "project": "Rolecall",
    "version": "1",
    "header_comment": "# Every sentence that tenants read. Kept by `make catalogue`.",
    "msgid_bugs_address": "see SECURITY.md and CONTRIBUTING.md",
    "last_translator": "Rolecall",
    "language_team": "Rolecall",
    "revision_date": datetime(2026, 1, 1, tzinfo=UTC),
    "creation_date": datetime(2026, 1, 1, tzinfo=UTC),
    "charset": "utf-8",
    "fuzzy": False,
}
_IN_CODE = ("onboarding", "views")
# The application's own settings, or the sentences would differ in white space.
_JINJA = {
    "extensions": "jinja2.ext.i18n",
    "trimmed": "true",
    "trim_blocks": "true",
    "lstrip_blocks": "true",
    "newstyle_gettext": "true",
    "silent": "false",
}


def collect() -> Catalog:
    """Return every sentence, with the files that it is in."""
    catalog = Catalog(project="Rolecall", charset="utf-8")
    for file, sentence in sorted(_sentences()):
        # No line numbers, so that only a changed sentence changes the catalogue.
        catalog.add(sentence, locations=[(file, 0)])
    return catalog


def update(file: Path) -> None:
    """Add missing sentences to one catalogue, and remove those that are not used any more."""
    language = file.parts[-3]
    catalog = Catalog(locale=language, **_HEAD)
    if file.exists():
        with file.open("rb") as opened:
            catalog = read_po(opened, locale=language)
    # Fuzzy matching would take the translation of a similar sentence.
    catalog.update(collect(), no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as opened:
        write_po(opened, catalog, width=_WIDTH, include_lineno=False, sort_by_file=True)


def _sentences() -> Iterator[tuple[str, str]]:
    for folder in _IN_CODE:
        yield from _found(folder, "**.py", "python", {"say": None})
    for pattern in ("**.html", "**.txt"):
        yield from _found("templates", pattern, "jinja2", {"_": None, "gettext": None})
    template = StackTemplate.parse(STACK_TEMPLATE.read_text(encoding="utf-8"))
    for told in (*template.permissions, *([template.callback] if template.callback else ())):
        for sentence in (told.title, told.reads, told.why, told.never_reads):
            yield STACK_TEMPLATE.relative_to(ROOT).as_posix(), sentence


def _found(folder: str, pattern: str, method: str, keywords: dict[str, None]) -> Iterator[tuple[str, str]]:
    found = extract_from_dir(ROOT / folder, [(pattern, method)], {pattern: _JINJA}, keywords)
    for name, _, message, _, _ in found:
        assert isinstance(message, str), f"{folder}/{name}: {message} has a plural, which we do not support"
        yield f"{folder}/{name}", message


if __name__ == "__main__":
    for code in {file.parts[-3] for file in FOLDER.glob("*/LC_MESSAGES/messages.po")} | set(sys.argv[1:]):
        update(FOLDER / str(Locale.parse(code)) / "LC_MESSAGES" / "messages.po")
