"""Whether what a template asks for is read-only, counted from AWS's own list of actions instead of promised."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from onboarding.ground.wording import NOTHING, Text, say, together
from onboarding.permissions.aws_actions import aws_actions
from onboarding.permissions.reach import Reach, actions_by_reach


@dataclass(frozen=True)
class Badge:
    """`is_read_only`: every action lists or reads. `reads_data`: some of them read what the tenant keeps in AWS.

    `sentence` says both with the counts.
    """

    is_read_only: bool
    reads_data: bool
    sentence: Text


def badge_of(entries: Iterable[str]) -> Badge:
    """Return the badge of a template that allows these entries of Action, which can be patterns.

    An entry that names no known action could do anything, so it is not called read-only.
    """
    known, unknown = 0, 0
    for entry in entries:
        named = aws_actions().named_by(entry)
        known |= named
        unknown += not named
    of = {reach: (known & actions).bit_count() for reach, actions in actions_by_reach().items()}
    count, data = known.bit_count() + unknown, of[Reach.DATA]
    is_read_only = not (of[Reach.CHANGE] or of[Reach.CREDENTIALS] or unknown)
    if is_read_only and not data:
        sentence = say("{count} actions, all of them list or read; none can read your data.", count=count)
    elif is_read_only:
        sentence = say("{count} actions, all of them list or read; {data} can read your data.", count=count, data=data)
    else:
        sentence = together(
            say("{count} actions.", count=count),
            _counted(say("{count} can change something."), of[Reach.CHANGE]),
            _counted(say("{count} can hand out credentials."), of[Reach.CREDENTIALS]),
            _counted(say("{count} can read your data."), data),
            _counted(say("Our copy of AWS’s list of actions lacks {count} of them."), unknown),
        )
    return Badge(is_read_only, bool(data), sentence)


def _counted(sentence: Text, count: int) -> Text:
    return sentence.filled(count=count) if count else NOTHING
