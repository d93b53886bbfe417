"""The addresses for answers must take what is signed and refuse everything else, as CloudFormation's buckets do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from sandbox.aws import SandboxAws
from sandbox.callbacks.answer_bucket import AnswerBuckets, Letterbox
from tests.sandbox.callback_callers import CallbackVendor

STACK_ID = (
    "arn:aws:cloudformation:eu-central-1:111122223333:stack/northwind-ab12cd34/5b918d10-cd98-11ea-90d5-0a9cd3354c10"
)
STRANGE_STACK_ID = STACK_ID.replace("eu-central-1", "cn-north-1").replace("arn:aws:", "arn:aws-cn:")


@pytest.fixture
def caller(aws: SandboxAws) -> CallbackVendor:
    return CallbackVendor(aws)


@pytest.fixture
def box(aws: SandboxAws) -> Iterator[Letterbox]:
    yield aws.custom_resources.buckets.open(stack_id=STACK_ID, logical_id="Callback", request_id="4f9c")


def _taken(box: Letterbox) -> bytes | None:
    return box.take(seconds=0, stop=threading.Event())


def test_a_signed_answer_arrives_as_it_was_sent(caller: CallbackVendor, box: Letterbox) -> None:
    assert caller.put(box.url, b"{}") == (200, "")
    assert _taken(box) == b"{}"


@pytest.mark.parametrize(
    "forge",
    [
        lambda url: url[:-1] + ("0" if url[-1] != "0" else "1"),
        lambda url: url.partition("?")[0] + "?",
        lambda url: url.replace("Callback", "Callbac%6B"),
        lambda url: url.replace("X-Amz-Expires=7200", "X-Amz-Expires=7201"),
        lambda url: url.replace("eucentral1.s3.eu-central-1", "euwest1.s3.eu-west-1"),
        lambda url: url.replace("%7C4f9c", "%7C4f9d"),
    ],
)
def test_an_altered_address_is_refused(caller: CallbackVendor, box: Letterbox, forge: object) -> None:
    status, body = caller.put(forge(box.url), b"{}")  # type: ignore[operator]

    assert status == 403
    assert "<Code>SignatureDoesNotMatch</Code>" in body
    assert _taken(box) is None


def test_a_content_type_breaks_the_signature(caller: CallbackVendor, box: Letterbox) -> None:
    status, body = caller.put(box.url, b"{}", Content_Type="application/json")

    assert (status, "SignatureDoesNotMatch" in body) == (403, True)
    assert _taken(box) is None


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_only_a_put_is_signed(caller: CallbackVendor, box: Letterbox, method: str) -> None:
    assert caller.put(box.url, b"{}", method=method)[0] == 403
    assert _taken(box) is None


def test_an_address_expires() -> None:
    buckets = AnswerBuckets(lambda _environ, _start: [], seconds=-1)
    box = buckets.open(stack_id=STACK_ID, logical_id="Callback", request_id="4f9c")
    there = urlsplit(box.url)
    answered: list[str] = []

    body = buckets(
        {
            "REQUEST_METHOD": "PUT",
            "HTTP_HOST": there.netloc,
            "REQUEST_URI": f"{there.path}?{there.query}",
            "PATH_INFO": "/",
            "CONTENT_LENGTH": "0",
            "wsgi.url_scheme": "http",
        },
        lambda status, _headers, _error=None: answered.append(status) or (lambda _data: None),  # type: ignore[func-returns-value]
    )

    assert answered == ["403 FORBIDDEN"]
    assert b"Request has expired" in b"".join(body)


def test_each_region_and_partition_has_its_host() -> None:
    buckets = AnswerBuckets(lambda _environ, _start: [])

    hosts = [
        buckets.open(stack_id=stack_id, logical_id="Callback", request_id="4f9c").host
        for stack_id in (STACK_ID, STACK_ID.replace("eu-central-1", "us-east-1"), STRANGE_STACK_ID)
    ]

    assert hosts == [
        "cloudformation-custom-resource-response-eucentral1.s3.eu-central-1.amazonaws.com",
        "cloudformation-custom-resource-response-useast1.s3.amazonaws.com",
        "cloudformation-custom-resource-response-cnnorth1.s3.cn-north-1.amazonaws.com.cn",
    ]
