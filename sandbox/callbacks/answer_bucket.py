"""CloudFormation's buckets for answers: signed addresses (ResponseURL), and the PUTs that come to them.

A ResponseURL names a bucket of CloudFormation's own in the stack's region. Whoever answers connects to the sandbox
instead and leaves the Host header and the path as they are. As S3 does, this takes what is well signed, and does not
look into it: whether CloudFormation understands an answer is decided by answers.py.
Source of the form: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requesttypes-create.html
"""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from werkzeug.wrappers import Request, Response

from sandbox.suffixes import url_suffix

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

EXPIRES_SECONDS = 7200
# Far above the 4,096 bytes that CloudFormation reads, so that it is CloudFormation that refuses what is too long.
LONGEST_BODY = 1_000_000
_HOST = re.compile(r"cloudformation-custom-resource-response-[a-z0-9]+\.s3[.a-z0-9-]*\.amazonaws\.com(\.cn)?(:443)?")


@dataclass
class Letterbox:
    """Where the answers to one request come in."""

    url: str
    host: str
    target: str
    expires_at: float
    _bodies: deque[bytes] = field(default_factory=deque)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def put(self, body: bytes) -> None:
        """Take one answer."""
        with self._changed:
            self._bodies.append(body)
            self._changed.notify_all()

    def take(self, *, seconds: float, stop: threading.Event) -> bytes | None:
        """Wait for the next answer. None: none came in time, or `stop` was set."""
        until = time.monotonic() + seconds
        with self._changed:
            while not self._bodies:
                left = until - time.monotonic()
                if left <= 0 or stop.is_set():
                    return None
                # In short steps, since nobody notifies when `stop` is set.
                self._changed.wait(min(left, 0.05))
            return self._bodies.popleft()


class AnswerBuckets:
    """WSGI middleware: it answers what comes to CloudFormation's buckets, and passes on everything else."""

    def __init__(self, app: WSGIApplication, *, seconds: float = EXPIRES_SECONDS) -> None:
        self._app = app
        self._seconds = seconds
        self._boxes: dict[tuple[str, str], Letterbox] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        host = environ.get("HTTP_HOST", "").lower()
        if _HOST.fullmatch(host) is None:
            return self._app(environ, start_response)
        return self._take(Request(environ), host.removesuffix(":443"))(environ, start_response)

    def open(self, *, stack_id: str, logical_id: str, request_id: str) -> Letterbox:
        """Return a new letterbox, whose address is valid for two hours."""
        _, partition, _, region, _, _ = stack_id.split(":", 5)
        bucket = f"cloudformation-custom-resource-response-{region.replace('-', '')}"
        host = f"{bucket}.s3{'' if region == 'us-east-1' else '.' + region}.{url_suffix(partition)}"
        path = "/" + quote(f"{stack_id}|{logical_id}|{request_id}", safe="/")
        now = datetime.now(UTC)
        query = (
            f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date={now:%Y%m%dT%H%M%SZ}&X-Amz-SignedHeaders=host"
            f"&X-Amz-Expires={EXPIRES_SECONDS}"
            f"&X-Amz-Credential=AKIA{secrets.token_hex(8).upper()}%2F{now:%Y%m%d}%2F{region}%2Fs3%2Faws4_request"
            f"&X-Amz-Signature={secrets.token_hex(32)}"
        )
        box = Letterbox(
            url=f"https://{host}{path}?{query}",
            host=host,
            target=f"{path}?{query}",
            expires_at=time.monotonic() + self._seconds,
        )
        self._forget_expired()
        self._boxes[host, path] = box
        return box

    def _take(self, request: Request, host: str) -> Response:
        # As it was sent: PATH_INFO is already decoded, and the signature is over the encoded text.
        target = request.environ.get("REQUEST_URI", "")
        box = self._boxes.get((host, target.partition("?")[0]))
        if box is None or request.method != "PUT" or not secrets.compare_digest(target.encode(), box.target.encode()):
            return _denied("SignatureDoesNotMatch", _UNSIGNED)
        if time.monotonic() > box.expires_at:
            return _denied("AccessDenied", "Request has expired")
        if request.headers.get("Content-Type"):
            # CloudFormation signs an empty Content-Type.
            return _denied("SignatureDoesNotMatch", _UNSIGNED)
        if request.content_length is None:
            return _refused(411, "MissingContentLength", "You must provide the Content-Length HTTP header.")
        if request.content_length > LONGEST_BODY:
            return _refused(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
        box.put(request.get_data())
        return Response(status=200, headers={"ETag": f'"{secrets.token_hex(16)}"'})

    def _forget_expired(self) -> None:
        # An hour late, so that a late answer is told that it has expired.
        long_ago = time.monotonic() - 3600
        for key in [key for key, box in self._boxes.copy().items() if box.expires_at < long_ago]:
            self._boxes.pop(key, None)


_UNSIGNED = (
    "The request signature we calculated does not match the signature you provided. Check your key and signing method."
)


def _denied(code: str, message: str) -> Response:
    return _refused(403, code, message)


def _refused(status: int, code: str, message: str) -> Response:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return Response(body, status=status, content_type="application/xml")
