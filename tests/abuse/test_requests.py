"""No request, however bad, costs the web process more than 50 ms, grows faster than its size, or breaks it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping

import pytest
from flask_wtf import FlaskForm

import views.forms
from config import PROJECT
from tests.abuse.asked import Ask, Place
from tests.abuse.bodies import FORM_BODIES, HEADS, JSON_BODIES, Spoiling
from tests.abuse.house import House
from tests.abuse.measuring import IS_WHOLE, REQUEST_MS, Bench, Making, Preparing, sample
from tests.abuse.policies import ALL_POLICIES, as_pasted
from tests.abuse.texts import TEXTS, Text
from tests.guards.source_files import sources

PASTED = {**TEXTS, **{name: as_pasted(policy) for name, policy in ALL_POLICIES.items()}}


def making(house: House, ask: Ask, spoil: Spoiling) -> Making:
    """Return what makes the spoilt request ready to be measured, at any part of its full size."""

    def make(part: float) -> Preparing:
        spoilt = spoil(ask, part)
        return lambda: house.prepared(spoilt)

    return make


def filling(place: Place, text: Text, longest: int | None) -> Spoiling:
    return lambda ask, part: ask.filled(place, text, part=part, longest=longest)


def of_places(house: House) -> Iterator[tuple[Ask, str, str, Spoiling]]:
    """Every text in every place, once for each name, and other texts at each further route that reads the name.

    In `make test` only some texts, once for each name.
    """
    seen: set[Place] = set()
    for number, (ask, place, longest) in enumerate(house.places()):
        if place in seen and not IS_WHOLE:
            continue
        # What takes as much as a policy gets policies too.
        texts: Mapping[str, Text] = PASTED if longest and longest > 10_000 else TEXTS
        for shape, text in sample(texts, one_in=23, of=number, always=IS_WHOLE and place not in seen):
            for most in {longest, None}:
                yield ask, f"{ask} {place}", shape, filling(place, text, most)
        seen.add(place)


def of_whole_requests(house: House) -> Iterator[tuple[Ask, str, str, Spoiling]]:
    """Every bad body at every route that takes one, and every bad head; in `make test`, some at each."""
    for number, ask in enumerate(house.asks):
        bodies = {} if ask.method == "GET" else JSON_BODIES if ask.json is not None else FORM_BODIES
        for kind, spoilers in (("body", bodies), ("head", HEADS)):
            for shape, spoil in sample(spoilers, one_in=19, of=number, always=IS_WHOLE):
                yield ask, f"{ask} {kind}", shape, spoil


@pytest.mark.parametrize("inputs", [of_places, of_whole_requests], ids=["places", "whole requests"])
def test_no_request_costs_too_much_or_breaks_anything(house, tables, inputs):
    bench = tables.setdefault(inputs.__name__, Bench(REQUEST_MS))

    found = [bench.fault(entry, shape, making(house, ask, spoil)) for ask, entry, shape, spoil in inputs(house)]

    assert list(filter(None, found)) == []
    assert len(bench.tried) > 50


def test_every_field_of_every_form_is_tried(house):
    forms = {form for _, seen in house.read for form in seen.forms}
    tried = {place.name for _, place, _ in house.places()}
    ours = {
        f
        for _, f in inspect.getmembers(views.forms, inspect.isclass)
        if issubclass(f, FlaskForm) and f is not FlaskForm
    }

    # A form that others extend is tried as those.
    assert {f for f in ours - forms if not any(issubclass(other, f) for other in forms)} == set()
    assert {name for _, seen in house.read for fields in seen.forms.values() for name in fields} <= tried


@pytest.mark.parametrize(
    ("read_by", "kinds"),
    [
        (r'request\.headers(?:\.get\(|\[)"([\w-]+)"', {"headers"}),
        (r'request\.(?:args|form|values)(?:\.get\(|\[)"(\w+)"', {"query", "fields"}),
        (r'request\.cookies(?:\.get\(|\[)"(\w+)"', {"cookies"}),
    ],
    ids=["headers", "parameters", "cookies"],
)
def test_everything_that_the_code_reads_of_a_request_is_tried(house, read_by, kinds):
    text = "\n".join(sources(PROJECT, {"app", "views"}).values())
    tried = {place.name for _, place, _ in house.places() if place.kind in kinds}

    assert set(re.findall(read_by, text)) - tried == set(), "no request of tests/abuse/house.py reaches the code"
