"""A text that is as wanted is found, or there is none: the search is compared with trying all texts."""

from __future__ import annotations

import random
from itertools import product

import pytest

from onboarding.policy.effort import TooComplex, at_most
from onboarding.policy.globs import Glob, Wild, glob, tokens_of
from onboarding.trust.shapes import principal_shape, shape_of
from onboarding.trust.text_search import Want, find_text

LONGEST = 5
TEXTS = ["".join(t) for n in range(1, LONGEST + 1) for t in product("ab", repeat=n)]
SHAPE = shape_of("", "ab", shortest=1, longest=LONGEST)
ROLES = principal_shape("aws", "role", ("arn:aws:iam::444455556666:role/another",))


def some_wants(chance: random.Random) -> list[Want]:
    def pattern() -> Glob:
        text = "".join(chance.choice("aabb*?") for _ in range(chance.randint(0, 4)))
        return Glob(tokens_of(text), ignores_case=chance.random() < 0.2)

    return [
        Want(tuple(pattern() for _ in range(chance.randint(0, 3))), inside=chance.random() < 0.6)
        for _ in range(chance.randint(0, 4))
    ]


@pytest.mark.parametrize("seed", range(20))
def test_a_text_is_found_just_where_there_is_one(seed):
    chance = random.Random(seed)
    for _ in range(40):
        wants = some_wants(chance)
        right = [text for text in TEXTS if all(want.is_met(text) for want in wants)]

        found = find_text(SHAPE, wants)

        assert (found in right) if right else (found is None), [
            (w.inside, [p.tokens for p in w.patterns]) for w in wants
        ]


def test_a_text_that_many_patterns_leave_open_is_found():
    outside = Want(tuple(glob(f"{c}*") for c in "abcdefghijklmnopqrstuvwxy"), inside=False)
    shape = shape_of("", "abcdefghijklmnopqrstuvwxyz", shortest=2, longest=8, examples=("example",))

    assert find_text(shape, [outside])[0] == "z"
    assert find_text(shape, [outside, Want((glob("z*"),), inside=False)]) is None


def test_no_text_is_longer_than_can_be():
    assert find_text(SHAPE, [Want((glob("a" * LONGEST + "*"),))]) == "a" * LONGEST
    assert find_text(SHAPE, [Want((glob("a" * (LONGEST + 1) + "*"),))]) is None


def test_a_further_question_about_the_text_is_asked():
    assert find_text(SHAPE, [Want((glob("*"),))], [lambda text: len(text) == 1]) in ("a", "b")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("arn:aws:iam::*:role/x", True),
        ("arn:aws:iam::12345678901?:role/team/*", True),
        ("*", True),
        ("arn:aws:iam::*:role/*/", False),
        ("arn:aws:iam::1234:role/*", False),
        ("arn:aws-cn:*", False),
        ("arn:aws:iam::????????????:user/*", False),
        ("arn:aws:iam::*:role/we!rd/*", True),
        ("arn:aws:iam::*:role/a b", False),
        ("arn:aws:iam::444455556666:role/" + "x" * 65, False),
    ],
)
def test_a_role_that_matches_is_one_that_can_exist(wanted, found):
    text = find_text(ROLES, [Want((glob(wanted),))])

    assert (text is not None) is found
    assert text is None or (ROLES.is_possible(text) and "*" not in text)


def test_where_only_a_longer_text_might_be_possible_the_search_does_not_say_that_there_is_none():
    with pytest.raises(TooComplex):
        find_text(ROLES, [Want((glob(f"arn:aws:iam::44445555666?:role/{'a' * 40}*{'b' * 40}"),))])


def test_a_star_as_a_character_is_in_no_name():
    assert find_text(ROLES, [Want((Glob("arn:aws:iam::444455556666:role/*"),))]) is None
    assert find_text(ROLES, [Want((Glob((*"arn:aws:iam::444455556666:role/", Wild.RUN)),))]) is not None


def test_a_search_that_goes_on_for_ever_stops_at_the_same_step_each_time():
    shape = shape_of("", "ab", shortest=1, longest=1_224)
    endless = [Want((glob(f"*a{'?' * n}b*"),)) for n in range(3, 40)]
    none = [*endless, Want((glob("*aa*"), glob("*bb*"), glob("*ab*a*")), inside=False)]

    def steps() -> int:
        low, high = 1, 1
        while True:
            try:
                with at_most(high):
                    find_text(shape, none)
            except TooComplex:
                low, high = high, high * 2
                if high > 1_000_000:
                    return low
            else:
                return high

    assert steps() == steps()
    with pytest.raises(TooComplex), at_most(1_000):
        find_text(shape, none)
