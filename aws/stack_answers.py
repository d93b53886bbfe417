"""onboarding.callback.queues.StackAnswers: puts an answer where CloudFormation awaits it.

A presigned URL of S3, so no AWS credentials are needed, and none are sent. Follows no redirect, uses no proxy, looks
the name up once and connects to what it found, and ends after five seconds whatever the other side does.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
"""

from __future__ import annotations

import logging
import socket
import ssl
import threading
import time
from datetime import timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.httpsession import get_cert_path

from onboarding.callback.hourly import Hourly
from onboarding.callback.response_url import ResponseUrl

log = logging.getLogger("rolecall.aws")

TOTAL_SECONDS = 5.0
# One dead address of several must not take all of the time.
_CONNECT_SECONDS = 2.0
_LONGEST_HEAD = 16_384
_HTTPS_PORT = 443
# Statuses of 4xx that can be another one later.
_LATER = {408, 425, 429}


class HttpsStackAnswers:
    """Sends over TLS; with a `gateway` (`http://127.0.0.1:PORT`, only in the sandbox), there and in the clear."""

    def __init__(self, *, gateway: str = "", seconds: float = TOTAL_SECONDS) -> None:
        self._gateway = gateway
        self._seconds = seconds
        self._told = Hourly()

    def send(self, response_url: ResponseUrl, body: bytes) -> bool:
        """Send the answer. Return whether nothing is left to do: it was taken, or refused for good."""
        try:
            status = self._put(response_url, body, ends_at=time.monotonic() + self._seconds)
        except (OSError, ValueError) as error:
            if self._is_news(f"{response_url.host} {type(error).__name__}"):
                log.warning("callback.answer_unsent host=%s error=%s", response_url.host, type(error).__name__)
            return False
        if 200 <= status < 300:
            return True
        # S3 says 403 after the URL's two hours, or if somebody has made the URL up.
        if self._is_news(f"{response_url.host} {status}"):
            log.warning("callback.answer_refused host=%s status=%s", response_url.host, status)
        return 400 <= status < 500 and status not in _LATER

    def _is_news(self, thing: str) -> bool:
        return self._told.is_new(thing, at=timedelta(seconds=time.monotonic()))

    def _put(self, to: ResponseUrl, body: bytes, *, ends_at: float) -> int:
        head = (
            f"PUT {to.path_and_query} HTTP/1.1\r\nHost: {to.host}\r\nUser-Agent: Rolecall\r\n"
            # CloudFormation signs for an empty type: S3 refuses the answer with any other, or with none.
            f"Content-Type: \r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        with self._connected(to.host, ends_at) as connection:
            connection.settimeout(_left(ends_at))
            connection.sendall(head.encode("ascii") + body)
            return _status(connection, ends_at)

    def _connected(self, host: str, ends_at: float) -> socket.socket:
        if self._gateway:
            gateway = urlsplit(self._gateway)
            return _connect(gateway.hostname or "", gateway.port or 80, ends_at)
        plain = _connect(host, _HTTPS_PORT, ends_at)
        try:
            plain.settimeout(_left(ends_at))
            return self._tls.wrap_socket(plain, server_hostname=host)
        except BaseException:
            plain.close()
            raise

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Trust what the system trusts, and what boto3 does: an operator's own AWS_CA_BUNDLE, or botocore's list."""
        context = ssl.create_default_context()
        own = boto3.Session()._session.get_config_variable("ca_bundle")
        context.load_verify_locations(own or get_cert_path(True))
        return context


def _left(ends_at: float) -> float:
    left = ends_at - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _connect(host: str, port: int, ends_at: float) -> socket.socket:
    problem: OSError = TimeoutError()
    for family, kind, protocol, address in _addresses(host, port, ends_at):
        connection = socket.socket(family, kind, protocol)
        try:
            connection.settimeout(min(_left(ends_at), _CONNECT_SECONDS))
            connection.connect(address)
        except OSError as error:
            connection.close()
            problem = error
        else:
            return connection
    raise problem


def _addresses(host: str, port: int, ends_at: float) -> list[tuple[Any, Any, int, Any]]:
    """Look the name up, once, in a thread that can be left behind: the system's resolver knows no time-out."""
    found: list[tuple[Any, Any, int, Any]] = []
    problems: list[OSError | UnicodeError] = []

    def look_up() -> None:
        try:
            found.extend((f, k, p, a) for f, k, p, _, a in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            problems.append(error)

    thread = threading.Thread(target=look_up, name="name look-up", daemon=True)
    thread.start()
    thread.join(_left(ends_at))
    if problems:
        raise problems[0]
    if thread.is_alive():
        raise TimeoutError
    return found


def _status(connection: socket.socket, ends_at: float) -> int:
    """Read the first line of the answer, and return its status. What follows is of no use, and the connection ends."""
    read = b""
    while b"\n" not in read and len(read) < _LONGEST_HEAD:
        connection.settimeout(_left(ends_at))
        part = connection.recv(_LONGEST_HEAD)
        if not part:
            break
        read += part
    version, _, rest = read.partition(b"\n")[0].partition(b" ")
    status = rest[:3]
    if not version.startswith(b"HTTP/1.") or len(status) < 3 or not status.isdigit():
        raise ConnectionError("no HTTP")
    return int(status)
