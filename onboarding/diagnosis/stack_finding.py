"""Why a stack failed, in words: what happened, what to do, who must do it, and the press that does it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from onboarding.ground.wording import Text


class Hand(StrEnum):
    """Who must act. An account's administrator cannot change what the organization forbids."""

    TENANT = "tenant"
    ACCOUNT = "account_administrator"
    ORGANIZATION = "organization_administrator"
    VENDOR = "vendor"
    NOBODY = "nobody"


class Press(StrEnum):
    """The one thing that the page offers to press."""

    NONE = "none"
    LAUNCH_AGAIN = "launch_again"
    NEW_NAME = "new_name"
    OTHER_REGION = "other_region"
    HAND_OVER = "hand_over"
    PLAIN = "plain"


@dataclass(frozen=True)
class StackFinding:
    """One reason why a stack failed. `operator` is for the vendor's people, in English."""

    code: str
    happened: Text
    remedy: Text
    who: Hand
    press: Press
    operator: str
