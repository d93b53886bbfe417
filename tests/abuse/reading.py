"""Watches what a request reads: the headers, cookies, parameters and fields that some code asked for by name.

That is how the suite knows every way in: nobody lists them, so nobody can forget to list one.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from flask import Flask, request
from werkzeug.datastructures import ImmutableMultiDict
from wtforms.form import BaseForm


@dataclass
class Reading:
    """The names that were asked for. `longest` is the longest text that a form's field takes, where it says so."""

    headers: set[str] = field(default_factory=set)
    cookies: set[str] = field(default_factory=set)
    parameters: set[str] = field(default_factory=set)
    fields: set[str] = field(default_factory=set)
    forms: dict[type, tuple[str, ...]] = field(default_factory=dict)
    longest: dict[str, int] = field(default_factory=dict)


class _Names(ImmutableMultiDict[str, Any]):
    """Parameters, fields or cookies that remember which of them were asked for, there or not."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self._ask(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self._ask(str(name))
        return super().__contains__(name)

    def getlist(self, name: str, type: Any = None) -> Any:
        self._ask(name)
        return super().getlist(name, type) if type else super().getlist(name)

    def _ask(self, name: str) -> None:
        vars(self).setdefault("asked", set()).add(name)


class WatchedEnviron(dict[str, Any]):
    """A WSGI environ that remembers the headers that were asked for."""

    def __init__(self, given: dict[str, Any], asked: set[str]) -> None:
        super().__init__(given)
        self._asked = asked

    def __getitem__(self, name: str) -> Any:
        self._ask(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self._ask(str(name))
        return super().__contains__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self._ask(name)
        return super().get(name, default)

    def _ask(self, name: str) -> None:
        if name.startswith("HTTP_"):
            self._asked.add(name.removeprefix("HTTP_").replace("_", "-").title())
        elif name == "CONTENT_TYPE":
            self._asked.add("Content-Type")


@contextmanager
def watched(app: Flask) -> Iterator[Reading]:
    """Yield what the application's requests read in the meantime."""
    seen = Reading()
    plain = BaseForm.process

    def process(form: BaseForm, formdata: Any = None, *given: Any, **values: Any) -> None:
        plain(form, formdata, *given, **values)
        if formdata is not None and type(form).__module__ == "views.forms":
            seen.forms[type(form)] = tuple(form._fields)
            seen.longest |= {name: most for name, each in form._fields.items() if (most := _longest(each))}

    def note(error: BaseException | None = None) -> None:
        for names, kept in ((seen.parameters, "args"), (seen.fields, "form"), (seen.cookies, "cookies")):
            names.update(getattr(vars(request).get(kept), "asked", ()))

    watching = {"parameter_storage_class": _Names, "dict_storage_class": _Names}
    app.teardown_request_funcs.setdefault(None, []).append(note)
    with patch.multiple(app.request_class, **watching), patch.object(BaseForm, "process", process):
        yield seen
    app.teardown_request_funcs[None].remove(note)


def _longest(field: Any) -> int | None:
    """Return the length that a validator of the field allows: WTForms' own, or ours, which keeps it in its closure."""
    own = [v.max for v in field.validators if getattr(v, "max", -1) > 0]
    ours = [inspect.getclosurevars(v).nonlocals.get("longest") for v in field.validators if inspect.isfunction(v)]
    return min(filter(None, (*own, *ours)), default=None)
