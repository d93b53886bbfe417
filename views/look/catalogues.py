"""The catalogues of translations, one for each language, read at start so that nobody has to compile them.

A language is offered if it has `translations/<code>/LC_MESSAGES/messages.po`. English has none: the sentences in the
code are English.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask_babel import Domain, get_locale

log = logging.getLogger("rolecall.views")

ENGLISH = "en"
DOMAIN = "messages"
_GAP = re.compile(r"%\(\w+\)s|\{\w+\}|%%")


class Catalogues(Domain):  # type: ignore[misc]
    """All languages. `names` maps each code to the language's own name, `codes` a code in small letters to itself."""

    def __init__(self, translations: Mapping[str, NullTranslations]) -> None:
        super().__init__(domain=DOMAIN)
        self.translations = {ENGLISH: NullTranslations(), **translations}
        self.codes = {code.lower(): code for code in self.translations}

    @classmethod
    def read(cls, folder: Path) -> Catalogues:
        """Return the catalogues in the folder."""
        files = sorted(folder.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))
        return cls({file.parts[-3]: read_translations(file) for file in files})

    @property
    def names(self) -> Mapping[str, str]:
        """The languages to choose from, by their codes."""
        return {code: Locale.parse(code).get_display_name() or code for code in self.translations}

    def closest(self, code: str) -> str:
        """Return our language for a code, or nothing: `de-AT` and `de_at` get `de` unless they have their own."""
        named = code.replace("-", "_").lower()
        return self.codes.get(named) or self.codes.get(named.partition("_")[0], "")

    def get_translations(self) -> NullTranslations:
        """Return the catalogue for the language of this request. Flask-Babel calls this."""
        return self.translations.get(str(get_locale()), self.translations[ENGLISH])


def read_translations(file: Path) -> Translations:
    """Return one catalogue, without translations whose placeholders differ: those stay English, and raise no error."""
    return _translations(file.read_bytes(), locale=file.parts[-3])


@lru_cache(maxsize=32)
def _translations(text: bytes, *, locale: str) -> Translations:
    """Cached, since reading a catalogue takes about 20 ms and every application in a process reads the same ones."""
    catalog = read_po(BytesIO(text), locale=locale, domain=DOMAIN)
    for message in list(catalog):
        if message.id and message.string and gaps(str(message.id)) != gaps(str(message.string)):
            log.warning("translation.unusable language=%s sentence=%r", locale, message.id)
            catalog.delete(message.id)
    return compiled(catalog)


def compiled(catalog: Catalog) -> Translations:
    """Return the catalogue in the form that gettext reads."""
    binary = BytesIO()
    write_mo(binary, catalog)
    binary.seek(0)
    return Translations(binary, domain=DOMAIN)


def gaps(sentence: str) -> set[str]:
    """Return the placeholders in a sentence, and its escaped percent signs."""
    return set(_GAP.findall(sentence))
