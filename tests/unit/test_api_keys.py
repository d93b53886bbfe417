"""API keys: known again by their token alone, kept as a hash, ended at once."""

from __future__ import annotations

import pytest

from onboarding.entry.api_keys import ApiKeys
from onboarding.model import Actor
from onboarding.ports import NotFound


@pytest.fixture
def keys(store, clock):
    return ApiKeys(store=store, clock=clock)


def test_a_key_is_known_again_by_its_token(keys):
    key, token = keys.create("portal")

    assert keys.authenticate(token) == key


def test_what_is_kept_is_not_enough_to_use_it(keys, store):
    key, token = keys.create("portal")

    assert token.rpartition("_")[2] not in repr(store.list_api_keys())
    assert keys.authenticate(f"rolecall_{key.id}_{key.secret_hash}") is None


@pytest.mark.parametrize(
    "change", [str.upper, lambda t: t[:-1], lambda t: t + "0", lambda t: t[:-1] + "g", lambda t: ""]
)
def test_an_altered_token_is_nobodys(keys, change):
    _, token = keys.create("portal")

    assert keys.authenticate(change(token)) is None


def test_the_secret_of_one_key_does_not_open_another(keys):
    one, _ = keys.create("one")
    _, other = keys.create("other")

    assert keys.authenticate(f"rolecall_{one.id}_{other.rpartition('_')[2]}") is None


def test_a_revoked_key_is_nobodys_and_stays_revoked_since_the_first_time(keys, clock, store):
    key, token = keys.create("portal")
    keys.revoke(key.id)
    first = store.get_api_key(key.id).revoked_at
    clock.forward(hours=1)
    keys.revoke(key.id)

    assert keys.authenticate(token) is None
    assert store.get_api_key(key.id).revoked_at == first


def test_a_key_that_is_not_there_cannot_be_revoked(keys):
    with pytest.raises(NotFound):
        keys.revoke("none")


def test_making_and_revoking_are_in_the_record_without_the_token(keys, store):
    key, token = keys.create("portal")
    keys.revoke(key.id)

    assert [(e.kind, e.actor, e.detail["name"]) for e in store.events()] == [
        ("api_key.made", Actor.OPERATOR, "portal"),
        ("api_key.revoked", Actor.OPERATOR, "portal"),
    ]
    assert token.rpartition("_")[2] not in repr(store.events())


def test_two_keys_have_nothing_in_common(keys):
    tokens = {keys.create("portal")[1] for _ in range(100)}

    assert len({t.rpartition("_")[2] for t in tokens}) == 100
    assert all(len(t.rpartition("_")[2]) == 64 for t in tokens)
