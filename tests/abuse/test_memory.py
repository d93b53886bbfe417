"""No request makes the web process take much more memory than it is long, even for a moment."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

import pytest

from tests.abuse.asked import Ask, Place
from tests.abuse.bodies import FORM_BODIES, HEADS, JSON_BODIES
from tests.abuse.house import House
from tests.abuse.texts import TEXTS
from tests.web.framed import HEADER

# A body of 64 kB, parsed into 32,000 fields of some 150 bytes each, and the page about it.
MOST_BYTES = 24 * 1024 * 1024
BOMB = TEXTS["a compressed token"]


@pytest.fixture
def peak(house) -> Iterator[object]:
    """`peak(ask)`: how many bytes the application held at once while it answered."""
    assert house.read, "every template and catalogue is loaded by now"
    tracemalloc.start()

    def measure(ask: Ask) -> int:
        run = house.prepared(ask)
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        assert not run().complaint
        return tracemalloc.get_traced_memory()[1] - before

    yield measure
    tracemalloc.stop()


def posts(house: House) -> list[Ask]:
    """One form in a frame, which looks for its session in its fields, and the API."""
    rules = ("/framed/connect/<connection_id>/role", "/api/v1/launches")
    return [ask for ask in house.asks if ask.method == "POST" and ask.rule in rules]


def test_no_body_takes_much_more_memory_than_it_is_long(house, peak):
    for ask in posts(house):
        for shape, spoil in (FORM_BODIES if ask.json is None else JSON_BODIES).items():
            assert peak(spoil(ask, 1.0)) < MOST_BYTES, f"{ask}: {shape}"


def test_no_head_takes_much_more_memory_than_it_is_long(house, peak):
    for shape, spoil in HEADS.items():
        assert peak(spoil(house.asks[0], 1.0)) < MOST_BYTES, shape


def test_a_token_that_we_did_not_sign_is_not_unpacked(house, peak):
    places = {Place("cookies", "__Host-rolecall"), Place("headers", HEADER), Place("values", "token")}
    tried = {place: ask for ask, place, _ in house.places() if place in places and ask.method == "GET"}

    assert tried.keys() == places
    for place, ask in tried.items():
        # It becomes seven million characters.
        assert peak(ask.filled(place, BOMB, part=1.0)) < MOST_BYTES // 6, f"{ask} {place}"
