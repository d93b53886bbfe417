"""A whole request as a WSGI application sees it: wsgiref's validator and random input hold us to PEP 3333."""

from __future__ import annotations

import sys
from urllib.parse import quote, unquote_to_bytes
from wsgiref.validate import validator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from front.wsgi import Body, environ_of, run

NAMES = st.from_regex(rb"[a-z][a-z0-9-]{0,10}", fullmatch=True)
VALUES = st.binary(max_size=20)


def scope(**differences):
    return {
        "type": "http",
        "method": "GET",
        "http_version": "1.1",
        "scheme": "http",
        "raw_path": b"/",
        "query_string": b"",
        "server": ("127.0.0.1", "8000"),
        "client": ("192.0.2.1", "40000"),
        "headers": [(b"host", b"connect.example.com")],
        **differences,
    }


def started(status="200 OK", headers=(("Content-Type", "text/plain"),), parts=(b"ok",)):
    def application(_, start_response):
        start_response(status, list(headers))
        return list(parts)

    return application


@given(
    method=st.sampled_from(["GET", "POST", "PUT"]),
    path=st.binary(max_size=20),
    query=st.binary(max_size=20),
    headers=st.lists(st.tuples(NAMES, VALUES), max_size=8),
    content=st.none() | st.binary(max_size=50),
)
def test_every_request_makes_an_environ_that_the_validator_accepts(method, path, query, headers, content):
    seen = {}

    def application(environ, start_response):
        seen.update(environ)
        seen["read"] = environ["wsgi.input"].read(1000)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"ok"]

    given_scope = scope(method=method, raw_path=b"/" + quote(path).encode(), query_string=query, headers=headers)
    body = None if content is None else Body(content, len(content))

    assert run(validator(application), environ_of(given_scope, body)).body == b"ok"
    assert seen["PATH_INFO"].encode("latin-1") == b"/" + path
    assert seen["QUERY_STRING"].encode("latin-1") == query
    assert seen["read"] == (content or b"")
    assert seen.get("CONTENT_LENGTH") == (None if content is None else str(len(content)))


def test_the_environ_says_who_asks_whom_and_how():
    environ = environ_of(scope(http_version="1.0", query_string=b"a=1&a=2", server=("::1", "81")), None)

    assert environ["REMOTE_ADDR"] == "192.0.2.1"
    assert (environ["SERVER_NAME"], environ["SERVER_PORT"]) == ("::1", "81")
    assert (environ["SERVER_PROTOCOL"], environ["wsgi.url_scheme"]) == ("HTTP/1.0", "http")
    assert (environ["SCRIPT_NAME"], environ["QUERY_STRING"]) == ("", "a=1&a=2")
    assert environ["HTTP_HOST"] == "connect.example.com"
    assert "HTTP_CONTENT_TYPE" not in environ


def test_a_header_that_is_sent_twice_is_joined_and_a_cookie_by_its_own_sign():
    headers = [(b"x-a", b"1"), (b"cookie", b"a=1"), (b"x-a", b"2"), (b"cookie", b"b=\xc3\xa9")]

    environ = environ_of(scope(headers=headers), None)

    assert environ["HTTP_X_A"] == "1,2"
    assert environ["HTTP_COOKIE"].encode("latin-1") == b"a=1; b=\xc3\xa9"


def test_the_type_of_the_body_has_its_own_name_and_how_it_came_is_not_said():
    headers = [(b"content-type", b"text/plain"), (b"transfer-encoding", b"chunked"), (b"content-length", b"9")]

    environ = environ_of(scope(headers=headers), Body(b"abc", 3))

    assert (environ["CONTENT_TYPE"], environ["CONTENT_LENGTH"]) == ("text/plain", "3")
    assert not {"HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING"} & set(environ)


@pytest.mark.parametrize("path", ["/a%2Fb", "/%C3%A9", "/%ff", "/%00", "//a", "*"])
def test_a_path_keeps_its_bytes(path):
    environ = environ_of(scope(raw_path=path.encode()), None)

    assert environ["PATH_INFO"].encode("latin-1") == unquote_to_bytes(path)


def test_an_answer_is_what_was_written_and_then_what_was_returned_in_parts():
    def application(_, start_response):
        write = start_response("201 Created", [("X-Name", "caf\xe9")])
        write(b"a")
        write(b"b")
        return (part for part in (b"", b"c", b"d"))

    answer = run(application, environ_of(scope(), None))

    assert answer == (201, [(b"x-name", b"caf\xe9")], b"abcd")


def test_a_generator_may_start_the_answer_as_late_as_its_first_part():
    def application(_, start_response):
        start_response("200 OK", [])
        yield b"late"

    assert run(application, environ_of(scope(), None)).body == b"late"


def test_an_error_replaces_what_was_begun():
    def application(_, start_response):
        start_response("200 OK", [])(b"half a page")
        try:
            raise ValueError
        except ValueError:
            start_response("500 Oh", [("X-Error", "yes")], sys.exc_info())
        return [b"sorry"]

    assert run(application, environ_of(scope(), None)) == (500, [(b"x-error", b"yes")], b"sorry")


@pytest.mark.parametrize("fails", [False, True])
def test_what_the_application_returns_is_closed_even_if_it_fails(fails):
    class Parts:
        closed = 0

        def __iter__(self):
            yield b"a"
            if fails:
                raise ValueError

        def close(self):
            self.closed += 1

    parts = Parts()

    def application(_, start_response):
        start_response("200 OK", [])
        return parts

    if fails:
        with pytest.raises(ValueError):
            run(application, environ_of(scope(), None))
    else:
        run(application, environ_of(scope(), None))
    assert parts.closed == 1


def twice(_, start_response):
    start_response("200 OK", [])
    start_response("200 OK", [])
    return []


@pytest.mark.parametrize("application", [twice, lambda _, start_response: []])
def test_an_application_that_breaks_the_protocol_is_no_answer(application):
    with pytest.raises(AssertionError):
        run(application, environ_of(scope(), None))


def test_the_validator_has_nothing_against_what_we_do_with_an_answer():
    assert run(validator(started()), environ_of(scope(), None)).body == b"ok"
