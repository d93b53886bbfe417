"""Asks two real AWS accounts whether AWS behaves as Rolecall assumes, and removes what that took."""

from __future__ import annotations

import re
import shlex
from contextlib import suppress
from pathlib import Path

import click

from commands.logs import say_no_more_in_the_log
from commands.printing import confirmed, print_line
from config import PROJECT
from fieldtest.accounts import Accounts, CannotRun, open_accounts
from fieldtest.cleaning import Cleaner, check_owner
from fieldtest.facts import Agrees, Findings
from fieldtest.interrupts import Interrupted, Interrupts
from fieldtest.pace import QUICK, Pace
from fieldtest.plan import plan
from fieldtest.report import exit_code, masker_for, write_report
from fieldtest.run import Run, new_run_id
from fieldtest.running import run_and_clean
from fieldtest.state import Journey, NoState, State
from wiring import SystemClock

STATE_FILE = Path("fieldtest-state.json")


@click.command()
@click.option("--vendor-profile", help="An AWS profile of a role in the vendor's account.")
@click.option("--tenant-profile", help="An AWS profile of an administrator in another account, the tenant's.")
@click.option("--region", help="The region to test in. Without it that of the vendor's profile.")
@click.option("--yes", is_flag=True, help="Do not ask before anything is made.")
@click.option("--cloudtrail", is_flag=True, help="Also look at CloudTrail, which takes 20 minutes more.")
@click.option(
    "--report",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=".",
    show_default=True,
    help="The folder for the report.",
)
@click.option(
    "--state",
    "state_file",
    type=click.Path(path_type=Path, dir_okay=False),
    default=str(STATE_FILE),
    show_default=True,
    help="The file that lists what was made.",
)
@click.option("--clean", "only_clean", is_flag=True, help="Only remove what an earlier test has left.")
@click.pass_context
def fieldtest(
    ctx: click.Context,
    *,
    vendor_profile: str | None,
    tenant_profile: str | None,
    region: str | None,
    yes: bool,
    cloudtrail: bool,
    folder: Path,
    state_file: Path,
    only_clean: bool,
) -> None:
    """Test against two real AWS accounts what Rolecall assumes of AWS.

    Makes stacks, roles, a bucket, topics and a queue, says so before and asks, and removes all of it. Writes a report
    in which account numbers are masked. Exit code 0 if AWS agrees, 1 if a fact differs, 2 if it could not be tested.
    """
    say_no_more_in_the_log()
    try:
        if only_clean:
            code = _clean(state_file, vendor_profile=vendor_profile, tenant_profile=tenant_profile)
        else:
            run = _prepared(vendor_profile, tenant_profile, region, state_file)
            # Found out now, not when all is done.
            folder.mkdir(parents=True, exist_ok=True)
            for line in plan(run.accounts, run.id, state_file=str(state_file), with_trail=cloudtrail):
                print_line(line)
            if not yes and not confirmed("Go on?"):
                raise CannotRun("Nothing was made.")
            code = _run(run, folder, with_trail=cloudtrail)
    except (CannotRun, NoState) as error:
        code = _refused(str(error))
    except OSError as error:
        code = _refused(f"{error.filename or 'A file'} cannot be used: {error.strerror}.")
    ctx.exit(code)


def _refused(why: str) -> int:
    print_line(f"Error: {why}", err=True)
    return 2


def _prepared(vendor_profile: str | None, tenant_profile: str | None, region: str | None, state_file: Path) -> Run:
    """Return a run that has made nothing yet. Raises CannotRun."""
    if not vendor_profile or not tenant_profile:
        raise CannotRun("Give --vendor-profile and --tenant-profile.")
    if state_file.exists():
        raise CannotRun(f"{state_file} lists what an earlier test has left. Run `fieldtest --clean` first.")
    accounts = open_accounts(vendor_profile=vendor_profile, tenant_profile=tenant_profile, region=region)
    return _new_run(accounts, state_file)


def _new_run(accounts: Accounts, state_file: Path) -> Run:
    vendor, tenant = accounts.vendor, accounts.tenant
    journey = Journey(new_run_id(), vendor.profile, tenant.profile, vendor.account_id, tenant.account_id, vendor.region)
    return Run(
        accounts=accounts,
        state=State(state_file, journey),
        findings=Findings(),
        pace=_pace(accounts),
        clock=SystemClock(),
        say=_say,
        template=(PROJECT / "cfn" / "role.yaml").read_text(encoding="utf-8"),
        callback_template=(PROJECT / "cfn" / "callback.yaml").read_text(encoding="utf-8"),
    )


def _say(line: str) -> None:
    """Print a line. Nobody there to read it must not end the cleaning."""
    with suppress(OSError):
        print_line(line)


def _version() -> str:
    """Return the version that the changelog begins with."""
    found = re.search(r"^## ([^\n]{1,40})$", (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else "unknown"


def _pace(accounts: Accounts) -> Pace:
    return QUICK if accounts.is_stand_in else Pace()


def _run(run: Run, folder: Path, *, with_trail: bool) -> int:
    interrupts = Interrupts(_say)
    with interrupts.caught():
        is_whole, left = run_and_clean(run, interrupts, with_trail=with_trail)
        paths = write_report(run, folder, left=left, version=_version())
    masker = masker_for(run)
    for agrees in (Agrees.NO, Agrees.NOT_SEEN):
        for name in run.findings.named(agrees):
            print_line(f"{agrees}: {name}: {masker.text(run.findings.of(name).observed)}")
    for problem in run.problems:
        print_line(masker.text(problem), err=True)
    _tell_left(left, run.state)
    print_line(f"Facts that agree: {len(run.findings.named(Agrees.YES))}. The report: {paths[0]} and {paths[1]}")
    return exit_code(run.findings) if is_whole and not left else exit_code(run.findings) or 2


def _clean(state_file: Path, *, vendor_profile: str | None, tenant_profile: str | None) -> int:
    state = State.load(state_file)
    journey = state.journey
    accounts = open_accounts(
        vendor_profile=vendor_profile or journey.vendor_profile,
        tenant_profile=tenant_profile or journey.tenant_profile,
        region=journey.region,
    )
    if problem := check_owner(state, accounts):
        raise CannotRun(problem)
    print_line(f"Removing what the field test {journey.run_id} has left")
    interrupts = Interrupts(_say)
    interrupts.hold()
    with interrupts.caught():
        try:
            left = Cleaner(accounts, state, _pace(accounts), _say).remove_all()
        except Interrupted:
            left = [f"{len(state.left)} things were not tried."]
    _tell_left(left, state)
    if not left:
        print_line("All of it is gone.")
    return 2 if left else 0


def _tell_left(left: list[str], state: State) -> None:
    for each in left:
        print_line(f"Not removed: {each}", err=True)
    if left:
        print_line(f"Run `fieldtest --clean --state {shlex.quote(str(state.path))}` to try again.", err=True)
