"""Publishes the stack template to a bucket that tenants' CloudFormation can read."""

from __future__ import annotations

import click

from aws.clients import Clients
from aws.fetching import FetchResult, fetch_unsigned
from aws.publishing import PublishFailed, bucket_policy_needed, publish_template
from commands.logs import say_no_more_in_the_log
from commands.printing import print_line, print_lines
from config import Config, Publishing
from onboarding.stack_template.template import bake


@click.command()
@click.option("--bucket", required=True, help="An S3 bucket in the vendor's account.")
@click.pass_context
def publish(ctx: click.Context, bucket: str) -> None:
    """Publish the stack template to an S3 bucket.

    Fills in the trusted principal, uploads the template under a name that carries its SHA-256, and prints the setting
    that points to it. Then reads it without credentials, as a tenant's CloudFormation does. If S3 refuses that, prints
    the bucket policy that you need. You can repeat the command.
    """
    publishing = Config.for_publishing(ctx.obj)
    text = baked(publishing)
    say_no_more_in_the_log()
    published = publish_template(lambda: Clients(region=publishing.region).s3, bucket=bucket, text=text)
    if isinstance(published, PublishFailed):
        raise click.ClickException(f"{published.message} {published.hint}")
    print_line(f"{'Already published' if published.was_already_there else 'Published'}: {published.url}")
    print_line(f"SHA-256: {published.sha256}")
    print_line(f"ROLECALL_TEMPLATE_URL={published.url}")
    fetched = fetch_unsigned(published.url)
    if fetched.text != text:
        _explain(fetched, bucket=bucket, partition=publishing.trusted_principal.partition)
        ctx.exit(1)
    print_line("Anyone's CloudFormation can read it.")


def baked(publishing: Publishing) -> str:
    """Return the stack template with this vendor filled in. Raises StackTemplateError."""
    principal = publishing.trusted_principal
    return bake(
        # Bytes, so that line ends stay as they are: the published name holds the file's hash.
        publishing.stack_template.read_bytes().decode("utf-8"),
        account_id=principal.account_id,
        principal=f"role{principal.path}{principal.name}",
    )


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
