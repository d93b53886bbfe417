"""What `doctor` examines. Each question needs only what it is about, so that one fault does not hide the others."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aws.clients import Clients
from aws.identity import NoAnswer, may_assume, who_am_i
from aws.templates import FetchResult, Trouble, bucket_policy_needed, fetch_unsigned
from commands.publish import baked
from config import Config, ConfigError
from onboarding.schedule import WORKER_SILENT_AFTER
from onboarding.stack_template.template import StackTemplate, StackTemplateError
from onboarding.stack_template.url import parse_template_url
from settings import unknown_settings
from worker import SystemClock, open_store

Env = Mapping[str, str]


@dataclass(frozen=True)
class Finding:
    """One answer: whether all is well, what was found, and what to do where it is not."""

    is_ok: bool
    sentence: str
    fix: str = ""


def configuration(env: Env) -> Finding:
    """Can every setting be used, and is every ROLECALL_ name a setting?"""
    config = Config.from_env(env)
    unknown = unknown_settings(env)
    if unknown:
        return Finding(False, f"No setting is called {', '.join(unknown)}.", "Correct the name or leave it out.")
    return Finding(True, f"Complete, for {config.brand.name} at {config.public_url}.")


def identity(env: Env) -> Finding:
    """Are our AWS credentials those of the trusted principal?"""
    wanted = Config.for_publishing(env)
    found = who_am_i(lambda: Clients(region=wanted.region).sts)
    if isinstance(found, NoAnswer):
        return Finding(False, f"AWS does not say who we are ({found.raw_code}).", found.sentence)
    if not found.is_session_of(wanted.trusted_principal):
        return Finding(
            False,
            f"We are {found.arn}, but tenants' roles trust {wanted.trusted_principal} alone.",
            "Run Rolecall with that role, or set ROLECALL_TRUSTED_PRINCIPAL_ARN to the role it runs with and publish "
            "the template again.",
        )
    return Finding(True, f"We are the trusted principal, as {found.arn}.")


def assume_role(env: Env) -> Finding:
    """Do our own policies let us assume tenants' roles?"""
    config = Config.from_env(env)
    ours = config.trusted_principal
    # A name of the form that tenants' roles have, so that a policy narrowed to them lets it through.
    role_arn = f"arn:{ours.partition}:iam::{ours.account_id}:role/{config.prefix}-00000000"
    found = may_assume(lambda: Clients(region=config.region).sts, role_arn=role_arn)
    if isinstance(found, NoAnswer):
        return Finding(False, f"AWS does not say whether we may assume roles ({found.raw_code}).", found.sentence)
    if not found.is_allowed:
        resource = f"arn:{ours.partition}:iam::*:role/{config.prefix}-*"
        return Finding(
            False,
            "Our own policies keep us from assuming tenants' roles.",
            f"Allow {ours} sts:AssumeRole on {resource}.",
        )
    certainty = "" if found.is_certain else ", as far as AWS tells before a tenant's role is there"
    return Finding(True, f"Nothing of ours forbids sts:AssumeRole{certainty}.")


def template(env: Env) -> Finding:
    """Can a tenant's CloudFormation read the published template, and is it the one the wizard speaks of?"""
    config = Config.from_env(env)
    fetched = fetch_unsigned(config.template_url)
    if fetched.text is None:
        return Finding(
            False, f"Tenants cannot read {config.template_url}. {fetched.message}", _opening(config, fetched)
        )
    published, own = StackTemplate.parse(fetched.text), StackTemplate.parse(baked(Config.for_publishing(env)))
    again = "Publish it again (`python app.py publish`) and set ROLECALL_TEMPLATE_URL to the URL it prints."
    if published.trusted != own.trusted:
        trusted = published.trusted.arn(config.trusted_principal.partition)
        return Finding(False, f"The published template trusts {trusted}, not {config.trusted_principal}.", again)
    if published.permissions != own.permissions:
        return Finding(False, "The published template asks for other permissions than the wizard shows.", again)
    return Finding(True, f"Anyone's CloudFormation can read {config.template_url}, and it trusts us alone.")


def store(env: Env) -> Finding:
    """Can the store be written, and are its tables up to date?"""
    config = Config.from_env(env)
    fix = "Let the user that Rolecall runs as write to that file and its folder, or set ROLECALL_DATABASE_URL."
    try:
        opened = open_store(config)
        # Ends a lease that nobody has: a write that takes the lock and changes nothing.
        opened.release("nobody")
        opened.close()
    except (OSError, sqlite3.Error) as error:
        return Finding(False, f"{config.database} cannot be written: {error}.", fix)
    return Finding(True, f"{config.database} can be written and its tables are up to date.")


def worker(env: Env) -> Finding:
    """Was a worker heard of lately?"""
    opened = open_store(Config.from_env(env))
    beat = opened.last_beat()
    opened.close()
    seconds = WORKER_SILENT_AFTER.total_seconds()
    if beat is None or SystemClock().now() - beat > WORKER_SILENT_AFTER:
        last = f"the last sign of one is from {beat:%Y-%m-%d %H:%M:%S} UTC" if beat else "there never was one"
        return Finding(
            False,
            f"No worker for {seconds:g} seconds: {last}.",
            "Start `python app.py serve`, or `python app.py worker` alone.",
        )
    return Finding(True, "A worker is alive.")


QUESTIONS: Mapping[str, Callable[[Env], Finding]] = {
    "configuration": configuration,
    "identity": identity,
    "assume role": assume_role,
    "template": template,
    "store": store,
    "worker": worker,
}


def examine(name: str, env: Env) -> Finding:
    """Return the answer to one question; what keeps it from being put is an answer as well."""
    try:
        return QUESTIONS[name](env)
    except ConfigError as error:
        return Finding(False, str(error) if name == "configuration" else f"Not examined: {error}", "Mend the setting.")
    except StackTemplateError as error:
        return Finding(False, str(error), "Mend the template, or publish it again.")
    except (OSError, sqlite3.Error) as error:
        return Finding(False, f"Not examined: {error}.", "See the line about the store.")


def _opening(config: Config, fetched: FetchResult) -> str:
    if fetched.trouble not in (Trouble.REFUSED, Trouble.ABSENT):
        return "Check ROLECALL_TEMPLATE_URL and the network."
    bucket = parse_template_url(config.template_url).bucket
    policy = bucket_policy_needed(bucket=bucket, partition=config.trusted_principal.partition)
    return f"Publish it again, and give the bucket this policy: {' '.join(policy.split())}"
