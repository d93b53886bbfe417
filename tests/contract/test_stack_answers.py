"""An answer goes to where CloudFormation awaits it, as it must be, once, and nobody can hold us up."""

from __future__ import annotations

import logging
import socket
import threading
import time

import pytest

from aws.stack_answers import TOTAL_SECONDS, HttpsStackAnswers
from aws.stack_queue import VISIBLE_AGAIN_SECONDS
from tests.contract.https_bucket import OK, bucket, certificate_for
from tests.stack_events import a_stack_event

BODY = b'{"Status":"SUCCESS"}'
URL = a_stack_event().response_url


@pytest.fixture
def here():
    with bucket() as running:
        yield running


@pytest.fixture
def leads_to(monkeypatch):
    """`leads_to(bucket)`: the name of every host leads to that bucket; returns what was looked up."""
    looked_up = []

    def lead(running):
        def look_up(host, port, *_, **__):
            looked_up.append((host, port))
            return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", running.port))]

        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        return looked_up

    return lead


def test_the_request_is_as_cloudformation_signed_it(here):
    assert HttpsStackAnswers(gateway=here.gateway).send(URL, BODY)

    head, _, body = here.requests[0].partition(b"\r\n\r\n")
    assert body == BODY
    assert head.decode().split("\r\n") == [
        f"PUT {URL.path_and_query} HTTP/1.1",
        f"Host: {URL.host}",
        "User-Agent: Rolecall",
        "Content-Type: ",
        f"Content-Length: {len(BODY)}",
        "Connection: close",
    ]


def test_it_goes_over_tls_to_the_host_of_the_url_which_is_looked_up_once(tmp_path, monkeypatch, leads_to):
    certificate = certificate_for(URL.host, tmp_path)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
    with bucket(certificate) as running:
        looked_up = leads_to(running)

        assert HttpsStackAnswers().send(URL, BODY)

    assert looked_up == [(URL.host, 443)]
    assert running.requests[0].startswith(f"PUT {URL.path_and_query} HTTP/1.1\r\nHost: {URL.host}\r\n".encode())


@pytest.mark.parametrize("fault", ["another name", "unknown to us", "no TLS"])
def test_nothing_is_told_to_a_server_that_does_not_prove_its_name(fault, tmp_path, monkeypatch, leads_to):
    certificate = certificate_for("evil.example" if fault == "another name" else URL.host, tmp_path)
    if fault == "another name":
        monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
    with bucket(None if fault == "no TLS" else certificate) as running:
        leads_to(running)

        assert not HttpsStackAnswers(seconds=1).send(URL, BODY)

    assert not any(BODY in request for request in running.requests)


def test_no_proxy_is_used(here, monkeypatch):
    with bucket() as proxy:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.gateway)

        assert HttpsStackAnswers(gateway=here.gateway).send(URL, BODY)

        assert (here.connections, proxy.connections) == (1, 0)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(here, status):
    with bucket() as other:
        here.answers(f"HTTP/1.1 {status} Found\r\nLocation: {other.gateway}/x\r\nContent-Length: 0\r\n\r\n".encode())

        assert not HttpsStackAnswers(gateway=here.gateway).send(URL, BODY)

        assert (here.connections, other.connections) == (1, 0)


@pytest.mark.parametrize(
    ("head", "nothing_is_left"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", True),
        (b"HTTP/1.0 204\r\n\r\n", True),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", True),
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", True),
        (b"HTTP/1.1 404 Not Found\r\n\r\n", True),
        (b"HTTP/1.1 408 Request Timeout\r\n\r\n", False),
        (b"HTTP/1.1 429 Slow Down\r\n\r\n", False),
        (b"HTTP/1.1 500 Internal Error\r\n\r\n", False),
        (b"HTTP/1.1 503 Slow Down\r\n\r\n", False),
        (b"HTTP/1.1 100 Continue\r\n\r\n", False),
        (b"", False),
        (b"HTTP/1.1\r\n\r\n", False),
        (b"HTTP/1.1 2\r\n", False),
        (b"SSH-2.0-OpenSSH_9.2\r\n", False),
        (b"x" * 1_000_000, False),
    ],
)
def test_what_can_come_right_later_is_sent_again(here, head, nothing_is_left):
    here.answers(head)

    assert HttpsStackAnswers(gateway=here.gateway).send(URL, BODY) is nothing_is_left


def drips(connection):
    with_pauses = iter(b"HTTP/1.1 200 OK and so on and on and on\r\n\r\n")
    for byte in with_pauses:
        connection.sendall(bytes([byte]))
        time.sleep(0.1)


def hangs(connection):
    connection.settimeout(3)
    connection.recv(1)


@pytest.mark.clocked
@pytest.mark.parametrize("behave", [drips, hangs])
def test_whatever_the_other_side_does_it_ends_in_time(here, behave):
    here.behave = behave
    began = time.monotonic()

    assert not HttpsStackAnswers(gateway=here.gateway, seconds=0.5).send(URL, BODY)

    assert time.monotonic() - began < 1


@pytest.mark.clocked
def test_a_name_that_is_looked_up_for_ever_ends_in_time(monkeypatch):
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(5) and [])
    began = time.monotonic()

    assert not HttpsStackAnswers(seconds=0.3).send(URL, BODY)

    assert time.monotonic() - began < 0.8
    over.set()


def test_of_several_addresses_a_dead_one_is_passed_over(monkeypatch):
    with bucket() as running, socket.create_server(("127.0.0.1", 0)) as closed:
        dead = closed.getsockname()
        closed.close()
        found = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", a) for a in (dead, ("127.0.0.1", running.port))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)

        assert HttpsStackAnswers(gateway="http://somewhere.example").send(URL, BODY)


@pytest.mark.parametrize("problem", [socket.gaierror("no such host"), UnicodeError("label too long")])
def test_a_name_that_nobody_knows_is_tried_again(monkeypatch, problem):
    def fail(*_, **__):
        raise problem

    monkeypatch.setattr(socket, "getaddrinfo", fail)

    assert not HttpsStackAnswers(seconds=1).send(URL, BODY)


def test_what_was_refused_is_logged_once_and_tells_no_signature(here, caplog):
    caplog.set_level(logging.INFO)
    here.answers(OK.replace(b"200 OK", b"403 Forbidden"))
    answers = HttpsStackAnswers(gateway=here.gateway)

    for _ in range(3):
        answers.send(URL, BODY)

    assert [r.getMessage() for r in caplog.records] == [f"callback.answer_refused host={URL.host} status=403"]


def test_an_answer_takes_less_time_than_the_message_is_hidden():
    assert 3 * TOTAL_SECONDS < VISIBLE_AGAIN_SECONDS
