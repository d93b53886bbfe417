"""What a drawn AWS console page shows: the tenant's own values, for the wizard's pictures and the stand-in console."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Picture:
    """The values in one drawing. `account_id` is empty while the tenant has not said which account it is."""

    vendor_name: str
    region: str
    region_name: str
    account_id: str
    stack_name: str
    role_name: str
    role_arn: str
    external_id: str
    template_url: str
