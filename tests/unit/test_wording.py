"""A Text is the English sentence, and what it was made of."""

from __future__ import annotations

import copy
import pickle
from dataclasses import asdict, replace
from datetime import UTC, datetime

from onboarding.ground.check_result import CheckResult, Verdict
from onboarding.ground.wording import NOTHING, Text, say, together

WHY = say("The role {role} is gone.", role="acme-7kq2m9xd")


def test_a_text_is_the_english_sentence_with_its_gaps_filled():
    assert WHY == "The role acme-7kq2m9xd is gone."
    assert isinstance(WHY, str)
    assert (WHY.source, WHY.params) == ("The role {role} is gone.", {"role": "acme-7kq2m9xd"})


def test_what_fills_a_gap_may_be_a_text_a_number_a_time_or_a_list_of_such():
    at = datetime(2030, 5, 7, 9, 30, tzinfo=UTC)
    said = say("{why} {most} {at} {names}", why=WHY, most=65536, at=at, names=("a", say("not {name}", name="b")))

    assert said == "The role acme-7kq2m9xd is gone. 65,536 7 May 2030 at 09:30 UTC a, not b"


def test_a_gap_with_nothing_in_it_leaves_no_blank_at_the_end():
    assert say("Almost. {hint}", hint=NOTHING) == "Almost."


def test_a_sentence_without_gaps_may_hold_braces_of_its_own():
    assert say("From { to }.") == "From { to }."


def test_what_is_put_in_a_gap_is_never_read_as_a_gap():
    assert say("Called {name}.", name="{secret} %(x)s") == "Called {secret} %(x)s."


def test_sentences_one_after_the_other_stay_texts_and_nothing_adds_nothing():
    both = together(WHY, NOTHING, say("Make it again."))

    assert both == f"{WHY} Make it again."
    assert list(both.params.values()) == [WHY, "Make it again."]
    assert together(NOTHING, WHY) is WHY
    assert together() == ""


def test_a_copy_knows_what_it_was_made_of_however_it_was_made():
    result = CheckResult("role_is_assumable", Verdict.FAILED, WHY, evidence=(WHY,))

    for made in (
        copy.deepcopy(WHY),
        pickle.loads(pickle.dumps(WHY)),
        asdict(result)["sentence"],
        asdict(result)["evidence"][0],
        replace(result, finding_code="x").sentence,
    ):
        assert isinstance(made, Text)
        assert (made, made.source, made.params) == (WHY, WHY.source, WHY.params)


def test_a_table_of_sentences_is_filled_later():
    assert say("Over {most} values.").filled(most=5000) == "Over 5,000 values."
