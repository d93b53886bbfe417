"""The vendor's side of the callback, in one region: install it, look at it, remove it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

import click

from aws.callback_region import CallbackRegion
from aws.callback_stack import CallbackFailed, CallbackStack, Done
from aws.clients import Clients
from aws.fetching import fetch_unsigned
from aws.identity import NoAnswer, who_am_i
from commands.live_stacks import LiveStack, live_stacks
from commands.logs import say_no_more_in_the_log
from commands.options import json_option
from commands.printing import print_json, print_line, print_lines, shown
from config import PROJECT, Config, Publishing
from onboarding.callback.topics import CallbackTopics
from onboarding.ground.partitions import PARTITIONS
from wiring import SystemClock, open_store

TEMPLATE = PROJECT / "cfn" / "callback.yaml"
# What fits on a screen.
MOST_NAMED = 20

_SAID = {Done.MADE: "Installed", Done.UPDATED: "Updated", Done.UNCHANGED: "Already installed"}


one_region = click.option("--region", required=True, help="The AWS region, such as us-east-1.")


@click.group()
def callback() -> None:
    """Let tenants' stacks report back: install that in a region, look at it, or remove it."""


@callback.command("install")
@one_region
@click.pass_context
def install_callback(ctx: click.Context, region: str) -> None:
    """Install the callback in a region, or bring it up to date.

    Makes a CloudFormation stack with a topic that tenants' stacks report to and a queue that the worker reads, waits
    for it, and prints what to set next and the policy that Rolecall's role needs. You can repeat the command.
    """
    publishing = Config.for_publishing(ctx.obj)
    topics = publishing.topics
    clients = _clients(publishing, region)
    installed = _stack(clients, topics).install(TEMPLATE.read_text(encoding="utf-8"), prefix=topics.prefix)
    if isinstance(installed, CallbackFailed):
        raise _refused(installed)
    print_line(f"{_SAID[installed.done]}: {topics.topic_arn(region)}")
    regions = topics.regions if region in topics.regions else (*topics.regions, region)
    print_line("Give the role that Rolecall runs with this policy:")
    print_lines(json.dumps(json.loads(installed.outputs["ReceiverPolicy"]), indent=2))
    print_line("Then set this, publish again (`python app.py publish`), set what that prints, and restart Rolecall:")
    print_line(f"ROLECALL_CALLBACK_REGIONS={','.join(regions)}")


@callback.command("status")
@click.option("--region", help="Only this region. Without it, all of ROLECALL_CALLBACK_REGIONS.")
@json_option
@click.pass_context
def callback_status(ctx: click.Context, region: str | None, as_json: bool) -> None:
    """Examine the callback in its regions: OK, or FAIL with what to do. Exit code 1 if any fails.

    Looks at the stack, the policies of topic and queue, the subscription, how many events wait and for how long, and
    the dead letters. It changes nothing, and takes no event out of the queue.
    """
    publishing = Config.for_publishing(ctx.obj)
    regions = (region,) if region else publishing.topics.regions
    if not regions:
        raise click.ClickException("ROLECALL_CALLBACK_REGIONS names no region. Give one with --region.")
    now, is_ok, found = SystemClock().now(), True, []
    for one in regions:
        clients = _clients(publishing, one)
        findings = region_of(clients, publishing.topics).findings(now=now)
        is_ok = is_ok and all(finding.is_ok for finding in findings)
        found += [{"region": one, **asdict(finding)} for finding in findings]
        if not as_json:
            for finding in findings:
                mark = "OK  " if finding.is_ok else "FAIL"
                print_line(f"{mark}  {one}  {finding.name:12}  {shown(f'{finding.sentence} {finding.fix}'.strip())}")
    if as_json:
        print_json(found)
    ctx.exit(0 if is_ok else 1)


