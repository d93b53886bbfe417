"""Examines an installation, one question at a time, and says how to repair what is wrong.

A question reads only the settings that it needs, so that one fault does not hide the others.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from functools import partial

import click

from aws.clients import Clients
from aws.identity import NoAnswer, can_assume, who_am_i
from aws.managed_policies import snapshot_day, why_unread
from commands.callback import region_of
from commands.doctor_answer import DoctorAnswer
from commands.doctor_queues import reading_of
from commands.doctor_template import template_answer
from commands.logs import say_no_more_in_the_log
from commands.options import json_option
from commands.printing import print_json, print_line, shown
from config import Config
from onboarding.schedule import WORKER_SILENT_AFTER, is_worker_alive
from onboarding.stack_template.reading import StackTemplateError
from settings import ConfigError, unknown_settings
from wiring import SystemClock, open_store

Env = Mapping[str, str]


@click.command()
@json_option
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> None:
    """Examine this installation: OK, or FAIL with what to do. Exit code 1 if any fails.

    Examines the settings, whose AWS credentials it has, whether they can assume roles and read AWS's managed policies,
    whether tenants can read the stack template and whom it trusts, the store, the worker, and the callback in each of
    its regions.
    """
    say_no_more_in_the_log()
    found = _each_fix_once({name: answer_to(name, question, ctx.obj) for name, question in questions(ctx.obj).items()})
    if as_json:
        print_json([{"question": name, **asdict(answer)} for name, answer in found.items()])
    else:
        width = max(len(name) for name in found)
        for name, answer in found.items():
            mark = "OK  " if answer.is_ok else "FAIL"
            print_line(f"{mark}  {name.ljust(width)}  {shown(f'{answer.sentence} {answer.fix}'.strip())}")
    ctx.exit(0 if all(a.is_ok for a in found.values()) else 1)


def configuration(env: Env) -> DoctorAnswer:
    """Is every setting sound, and is every ROLECALL_ name a setting?"""
    config = Config.from_env(env)
    unknown = unknown_settings(env)
    if unknown:
        return DoctorAnswer(False, f"No setting is called {', '.join(unknown)}.", "Correct the name or remove it.")
    return DoctorAnswer(True, f"Complete, for {config.brand.name} at {config.public_url}.")


def identity(env: Env) -> DoctorAnswer:
    """Are our AWS credentials those of the trusted principal?"""
    wanted = Config.for_publishing(env)
    found = who_am_i(lambda: Clients(region=wanted.region).sts)
    if isinstance(found, NoAnswer):
        return DoctorAnswer(False, f"AWS does not say who we are ({found.raw_code}).", found.sentence)
    if not found.is_session_of(wanted.trusted_principal):
        return DoctorAnswer(
            False,
            f"We are {found.arn}, but tenants' roles trust only {wanted.trusted_principal}.",
            "Run Rolecall with that role, or set ROLECALL_TRUSTED_PRINCIPAL_ARN to the role that it runs with and "
            "publish the template again.",
        )
    return DoctorAnswer(True, f"We are the trusted principal, as {found.arn}.")


def assume_role(env: Env) -> DoctorAnswer:
    """Do our own policies let us assume tenants' roles?"""
    config = Config.from_env(env)
    ours = config.trusted_principal
    # Named as tenants' roles are, since our policy might allow only those.
    role_arn = f"arn:{ours.partition}:iam::{ours.account_id}:role/{config.prefix}-00000000"
    found = can_assume(lambda: Clients(region=config.region).sts, role_arn=role_arn)
    if isinstance(found, NoAnswer):
        return DoctorAnswer(False, f"AWS does not say whether we can assume roles ({found.raw_code}).", found.sentence)
    if not found.is_allowed:
        resource = f"arn:{ours.partition}:iam::*:role/{config.prefix}-*"
        return DoctorAnswer(
            False,
            "Our own policies do not allow us to assume tenants' roles.",
            f"Allow {ours} to call sts:AssumeRole on {resource}.",
        )
    certainty = "" if found.is_certain else ", as far as AWS tells before a tenant has created a role"
    return DoctorAnswer(True, f"Our own policies allow sts:AssumeRole{certainty}.")


