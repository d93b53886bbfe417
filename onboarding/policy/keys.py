"""The condition keys of a request: what is known of each.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final, Literal

Values = tuple[str, ...]


class Present(Enum):
    """The request carries the key, and nobody can say with which value."""

    SOME = "some value"


SOME: Final = Present.SOME
# By the key's name in lower case: its values; None where the request surely lacks it. A key that is not there may be
# in the request or not.
Keys = Mapping[str, Values | Literal[Present.SOME] | None]
