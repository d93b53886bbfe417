"""Where AWS says that a refusal comes from."""

from __future__ import annotations

from enum import StrEnum


class Hint(StrEnum):
    """Whose policy refuses, in the few cases in which AWS says so.

    It puts the likeliest cause first and decides nothing: AWS promises such words to nobody outside the role's account.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
    """

    OURS = "ours"
    TRUST = "trust"
    ORGANIZATION = "organization"
