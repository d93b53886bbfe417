"""External IDs: unguessable, unique, of one form; and which of them a round of checking tries."""

from __future__ import annotations

import ast
import inspect
import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding.entry.handovers import LIFETIMES
from onboarding.ground import external_id
from onboarding.ground.external_id import (
    EXTERNAL_ID_PATTERN,
    PREFIX_PATTERN,
    UNPINNED_LIFETIME,
    candidates,
    is_well_formed,
    mint,
    mint_handle,
    near_misses,
)
from tests.builders import EXTERNAL_ID, HANDLE, NOON, an_external_id, an_issued_id

# https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html, ExternalId
AWS_ACCEPTS = re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII)


def test_a_hundred_thousand_external_ids_are_of_the_form_and_no_two_alike():
    minted = [mint(prefix="northwind", handle=HANDLE) for _ in range(100_000)]

    form = re.compile(rf"northwind-{HANDLE}-[0-9a-f]{{32}}")
    assert all(form.fullmatch(m) and AWS_ACCEPTS.fullmatch(m) for m in minted)
    assert len(set(minted)) == len(minted)


def test_every_bit_of_the_random_part_varies():
    parts = [int(mint(prefix="northwind", handle=HANDLE).rpartition("-")[2], 16) for _ in range(2_000)]

    always_set, ever_set = (1 << 128) - 1, 0
    for part in parts:
        always_set &= part
        ever_set |= part
    assert always_set == 0
    assert ever_set == (1 << 128) - 1


def test_the_only_source_of_randomness_is_the_systems_generator():
    tree = ast.parse(inspect.getsource(external_id))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    assert "secrets" in imported
    assert not imported & {"random", "uuid", "time", "hashlib", "os", "numpy"}


def test_handles_fit_into_a_role_name_and_do_not_repeat():
    handles = [mint_handle() for _ in range(20_000)]

    assert all(re.fullmatch(r"[a-z0-9]{8}", h) for h in handles)
    assert len(set(handles)) == len(handles)


@given(st.from_regex(PREFIX_PATTERN, fullmatch=True))
def test_whatever_the_prefix_prefix_and_handle_come_apart_at_the_hyphens(prefix):
    minted = mint(prefix=prefix, handle=HANDLE)

    assert is_well_formed(minted)
    assert minted.split("-")[:2] == [prefix, HANDLE]
    assert AWS_ACCEPTS.fullmatch(minted)


@pytest.mark.parametrize(
    "text",
    ["", "northwind", EXTERNAL_ID + "0", EXTERNAL_ID[:-1], EXTERNAL_ID.upper(), EXTERNAL_ID + "\n", " " + EXTERNAL_ID,
     "north-wind" + EXTERNAL_ID[9:], "9" + EXTERNAL_ID, "n" * 21 + EXTERNAL_ID[9:]],
)  # fmt: skip
def test_what_we_never_minted_is_not_well_formed(text):
    assert is_well_formed(EXTERNAL_ID)
    assert not is_well_formed(text)


@given(st.from_regex(EXTERNAL_ID_PATTERN, fullmatch=True))
def test_near_misses_differ_from_the_right_one_and_would_pass_a_loose_policy(right):
    misses = near_misses(right)

    assert set(misses) == {"wrong", "wrong_case"}
    assert right not in misses.values()
    assert misses["wrong"].rpartition("-")[0] == right.rpartition("-")[0], "StringLike prefix-handle-* must be caught"
    assert misses["wrong_case"].lower() == right, "StringEqualsIgnoreCase must be caught"
    assert all(AWS_ACCEPTS.fullmatch(m) for m in misses.values())


def test_a_wrong_external_id_is_another_one_each_time():
    assert near_misses(EXTERNAL_ID)["wrong"] != near_misses(EXTERNAL_ID)["wrong"]


OLD = timedelta(days=7, seconds=1)
JUST = timedelta(days=7)


def test_an_id_that_was_never_pinned_outlives_every_link_of_a_hand_over():
    assert timedelta(days=max(LIFETIMES)) <= UNPINNED_LIFETIME


@pytest.mark.parametrize(
    ("ages", "pinned", "turn", "tried"),
    [
        ([], None, 0, []),
        ([timedelta()], None, 0, [1]),
        ([timedelta()] * 2, None, 0, [2, 1]),
        ([timedelta()] * 3, None, 0, [3, 2]),
        ([timedelta()] * 3, None, 1, [3, 1]),
        ([timedelta()] * 3, None, 2, [3, 2]),
        ([timedelta()] * 3, 1, 0, [1, 3]),
        ([timedelta()] * 3, 1, 1, [1, 2]),
        ([OLD, timedelta()], None, 0, [2]),
        ([JUST, timedelta()], None, 0, [2, 1]),
        ([OLD, OLD], None, 0, []),
        ([OLD, timedelta()], 1, 0, [1, 2]),
        ([timedelta(days=400), OLD], 1, 0, [1]),
    ],
)
def test_a_round_tries_the_pinned_or_newest_and_in_turn_one_other_that_is_not_too_old(ages, pinned, turn, tried):
    issued = [an_issued_id(number, age=age) for number, age in enumerate(ages, start=1)]

    chosen = candidates(issued, pinned=an_external_id(pinned) if pinned else None, turn=turn, now=NOON)

    assert list(chosen) == [an_external_id(number) for number in tried]


@given(st.lists(st.integers(0, 300), max_size=20), st.integers(0, 21), st.integers(0, 1000))
def test_every_acceptable_id_has_its_turn_and_no_round_tries_more_than_two(hours, pinned_number, turn):
    issued = [an_issued_id(number, age=timedelta(hours=age)) for number, age in enumerate(hours, start=1)]
    pinned = next((i.external_id for i in issued if i.number == pinned_number), None)
    acceptable = {i.external_id for i in issued if i.external_id == pinned or NOON - i.issued_at <= JUST}

    rounds = [candidates(issued, pinned=pinned, turn=turn + n, now=NOON) for n in range(20)]

    assert {e for tried in rounds for e in tried} == acceptable
    assert all(len(tried) == len(set(tried)) <= 2 for tried in rounds)
