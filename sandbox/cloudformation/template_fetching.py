"""Fetching a stack template by its TemplateURL from moto's S3, whichever account owns the bucket."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.responses import CloudFormationResponse
from moto.s3.exceptions import S3ClientError
from moto.s3.models import s3_backends

LONGEST_URL = 5120
_SUFFIX = r"s3(?:[.-][a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?"
_BUCKET_HOST = re.compile(rf"(?P<bucket>[a-z0-9][a-z0-9.-]+)\.{_SUFFIX}")
_PATH_HOST = re.compile(_SUFFIX)


def template_text(response: CloudFormationResponse) -> str:
    """Return the template that a call gives, in its body or by its URL. Raises moto's ValidationError."""
    body, url = response._get_param("TemplateBody"), response._get_param("TemplateURL")
    if body and url:
        raise ValidationError(message="Either Template URL or Template Body must be specified, not both.")
    if url:
        return fetch_template(response, url)
    if not body:
        raise ValidationError(message="Either Template URL or Template Body must be specified.")
    return str(body)


def fetch_template(response: CloudFormationResponse, template_url: str) -> str:
    """Return the template's text. Raises moto's ValidationError if the URL is not S3's or nothing is there.

    It replaces moto's method of the same signature. Unlike AWS it does not ask the bucket's policy: fetch the URL
    unsigned to test that.
    """
    bucket, key = _bucket_and_key(template_url)
    try:
        found = s3_backends[response.current_account][response.partition].get_object(bucket, key)
    except S3ClientError as error:
        raise _missing("The specified bucket does not exist") from error
    if found is None:
        raise _missing("The specified key does not exist.")
    return found.value.decode("utf-8")


def _bucket_and_key(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    path = unquote(parts.path).lstrip("/")
    in_host = _BUCKET_HOST.fullmatch(parts.netloc)
    if parts.scheme == "https" and len(url) <= LONGEST_URL:
        # The path form first: a bucket's name can look like the start of S3's host name.
        if _PATH_HOST.fullmatch(parts.netloc) and "/" in path:
            bucket, _, key = path.partition("/")
            return bucket, key
        if in_host and path:
            return in_host["bucket"], path
    raise ValidationError(message="TemplateURL must be a supported URL.")


def _missing(what: str) -> ValidationError:
    return ValidationError(
        message=(
            f"S3 error: {what}\n"
            "For more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"
        )
    )
