"""The reader without a network: what it refuses, what it waits for, and what that costs."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor

import pytest

from front.reader import Front, Limits
from tests.front.test_wsgi import scope

PIECE = b"a" * 1024


def echo(environ, start_response):
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"%d of %s" % (len(body), environ.get("CONTENT_LENGTH", "none").encode())]


async def ask(front, *pieces, more=False, headers=((b"transfer-encoding", b"chunked"),)):
    """Send the pieces as one body and return the answer: status, headers, body. None stands for hanging up."""
    left = deque(pieces)
    sent = []

    async def receive():
        if not left:
            await asyncio.sleep(60)
        piece = left.popleft()
        if piece is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": piece, "more_body": more or bool(left)}

    async def send(message):
        sent.append(message)

    await front(scope(method="POST", headers=[*headers]), receive, send)
    return sent[0]["status"], dict(sent[0]["headers"]), sent[1]["body"]


def told(story):
    """Run it to its end in a thread of its own: a browser that another test left open has its loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, story).result()


ONE_THREAD = Limits(threads=1)


def answered(*pieces, limits=ONE_THREAD, application=echo, **how):
    async def answer():
        return await ask(Front(application, limits), *pieces, **how)

    return told(answer())


def test_an_application_gets_a_body_whole_however_it_came():
    assert answered(b"abc", b"", b"de")[2] == b"5 of 5"
    assert answered(b"abc", headers=[(b"content-length", b"3")])[2] == b"3 of 3"


def test_a_request_without_a_body_is_not_waited_for():
    assert answered(headers=[(b"host", b"localhost")])[2] == b"0 of none"


def test_the_largest_body_is_read_and_of_a_larger_one_only_its_length_is_kept():
    assert answered(*[PIECE] * 64)[2] == b"65536 of 65536"
    assert answered(*[PIECE] * 64, b"a")[2] == b"0 of 65537"


def test_a_body_without_end_is_not_read_to_its_end():
    assert answered(*[PIECE * 16] * 70, more=True)[2] == b"0 of 1064960"
    assert answered(*[PIECE] * 300, more=True)[2] == b"0 of 262144"


def test_a_body_of_three_hundred_kilobytes_is_read_to_its_end_in_the_smallest_packets_of_networks_too():
    assert answered(*[b"a" * 1220] * 250)[2] == b"0 of 305000"


def test_a_body_in_crumbs_is_refused():
    assert answered(*[b"a"] * 256)[0] == 200
    assert answered(*[b"a"] * 257)[0] == 400


def test_a_body_that_does_not_come_in_time_is_refused_and_the_connection_ends():
    status, headers, _ = answered(b"a", more=True, limits=Limits(threads=1, body_seconds=0.05))

    assert status == 408
    assert headers[b"connection"] == b"close"


def test_who_hangs_up_gets_no_thread():
    asked = []

    assert answered(b"a", None, application=lambda *_: asked.append(1))[0] == 400
    assert asked == []


@pytest.mark.parametrize("name", [b"x_forwarded_for", b"content_length", b"_"])
def test_a_header_whose_name_wsgi_cannot_tell_from_another_is_refused(name):
    assert answered(headers=[(b"x-a", b"1"), (name, b"1")])[0] == 400


@pytest.mark.parametrize("codings", [[b"gzip, chunked"], [b"chunked", b"chunked"], [b"identity"]])
def test_no_transfer_coding_but_chunked_is_read(codings):
    assert answered(b"a", headers=[(b"transfer-encoding", coding) for coding in codings])[0] == 400


def test_every_refusal_is_plain_text_that_nobody_keeps():
    _, headers, body = answered(headers=[(b"a_b", b"1")])

    assert headers[b"content-type"] == b"text/plain; charset=utf-8"
    assert headers[b"cache-control"] == b"no-store"
    assert b"default-src 'none'" in headers[b"content-security-policy"]
    assert body.endswith(b".\n")


def test_an_application_that_fails_is_a_500_and_a_line_in_the_log(caplog):
    def broken(environ, start_response):
        raise ValueError

    assert answered(application=broken, headers=[])[0] == 500
    assert "request.crashed" in caplog.text


def test_when_too_many_wait_the_next_one_is_told_to_come_back_and_then_there_is_room_again():
    held = threading.Event()

    def slow(environ, start_response):
        held.wait(30)
        return echo(environ, start_response)

    async def story():
        front = Front(slow, Limits(threads=2, waiting=3))
        begun = [asyncio.create_task(ask(front, b"a")) for _ in range(5)]
        await asyncio.sleep(0)
        await asyncio.sleep(0.05)
        refused = await ask(front, b"a")
        held.set()
        others = await asyncio.gather(*begun)
        return refused, others, await ask(front, b"a")

    refused, others, later = told(story())

    assert refused[0] == 503
    assert refused[1][b"retry-after"] == b"1"
    assert [status for status, *_ in (*others, later)] == [200] * 6


def test_a_stop_refuses_what_has_not_come_whole_and_finishes_what_has():
    held = threading.Event()

    def slow(environ, start_response):
        held.wait(30)
        return echo(environ, start_response)

    async def story():
        front = Front(slow, ONE_THREAD)
        whole = asyncio.create_task(ask(front, b"a"))
        half = asyncio.create_task(ask(front, b"a", more=True))
        await asyncio.sleep(0.05)
        front.refuse_new()
        refused = [await half, await ask(front, b"a")]
        held.set()
        await front.finish(seconds=30)
        return refused, await whole

    refused, whole = told(story())

    assert [status for status, *_ in refused] == [503, 503]
    assert whole[0] == 200


def test_a_stop_at_the_moment_when_the_time_of_a_body_is_up_is_a_stop_like_any_other():
    failed = []

    async def story():
        front, loop = Front(echo, Limits(threads=1, body_seconds=0.05)), asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: failed.append(context))
        half = asyncio.create_task(ask(front, b"a", more=True))
        await asyncio.sleep(0)
        loop.call_later(0.05, front.refuse_new)
        time.sleep(0.2)  # Both are due when the loop goes on.
        return await half, await ask(front, b"a")

    answers = told(story())

    assert failed == []
    assert [status for status, *_ in answers] == [503, 503]


@pytest.mark.clocked
def test_the_cost_of_a_body_grows_no_faster_than_its_pieces():
    piece, limits = b"a" * 64, Limits(threads=1, pieces=16_000, largest_body=1024 * 1024)

    async def cost(pieces):
        body, front = [piece] * pieces, Front(echo, limits)
        began = time.thread_time()
        await ask(front, *body)
        return time.thread_time() - began

    rounds = [[told(cost(pieces)) for pieces in (4000, 8000, 16_000)] for _ in range(15)]
    # The least of each, since whatever else the machine does only adds.
    half, one, two = map(min, zip(*rounds, strict=True))

    # What a request costs beside its pieces is in neither difference. Growth by the square makes this a 4.
    assert two - one < 3 * (one - half)
