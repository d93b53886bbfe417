"""Publishes the stack template to a bucket that tenants' CloudFormation can read."""

from __future__ import annotations

from collections.abc import Mapping

import click

from aws.clients import Clients
from aws.fetching import FetchResult, fetch_unsigned
from aws.publishing import PublishFailed, bucket_policy_needed, publish_template
from commands.logs import say_no_more_in_the_log
from commands.printing import print_line, print_lines
from config import Config, Publishing
from onboarding.callback.topics import CallbackTopics
from onboarding.stack_template.template import bake


@click.command()
@click.option("--bucket", required=True, help="An S3 bucket in the vendor's account.")
@click.pass_context
def publish(ctx: click.Context, bucket: str) -> None:
    """Publish the stack template to an S3 bucket.

    Fills in the trusted principal, uploads the template under a name that carries its SHA-256, and prints the setting
    that points to it. Then reads it without credentials, as a tenant's CloudFormation does. If S3 refuses that, prints
    the bucket policy that you need. With ROLECALL_CALLBACK_REGIONS, publishes the plain template too, whose stack does
    not report back. You can repeat the command.
    """
    publishing = Config.for_publishing(ctx.obj)
    variants = baked_variants(publishing)
    say_no_more_in_the_log()
    # All of them are written before one is read: an operator who runs this once more has every setting meanwhile.
    urls = {setting: _published(publishing, bucket, setting, text) for setting, text in variants.items()}
    for setting, url in urls.items():
        fetched = fetch_unsigned(url)
        if fetched.text != variants[setting]:
            _explain(fetched, bucket=bucket, partition=publishing.trusted_principal.partition)
            ctx.exit(1)
    print_line(f"Anyone's CloudFormation can read {'them' if len(urls) > 1 else 'it'}.")


def baked_variants(publishing: Publishing) -> Mapping[str, str]:
    """Return what is to be published, by the setting that points to it, with this vendor filled in.

    That is the one template, or, where stacks report back, also the plain one. Raises StackTemplateError.
    """
    variants = {"ROLECALL_TEMPLATE_URL": baked(publishing, publishing.topics)}
    if publishing.topics:
        variants["ROLECALL_PLAIN_TEMPLATE_URL"] = baked(publishing)
    return variants


def baked(publishing: Publishing, topics: CallbackTopics | None = None) -> str:
    """Return the stack template with this vendor filled in; the plain one without topics. Raises StackTemplateError."""
    principal = publishing.trusted_principal
    return bake(
        # Bytes, so that line ends stay as they are: the published name holds the file's hash.
        publishing.stack_template.read_bytes().decode("utf-8"),
        account_id=principal.account_id,
        principal=f"role{principal.path}{principal.name}",
        topics=topics,
    )


def _published(publishing: Publishing, bucket: str, setting: str, text: str) -> str:
    """Publish one template, print what was done, and return its URL. Raises ClickException."""
    published = publish_template(lambda: Clients(region=publishing.region).s3, bucket=bucket, text=text)
    if isinstance(published, PublishFailed):
        raise click.ClickException(f"{published.message} {published.hint}")
    print_line(f"{'Already published' if published.was_already_there else 'Published'}: {published.url}")
    print_line(f"SHA-256: {published.sha256}")
    print_line(f"{setting}={published.url}")
    return published.url


def _explain(fetched: FetchResult, *, bucket: str, partition: str) -> None:
    print_line(
        f"But tenants cannot read it yet. {fetched.message or 'S3 returned something else.'} {fetched.fix}".rstrip(),
        err=True,
    )
    if fetched.needs_bucket_policy:
        print_line(
            "Give the bucket this policy, which makes only the published templates public, and let its Block Public "
            "Access settings allow a public policy:",
            err=True,
        )
        print_lines(bucket_policy_needed(bucket=bucket, partition=partition))
