"""Processor time of one verification: `make bench`.

It runs the real AwsRoles, probe_role and judge over HTTP against a stub of AWS in another process, with clients that
have been used before. Only the time of the verifying thread counts, not that of the network or the stub. It depends on
the machine's speed, so the target of a verification is in bare calls of the same run: GetCallerIdentity with a boto3
client as it comes, in turn with the verifications.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import boto3

from aws.budget import Budget
from aws.clients import Clients
from aws.roles import AwsRoles
from bench import judging
from bench.stub_aws import AGREEMENT, external_id_of
from onboarding.ground.arn import parse_role_arn
from onboarding.ground.check_result import Verdict
from onboarding.proof.answer import Asked
from onboarding.proof.checks import judge
from onboarding.proof.probe import Probe
from onboarding.questioning import probe_role

RUNS, ROUNDS = 5, 40
WARMING_ROUNDS = 30
BARE_CALLS = 11.0

ROLE = parse_role_arn("arn:aws:iam::111122223333:role/northwind-7kq2m9xd")
CALLS = (
    ("AssumeRole, right ID", "it can be used at all; before this a refusal proves nothing"),
    ("AssumeRole, no ID", "finds a role without a condition, or with IfExists"),
    ("AssumeRole, wrong ID", "finds StringLike with a wildcard; same prefix and handle"),
    ("AssumeRole, in capitals", "finds StringEqualsIgnoreCase"),
    ("AssumeRole, right again", "makes the three refusals count; its session reads the role"),
    ("GetCallerIdentity", "whose session it is, from a second source"),
    ("GetRole", "trust policy and permissions boundary"),
    ("ListRolePolicies", "which inline policies there are: one added by hand shows"),
    ("ListAttachedRolePolicies", "an attached AdministratorAccess shows"),
    ("GetRolePolicy", "what the one inline policy allows; it names the stack"),
    ("DescribeStacks", "whether the stack is whole, and its template's version"),
)


class _SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def elapsed(self) -> timedelta:
        return timedelta(seconds=time.monotonic())


def main() -> int:
    """Measure, print, and return 1 where a target is missed."""
    with _stub() as url:
        os.environ.update(_environment(url))
        clients = Clients(region="us-east-1")
        roles = AwsRoles(clients, Budget(1e9))
        probe = _probe(roles)
        _refuse_unless_sound(probe)
        # In turn, so that a machine that slows down meanwhile slows all of them.
        runs = _runs(
            lambda: judge(_probe(roles), AGREEMENT),
            boto3.client("sts", region_name="us-east-1").get_caller_identity,
            lambda: _assume_and_identity(roles, clients),
        )
    are_met = [_print_verification(runs), _print_judging(judging.measure(probe))]
    print(f"The {len(CALLS)} calls to AWS of a verification that passes:")
    for number, (call, reason) in enumerate(CALLS, 1):
        print(f"  {number:2} {call:26} {reason}")
    return 0 if all(are_met) else 1


def _probe(roles: AwsRoles) -> Probe:
    return probe_role(
        roles,
        _SystemClock(),
        role_arn=ROLE,
        trusted=AGREEMENT.trusted_principal,
        candidates=(external_id_of(ROLE),),
        session_name="rolecall-7kq2m9xd",
    )


def _assume_and_identity(roles: AwsRoles, clients: Clients) -> None:
    """Make the two calls that only tell whether the role is there and whose it is."""
    roles.assume(ROLE, asked=Asked.RIGHT, external_id=external_id_of(ROLE), session_name="rolecall-7kq2m9xd")
    clients.sts.get_caller_identity()


def _refuse_unless_sound(probe: Probe) -> None:
    """Stop if a check does not pass: a quick but wrong answer is not worth measuring."""
    unsound = [r.check for r in judge(probe, AGREEMENT) if r.verdict is not Verdict.PASSED]
    if unsound:
        raise SystemExit(f"The stub's role does not pass: {', '.join(unsound)}.")


def _runs(*works: Callable[[], object]) -> list[list[float]]:
    """Return each run's median of each work, in milliseconds of this thread's processor time."""
    for _ in range(WARMING_ROUNDS):
        for work in works:
            work()
    return [_medians(*works) for _ in range(RUNS)]


def _medians(*works: Callable[[], object]) -> list[float]:
    took: list[list[float]] = [[] for _ in works]
    for _ in range(ROUNDS):
        for work, times in zip(works, took, strict=True):
            started = time.thread_time()
            work()
            times.append((time.thread_time() - started) * 1000)
    return [statistics.median(times) for times in took]


def _print_verification(runs: list[list[float]]) -> bool:
    """Print what a verification costs, and return whether the target is met."""
    all_ms, bare_ms, identity_ms = (statistics.median(times) for times in zip(*runs, strict=True))
    ratios = sorted(all_of_run / bare_of_run for all_of_run, bare_of_run, _ in runs)
    ratio = statistics.median(ratios)
    print(f"One verification, processor time, medians of {ROUNDS} in each of {RUNS} runs:")
    print(f"  all checks             {all_ms:6.1f} ms")
    print(f"  assume and identity    {identity_ms:6.1f} ms")
    print(f"  one bare boto3 call    {bare_ms:6.1f} ms")
    print(
        f"  all checks cost        {ratio:6.1f} bare calls ({ratios[0]:.1f} to {ratios[-1]:.1f}; {len(CALLS)} are made)"
        f"   target at most {BARE_CALLS:.0f}   {_met(ratio, BARE_CALLS)}"
    )
    return ratio <= BARE_CALLS


def _print_judging(rows: list[tuple[str, float, float | None]]) -> bool:
    """Print what judging costs, and return whether the targets are met."""
    print("Judging alone, processor time, medians:")
    for what, took, target in rows:
        said = "" if target is None else f"   target at most {target:.0f}   {_met(took, target)}"
        print(f"  {what:50} {took:6.2f} ms{said}")
    return all(target is None or took <= target for _, took, target in rows)


def _met(value: float, target: float) -> str:
    return "met" if value <= target else "MISSED"


def _environment(url: str) -> dict[str, str]:
    keys = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"), "bench")
    return {**keys, "AWS_ENDPOINT_URL": url, "AWS_CONFIG_FILE": os.devnull, "NO_PROXY": "127.0.0.1"}


@contextmanager
def _stub() -> Iterator[str]:
    command = [sys.executable, "-m", "bench.stub_aws"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


if __name__ == "__main__":
    sys.exit(main())
