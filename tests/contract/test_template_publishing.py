"""Publishes the stack template to moto's S3, and reads it again without credentials."""

from __future__ import annotations

import json
import socket
import threading
from pathlib import Path

import boto3
import pytest
from moto import mock_aws
from moto.server import ThreadedMotoServer

from aws.answers import Missing
from aws.fetching import fetch_unsigned
from aws.publishing import PublishedTemplate, PublishFailed, bucket_policy_needed, publish_template
from onboarding.callback.topics import CallbackTopics
from onboarding.proof.answer import Outcome
from onboarding.stack_template.reading import StackTemplateError
from onboarding.stack_template.template import bake, sha256_of
from onboarding.stack_template.yaml_text import read_yaml
from tests.guards.stack_template_rules import Subject

pytestmark = pytest.mark.clocked

UNBAKED = (Path(__file__).parents[2] / "cfn" / "role.yaml").read_text()
TEXT = bake(UNBAKED, account_id="999988887777", principal="role/tools/northwind-rolecall")
EXTERNAL_ID = "northwind-7kq2m9xd-0123456789abcdef0123456789abcdef"
BUCKET = "northwind-templates"


@pytest.fixture(autouse=True)
def no_real_aws(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.delenv("AWS_PROFILE", raising=False)


@pytest.fixture
def s3():
    with mock_aws():
        yield s3_in("us-east-1")


def s3_in(region, **options):
    return boto3.session.Session(region_name=region).client("s3", **options)


def make_bucket(region="us-east-1", name=BUCKET):
    where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3_in(region).create_bucket(Bucket=name, **where)


def test_a_template_is_published_under_its_hash_and_its_address_is_given(s3):
    make_bucket()

    published = publish_template(lambda: s3, bucket=BUCKET, text=TEXT)

    assert published == PublishedTemplate(
        url=f"https://{BUCKET}.s3.us-east-1.amazonaws.com/rolecall-role-{sha256_of(TEXT)}.yaml",
        key=f"rolecall-role-{sha256_of(TEXT)}.yaml",
        sha256=sha256_of(TEXT),
        was_already_there=False,
    )
    stored = s3.get_object(Bucket=BUCKET, Key=published.key)
    assert stored["Body"].read() == TEXT.encode()
    assert stored["ContentType"] == "text/yaml"
    assert stored["ServerSideEncryption"] == "AES256"


def test_publishing_again_writes_nothing(s3):
    make_bucket()
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})

    first = publish_template(lambda: s3, bucket=BUCKET, text=TEXT)
    again = publish_template(lambda: s3, bucket=BUCKET, text=TEXT)

    assert (first.was_already_there, again.was_already_there) == (False, True)
    assert again.url == first.url
    assert len(s3.list_object_versions(Bucket=BUCKET)["Versions"]) == 1


def test_another_object_under_the_name_is_replaced(s3):
    make_bucket()
    key = publish_template(lambda: s3, bucket=BUCKET, text=TEXT).key
    s3.put_object(Bucket=BUCKET, Key=key, Body=b"Resources: {}", ChecksumAlgorithm="SHA256")

    assert publish_template(lambda: s3, bucket=BUCKET, text=TEXT).was_already_there is False
    assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == TEXT.encode()


