"""One finding in words: what a tenant and an operator read, and who must act."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from onboarding.ground.wording import Text


class Who(StrEnum):
    """Who must act before it gets better."""

    NOBODY = "nobody"
    TENANT = "tenant"
    VENDOR = "vendor"


@dataclass(frozen=True)
class Diagnosis:
    """One finding in words. `heals` says whether time alone may mend it."""

    code: str
    tenant: Text
    remedy: Text
    who: Who
    operator: str
    heals: bool = False

    @property
    def is_trouble(self) -> bool:
        """Whether AWS or the vendor is in the way, and the finding says nothing about the role."""
        return self.code.startswith("aws_") or self.who is Who.VENDOR
