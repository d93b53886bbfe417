"""A form that no page of ours can have sent is refused before its fields are parsed."""

from __future__ import annotations

import pytest

from views.guard.bodies import MOST_FIELDS

URL_ENCODED = "application/x-www-form-urlencoded"


@pytest.fixture
def typed(stranger):
    return {"csrf_token": stranger.token("/"), "company": "Acme"}


def filled(typed, count):
    return {**typed, **{f"f{number}": "x" for number in range(count - len(typed))}}


@pytest.mark.parametrize("kind", [URL_ENCODED, "multipart/form-data"])
def test_a_form_of_more_fields_than_any_of_ours_is_413(stranger, typed, kind):
    accepted, refused = (
        stranger.open("POST", "/language", data=filled(typed, count), content_type=kind).status_code
        for count in (MOST_FIELDS, MOST_FIELDS + 1)
    )

    assert (accepted, refused) == (303, 413)


@pytest.mark.parametrize("value", ["%ED%A0%80", "%ff", "\udcff", "%C3"])
def test_a_form_in_bytes_that_no_browser_sends_is_400(stranger, typed, value):
    body = f"csrf_token={typed['csrf_token']}&language={value}".encode("utf-8", "surrogateescape")

    assert stranger.open("POST", "/language", data=body, content_type=URL_ENCODED).status_code == 400


def test_every_character_that_a_browser_sends_is_read(stranger, typed):
    body = f"csrf_token={typed['csrf_token']}&language=d%65&back=%C3%A9+%F0%9F%94%91"

    assert stranger.open("POST", "/language", data=body, content_type=URL_ENCODED).status_code == 303
