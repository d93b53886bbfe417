"""The socket that is served, and how many connections it may have."""

from __future__ import annotations

import resource
import socket

import pytest

from front.server import MOST_CONNECTIONS, OTHER_FILES, UNREAD_SECONDS, connections_allowed, listen


def test_every_connection_ends_when_its_answer_stays_unread_too_long():
    with listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        connection, _ = listener.accept()
        with connection:
            limit = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)

    assert limit == UNREAD_SECONDS * 1000


def test_an_address_that_is_taken_is_refused():
    with listen("127.0.0.1", 0) as listener, pytest.raises(OSError, match="in use"):
        listen(*listener.getsockname())


@pytest.mark.parametrize(
    ("soft", "hard", "allowed"),
    [
        (1024, 524_288, MOST_CONNECTIONS),
        (256, 1024, 1024 - OTHER_FILES),
        (1024, resource.RLIM_INFINITY, MOST_CONNECTIONS),
        (50, 50, 1),
    ],
)
def test_there_are_as_many_connections_as_files_can_be_open(monkeypatch, soft, hard, allowed):
    limits = {"now": (soft, hard)}
    monkeypatch.setattr(resource, "getrlimit", lambda _: limits["now"])
    monkeypatch.setattr(resource, "setrlimit", lambda _, wanted: limits.update(now=wanted))

    assert connections_allowed() == allowed
    assert limits["now"] == (hard, hard)