@callback.command("remove")
@one_region
@click.pass_context
def remove_callback(ctx: click.Context, region: str) -> None:
    """Remove the callback from a region.

    Refuses while stacks of tenants in the region name the topic: CloudFormation could not tell anybody that they are
    deleted, and would fail to delete them.
    """
    config = Config.from_env(ctx.obj)
    topics = config.vendor.topics
    clients = _clients(Config.for_publishing(ctx.obj), region)
    store = open_store(config)
    try:
        living = live_stacks(store, region=region)
    finally:
        store.close()
    if living:
        raise click.ClickException(_still_named(living, region))
    left = ",".join(one for one in topics.regions if one != region)
    if _is_published(config.template_url, topics, region):
        raise click.ClickException(
            f"The published template still sends stacks in {region} to the topic. Publish it without that region first "
            f"(`ROLECALL_CALLBACK_REGIONS={left} python app.py publish`), set what that prints, and restart Rolecall."
        )
    removed = _stack(clients, topics).remove()
    if isinstance(removed, CallbackFailed):
        raise _refused(removed)
    print_line(f"Removed from {region}." if removed else f"There was none in {region}.")
    if region in topics.regions:
        print_line("Now set this, and restart Rolecall:")
        print_line(f"ROLECALL_CALLBACK_REGIONS={left}")


def region_of(clients: Clients, topics: CallbackTopics) -> CallbackRegion:
    """Return the callback of the clients' region, to be looked at."""
    topic_arn = topics.topic_arn(clients.region)
    return CallbackRegion(clients, name=topics.name, topic_arn=topic_arn, text=TEMPLATE.read_text(encoding="utf-8"))


def _clients(publishing: Publishing, region: str) -> Clients:
    """Return clients in the region.

    Raises UsageError if tenants cannot make stacks there, ClickException if the credentials are of another account.
    """
    known = PARTITIONS[publishing.trusted_principal.partition].regions
    if region not in known:
        raise click.UsageError(f"{region!r} is not one of {', '.join(known)}.")
    say_no_more_in_the_log()
    clients = Clients(region=region)
    me = who_am_i(lambda: Clients(region=publishing.region).sts)
    if isinstance(me, NoAnswer):
        raise click.ClickException(f"AWS does not say who we are ({me.raw_code}). {me.sentence}")
    wanted = publishing.trusted_principal.account_id
    if me.account_id != wanted:
        raise click.ClickException(
            f"These AWS credentials are of account {me.account_id}, but the topic belongs into {wanted}, that of "
            "ROLECALL_TRUSTED_PRINCIPAL_ARN. Use credentials of that account."
        )
    return clients


def _stack(clients: Clients, topics: CallbackTopics) -> CallbackStack:
    return CallbackStack(lambda: clients.of("cloudformation"), name=topics.name, region=clients.region, tell=print_line)


def _refused(why: CallbackFailed) -> click.ClickException:
    return click.ClickException(f"{why.message} {why.hint}")


def _still_named(living: Sequence[LiveStack], region: str) -> str:
    """Return why the topic is still needed: each stack, with the connection that it belongs to."""
    named = [
        f"{live.connection.handle} (stack {live.stack_id.name} in account {live.stack_id.account_id})"
        for live in living[:MOST_NAMED]
    ]
    more = f" and {len(living) - MOST_NAMED} more" if len(living) > MOST_NAMED else ""
    return (
        f"Stacks of tenants in {region} still name the topic, and CloudFormation could not delete them without an "
        f"error: those of the connections {', '.join(named)}{more}. First their tenants have to delete "
        "these stacks, or to update them with a template without callback. Nothing was removed."
    )


def _is_published(template_url: str, topics: CallbackTopics, region: str) -> bool:
    """Whether the template that tenants launch names the region's topic: one that nobody can read names none.

    Raises ClickException if only this machine cannot read it.
    """
    fetched = fetch_unsigned(template_url)
    if fetched.text is None and not fetched.is_of_s3:
        raise click.ClickException(
            f"We cannot tell whether the published template still sends stacks in {region} to the topic. "
            f"{' '.join(filter(None, (fetched.message, fetched.fix)))} Nothing was removed."
        )
    text = fetched.text or ""
    return topics.logical_id in text and region in text