@pytest.mark.parametrize(
    ("client_region", "bucket_region", "host"),
    [
        ("us-east-1", "eu-central-1", "s3.eu-central-1.amazonaws.com"),
        ("eu-central-1", "us-east-1", "s3.us-east-1.amazonaws.com"),
        ("us-gov-west-1", "us-gov-west-1", "s3.us-gov-west-1.amazonaws.com"),
        ("cn-north-1", "cn-north-1", "s3.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_the_address_is_in_the_buckets_own_region_and_partition(s3, client_region, bucket_region, host):
    make_bucket(bucket_region)

    published = publish_template(lambda: s3_in(client_region), bucket=BUCKET, text=TEXT)

    assert published.url == f"https://{BUCKET}.{host}/{published.key}"


def test_a_template_that_names_no_vendor_is_never_published(s3):
    make_bucket()

    with pytest.raises(StackTemplateError, match="bake it"):
        publish_template(lambda: s3, bucket=BUCKET, text=UNBAKED)
    assert s3.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 0


def test_a_missing_bucket_is_a_result_and_not_an_exception(s3):
    failed = publish_template(lambda: s3, bucket=BUCKET, text=TEXT)

    assert isinstance(failed, PublishFailed)
    assert failed.outcome is Missing.BUCKET
    assert BUCKET in failed.message


def test_s3_refuses_strangers_until_the_bucket_has_the_policy_that_we_print(s3):
    make_bucket()
    url = publish_template(lambda: s3, bucket=BUCKET, text=TEXT).url

    before = fetch_unsigned(url)
    s3.put_bucket_policy(Bucket=BUCKET, Policy=bucket_policy_needed(bucket=BUCKET))
    after = fetch_unsigned(url)

    assert before.outcome is Outcome.REFUSED
    assert before.text != TEXT
    assert after.outcome is None
    assert after.text == TEXT
    assert after.text != UNBAKED


def test_the_policy_opens_our_templates_and_nothing_else_in_the_bucket(s3):
    make_bucket()
    s3.put_object(Bucket=BUCKET, Key="accounts.csv", Body=b"private")
    s3.put_bucket_policy(Bucket=BUCKET, Policy=bucket_policy_needed(bucket=BUCKET))

    assert fetch_unsigned(f"https://{BUCKET}.s3.us-east-1.amazonaws.com/accounts.csv").outcome is Outcome.REFUSED


def test_the_policy_allows_reading_alone_in_its_partition():
    policy = json.loads(bucket_policy_needed(bucket=BUCKET, key_prefix="x-", partition="aws-cn"))

    assert [(s["Effect"], s["Action"], s["Resource"]) for s in policy["Statement"]] == [
        ("Allow", "s3:GetObject", f"arn:aws-cn:s3:::{BUCKET}/x-*")
    ]


@pytest.mark.parametrize(
    ("url", "outcome"),
    [
        (f"https://{BUCKET}.s3.us-east-1.amazonaws.com/rolecall-role-other.yaml", Missing.OBJECT),
        (f"https://s3.us-east-1.amazonaws.com/{BUCKET}/rolecall-role-other.yaml", Missing.OBJECT),
        ("https://no-such-bucket.s3.us-east-1.amazonaws.com/role.yaml", Missing.BUCKET),
        ("https://example.com/role.yaml", Outcome.REQUEST_INVALID),
    ],
)
def test_a_template_that_cannot_be_fetched_says_why(s3, url, outcome):
    make_bucket()
    s3.put_bucket_policy(Bucket=BUCKET, Policy=bucket_policy_needed(bucket=BUCKET))

    fetched = fetch_unsigned(url)

    assert (fetched.outcome, fetched.text) == (outcome, None)
    assert fetched.message


def test_bytes_that_are_not_text_are_not_the_template(s3):
    make_bucket()
    key = publish_template(lambda: s3, bucket=BUCKET, text=TEXT).key
    s3.put_object(Bucket=BUCKET, Key=key, Body=b"\xff\xfe" * 1_000_000)
    s3.put_bucket_policy(Bucket=BUCKET, Policy=bucket_policy_needed(bucket=BUCKET))

    fetched = fetch_unsigned(f"https://s3.us-east-1.amazonaws.com/{BUCKET}/{key}")

    assert fetched.outcome is None
    assert fetched.text != TEXT
    assert len(fetched.text) <= 1_000_001


@pytest.mark.parametrize("how", ["given", "from the environment"])
def test_the_template_is_fetched_from_a_stand_in_for_s3_over_http(monkeypatch, how):
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        endpoint = "http://{}:{}".format(*server.get_host_and_port())
        s3 = s3_in("us-east-1", endpoint_url=endpoint)
        s3.create_bucket(Bucket=BUCKET)
        s3.put_bucket_policy(Bucket=BUCKET, Policy=bucket_policy_needed(bucket=BUCKET))
        url = publish_template(lambda: s3, bucket=BUCKET, text=TEXT).url
        if how == "from the environment":
            monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        fetched = fetch_unsigned(url, endpoint_url=endpoint if how == "given" else None)
    finally:
        server.stop()

    assert fetched.text == TEXT, fetched.message


def test_fetching_from_an_s3_that_never_answers_ends_after_the_timeout():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        results = []
        url = f"https://{BUCKET}.s3.us-east-1.amazonaws.com/role.yaml"
        asking = threading.Thread(
            target=lambda: results.append(fetch_unsigned(url, endpoint_url=endpoint, timeout_seconds=0.2))
        )
        asking.start()
        asking.join(timeout=5)

    assert [result.outcome for result in results] == [Outcome.TIMED_OUT]


def test_where_there_is_no_topic_a_stack_is_made_without_a_callback(s3):
    make_bucket()
    topics = CallbackTopics("aws", "999988887777", "northwind", ("eu-central-1", "eu-west-1"))
    text = bake(UNBAKED, account_id="999988887777", principal="role/tools/northwind-rolecall", topics=topics)
    url = publish_template(lambda: s3, bucket=BUCKET, text=text).url
    session = boto3.session.Session(region_name="us-east-1")

    stacks = session.client("cloudformation")
    stacks.create_stack(
        StackName="northwind-7kq2m9xd",
        TemplateURL=url,
        Parameters=[{"ParameterKey": "ExternalId", "ParameterValue": EXTERNAL_ID}],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )

    made = stacks.describe_stack_resources(StackName="northwind-7kq2m9xd")["StackResources"]
    role = session.client("iam").get_role(RoleName="northwind-7kq2m9xd")["Role"]
    # moto lists a resource whose condition is false too, without a name.
    assert [resource["LogicalResourceId"] for resource in made if "LogicalResourceId" in resource] == ["Role"]
    assert {tag["Key"]: tag["Value"] for tag in role["Tags"]}["callback"] == "none"


def test_a_stack_from_the_published_address_makes_the_role_that_the_rules_judged(s3):
    make_bucket()
    url = publish_template(lambda: s3, bucket=BUCKET, text=TEXT).url
    session = boto3.session.Session(region_name="us-east-1")

    stacks = session.client("cloudformation")
    stacks.create_stack(
        StackName="northwind-7kq2m9xd",
        TemplateURL=url,
        Parameters=[{"ParameterKey": "ExternalId", "ParameterValue": EXTERNAL_ID}],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )

    stack = stacks.describe_stacks(StackName="northwind-7kq2m9xd")["Stacks"][0]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    role = session.client("iam").get_role(RoleName="northwind-7kq2m9xd")["Role"]
    judged = Subject(TEXT, read_yaml(TEXT)).resolved()
    assert outputs["RoleArn"] == role["Arn"]
    assert role["AssumeRolePolicyDocument"] == judged["AssumeRolePolicyDocument"]
    assert role["RoleName"] == judged["RoleName"]
