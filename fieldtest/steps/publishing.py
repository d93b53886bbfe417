"""Publishes the template as the product does, and fetches it as a stranger's CloudFormation does."""

from __future__ import annotations

from botocore.exceptions import ClientError

from aws.fetching import fetch_unsigned
from aws.publishing import PublishFailed, bucket_policy_needed, publish_template
from fieldtest.pace import wait_for
from fieldtest.run import TAG, Run, Skipped, said
from fieldtest.state import Kind, Side
from onboarding.proof.answer import Outcome
from onboarding.stack_template.template import bake

_OPEN = dict.fromkeys(
    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"),
    False,
)


def publish(run: Run) -> None:
    """Make a bucket, publish into it, and open it to strangers."""
    bucket = f"rolecall-fieldtest-{run.id}"
    s3 = run.vendor.client("s3")
    run.state.intend(Kind.BUCKET, Side.VENDOR, bucket)
    region = run.vendor.region
    where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=bucket, **where)
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": TAG, "Value": run.id}]})
    _publish(run, bucket)
    closed = fetch_unsigned(run.template_url)
    run.findings.note(
        "fetch-refused-without-policy",
        closed.outcome is Outcome.REFUSED,
        closed.message or "S3 gave the template to a stranger.",
        needs_bucket_policy=closed.needs_bucket_policy,
    )
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=_OPEN)
    seconds, every = run.pace.spread, run.pace.ask_every
    wait_for("Allowing a public bucket policy", lambda: _opened(run, bucket), seconds=seconds, every=every)
    _, took = wait_for(
        "Opening the bucket to strangers",
        lambda: fetch_unsigned(run.template_url).text == run.baked,
        seconds=seconds,
        every=every,
    )
    run.findings.note("fetch-unsigned", took <= 60, f"Anyone could read it after {took:.1f} seconds.", seconds=took)


def _opened(run: Run, bucket: str) -> bool:
    """Whether S3 took the policy. It knows only after a while that the bucket can have a public one."""
    policy = bucket_policy_needed(bucket=bucket, partition=run.vendor.partition)
    try:
        run.vendor.client("s3").put_bucket_policy(Bucket=bucket, Policy=policy)
    except ClientError as error:
        if said(error)[0] not in ("AccessDenied", "OperationAborted"):
            raise
        return False
    return True


def _publish(run: Run, bucket: str) -> None:
    trusted = run.accounts.trusted
    text = bake(
        run.template,
        account_id=trusted.account_id,
        principal=f"role{trusted.path}{trusted.name}",
        topics=run.callbacks.topics if run.callbacks else None,
    )
    clients = run.accounts.product_clients()
    found = [publish_template(lambda: clients.s3, bucket=bucket, text=text) for _ in range(2)]
    failed = next((each for each in found if isinstance(each, PublishFailed)), None)
    if failed is not None:
        # Only a request that S3 does not understand contradicts us.
        is_ours = failed.outcome is Outcome.REQUEST_INVALID
        run.findings.note("publish-accepted", False if is_ours else None, failed.message)
        raise Skipped(failed.message)
    first, again = (each for each in found if not isinstance(each, PublishFailed))
    run.template_url, run.baked = first.url, text
    run.findings.note(
        "publish-accepted",
        not first.was_already_there and again.was_already_there,
        f"Written once; the second time it {'was there' if again.was_already_there else 'was written again'}.",
    )