def managed_policies(env: Env) -> DoctorAnswer:
    """Can our own role read AWS's managed policies? It does not have to."""
    config = Config.from_env(env)
    partition, clients = config.trusted_principal.partition, Clients(region=config.region)
    raw_code = why_unread(lambda: clients.iam, partition=partition)
    if not raw_code:
        return DoctorAnswer(True, "Our own role can read AWS's managed policies.")
    day = snapshot_day(partition)
    instead = f"so our copy of {day} is used" if day else "so we cannot tell what they allow"
    return DoctorAnswer(
        True,
        f"Our own role cannot read AWS's managed policies ({raw_code}), {instead} where a tenant attaches one.",
        f"The current ones need iam:GetPolicy and iam:GetPolicyVersion on arn:{partition}:iam::aws:policy/*.",
    )


def template(env: Env) -> DoctorAnswer:
    """Can a tenant's CloudFormation read what is published, and is it what the wizard explains?"""
    return template_answer(Config.from_env(env), Config.for_publishing(env))


def store(env: Env) -> DoctorAnswer:
    """Can the store be written, and are its tables up to date?"""
    config = Config.from_env(env)
    fix = "Let the user that Rolecall runs as write to that file and its folder, or set ROLECALL_DATABASE_URL."
    try:
        opened = open_store(config)
        # No connection has this ID: this takes the write lock and changes nothing.
        opened.release("nobody", round=0)
        opened.close()
    except (OSError, sqlite3.Error) as error:
        return DoctorAnswer(False, f"{config.database} cannot be written: {error}.", fix)
    return DoctorAnswer(True, f"{config.database} can be written and its tables are up to date.")


def worker(env: Env) -> DoctorAnswer:
    """Has a worker reported lately?"""
    opened = open_store(Config.from_env(env))
    beat = opened.last_beat()
    opened.close()
    seconds = WORKER_SILENT_AFTER.total_seconds()
    if not is_worker_alive(beat, now=SystemClock().now()):
        last = f"the last report is from {beat:%Y-%m-%d %H:%M:%S} UTC" if beat else "there never was one"
        return DoctorAnswer(
            False,
            f"No worker for {seconds:g} seconds: {last}.",
            "Start `python app.py serve`, or only `python app.py worker`.",
        )
    return DoctorAnswer(True, "A worker is alive.")


def callback_in(env: Env, *, region: str) -> DoctorAnswer:
    """Can our own role read what stacks in this region report, and does it arrive?"""
    found = region_of(Clients(region=region), Config.for_publishing(env).topics).as_receiver()
    return DoctorAnswer(found.is_ok, found.sentence, found.fix)


def receiver(env: Env) -> DoctorAnswer:
    """Does the worker read what stacks report, in every region?"""
    config = Config.from_env(env)
    opened = open_store(config)
    states = opened.queue_states()
    opened.close()
    return reading_of(states, config.callback_regions, now=SystemClock().now())


QUESTIONS: Mapping[str, Callable[[Env], DoctorAnswer]] = {
    "configuration": configuration,
    "identity": identity,
    "assume role": assume_role,
    "managed policies": managed_policies,
    "template": template,
    "store": store,
    "worker": worker,
}


def questions(env: Env) -> Mapping[str, Callable[[Env], DoctorAnswer]]:
    """Return the questions: where tenants' stacks report back, one on the receiver and one more for each region."""
    try:
        regions = Config.for_publishing(env).topics.regions
    except ConfigError:
        # "configuration" says so.
        regions = ()
    if not regions:
        return QUESTIONS
    of_regions = {f"callback {region}": partial(callback_in, region=region) for region in regions}
    return {**QUESTIONS, "receiver": receiver, **of_regions}


def answer_to(name: str, question: Callable[[Env], DoctorAnswer], env: Env) -> DoctorAnswer:
    """Return the answer to one question, or why it could not be asked."""
    try:
        return question(env)
    except ConfigError as error:
        return DoctorAnswer(
            False, str(error) if name == "configuration" else f"Not examined: {error}", "Correct the setting."
        )
    except StackTemplateError as error:
        return DoctorAnswer(False, str(error), "Correct the template, or publish it again.")
    except (OSError, sqlite3.Error) as error:
        return DoctorAnswer(False, f"Not examined: {error}.", "See the line about the store.")


def _each_fix_once(found: Mapping[str, DoctorAnswer]) -> Mapping[str, DoctorAnswer]:
    """Return the answers; what keeps AWS from saying who we are mostly keeps it from the next questions too."""
    identity = found["identity"]
    if not identity.sentence.startswith("AWS does not say who we are"):
        return found
    there = "See the line about the identity."
    return {
        name: replace(answer, fix=there) if answer.fix == identity.fix and answer is not identity else answer
        for name, answer in found.items()
    }
