"""Input that a person can put right."""

from __future__ import annotations

from onboarding.ground.wording import NOTHING, Text, together


class Refused(ValueError):
    """Input that a person can put right: `code` for programs, `sentence` and `remedy` for the person;
    `words` are both. What only operators read is a Text that no catalogue has."""

    def __init__(self, code: str, sentence: Text, remedy: Text = NOTHING) -> None:
        self.words = together(sentence, remedy)
        super().__init__(self.words)
        self.code = code
        self.sentence = sentence
        self.remedy = remedy
