"""Whether a tenant's CloudFormation reads what `publish` would publish now, for `doctor`."""

from __future__ import annotations

from aws.fetching import FetchResult, fetch_unsigned
from aws.publishing import bucket_policy_needed
from commands.doctor_answer import DoctorAnswer
from commands.publish import baked_variants
from config import Config, Publishing
from onboarding.stack_template.callback import Callback
from onboarding.stack_template.template import StackTemplate
from onboarding.stack_template.url import parse_template_url


def template_answer(config: Config, publishing: Publishing) -> DoctorAnswer:
    """Return whether every published template can be read, and is what the wizard explains."""
    urls = {"ROLECALL_TEMPLATE_URL": config.template_url, "ROLECALL_PLAIN_TEMPLATE_URL": config.plain_template_url}
    variants = baked_variants(publishing)
    found = [
        _published(config, setting, urls[setting], StackTemplate.parse(text)) for setting, text in variants.items()
    ]
    wrong = [answer for answer in found if not answer.is_ok] or found
    return DoctorAnswer(
        wrong is found,
        " ".join(answer.sentence for answer in wrong),
        # Once, if it is the same bucket or command.
        " ".join(dict.fromkeys(answer.fix for answer in wrong if answer.fix)),
    )


def _published(config: Config, setting: str, url: str, own: StackTemplate) -> DoctorAnswer:
    """Compare the template at a URL with `own`, which is what would be published there now."""
    fetched = fetch_unsigned(url)
    if fetched.text is None:
        found = "Tenants cannot read" if fetched.is_of_s3 else "We cannot tell whether tenants can read"
        return DoctorAnswer(False, f"{found} {url}. {fetched.message}", _how_to_open(config, setting, url, fetched))
    published, name = StackTemplate.parse(fetched.text), "plain template" if "PLAIN" in setting else "template"
    again = f"Publish it again (`python app.py publish`) and set {setting} to the URL it prints."
    if published.trusted != own.trusted:
        trusted = published.trusted.arn(config.trusted_principal.partition)
        return DoctorAnswer(False, f"The published {name} trusts {trusted}, not {config.trusted_principal}.", again)
    if published.permissions != own.permissions:
        return DoctorAnswer(False, f"The published {name} asks for other permissions than the wizard shows.", again)
    if published.callback != own.callback:
        return DoctorAnswer(False, f"The published {name} {_difference(published.callback, own.callback)}", again)
    return DoctorAnswer(True, f"Anyone's CloudFormation can read {url}, and it trusts only us.")


def _difference(published: Callback | None, own: Callback | None) -> str:
    """Say in what the callback of a published template differs from the one that we would publish."""
    if published is None:
        return "lets no stack report back, although ROLECALL_CALLBACK_REGIONS is set."
    if own is None:
        return "lets stacks report back, and it must not."
    if published.logical_id != own.logical_id:
        return "reports to other topics than ours."
    if published.regions != own.regions:
        return f"reports back in {', '.join(published.regions)}, not in {', '.join(own.regions)}."
    return "explains the callback in other words than the wizard."


def _how_to_open(config: Config, setting: str, url: str, fetched: FetchResult) -> str:
    if not fetched.needs_bucket_policy:
        return fetched.fix or f"Check {setting} and the network."
    bucket = parse_template_url(url).bucket
    policy = bucket_policy_needed(bucket=bucket, partition=config.trusted_principal.partition)
    return f"Publish it again, and give the bucket this policy: {' '.join(policy.split())}"
