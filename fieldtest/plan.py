"""What the test will make, where, and what it costs: told before anything is made."""

from __future__ import annotations

from fieldtest.accounts import Accounts
from fieldtest.run import TAG


def plan(accounts: Accounts, run_id: str, *, state_file: str, with_trail: bool) -> list[str]:
    """Return the lines to show before the question whether to go on."""
    vendor, tenant = accounts.vendor, accounts.tenant
    more = " and 20 more for CloudTrail" if with_trail else ""
    asked = f"a stand-in for AWS at {accounts.endpoint}" if accounts.is_stand_in else "AWS"
    return [
        f"Field test {run_id}, against {asked}, in {vendor.region}.",
        "",
        f"In the vendor's account {vendor.account_id}, as {vendor.identity.arn}, it makes",
        f"  a bucket rolecall-fieldtest-{run_id}, which everybody can read, with the stack template in it",
        f"  a stack rolecall-callback-{run_id}: a topic, a queue with its dead-letter queue, and an alarm",
        f"  a topic rolecall-fieldtest-{run_id}, which nobody else can publish to",
        f"In the tenant's account {tenant.account_id}, as {tenant.identity.arn}, it makes",
        f"  stacks {run_id}-…: one that is deleted, two that fail on purpose, and one without a role",
        "  the stack's role, which only reads what cfn/role.yaml lists, and only for the vendor's role",
        f"  ten roles {run_id}-…, which can do nothing, with different trust policies for the vendor's account",
        "",
        f"All of it has the tag {TAG}={run_id}, and is written down in {state_file} before it is made.",
        "It is removed at the end, also if you interrupt. After a kill, `fieldtest --clean` removes it.",
        f"It takes some 15 minutes{more}, and costs less than 5 US cents.",
    ]
