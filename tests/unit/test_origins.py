"""Embed origins: exact, as a browser serialises them, and nothing that only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding.ground.origins import parse_origin
from onboarding.ground.refused import Refused


@pytest.mark.parametrize(
    ("raw", "origin"),
    [
        ("https://portal.example.com", "https://portal.example.com"),
        (" HTTPS://Portal.Example.COM/ ", "https://portal.example.com"),
        ("https://portal.example.com:443", "https://portal.example.com"),
        ("https://portal.example.com:8443", "https://portal.example.com:8443"),
        ("https://xn--mnchen-3ya.example", "https://xn--mnchen-3ya.example"),
        ("https://192.0.2.7", "https://192.0.2.7"),
        ("http://localhost:5003", "http://localhost:5003"),
        ("http://portal.localhost:80", "http://portal.localhost"),
    ],
)
def test_an_origin_is_read_as_a_browser_writes_it(raw, origin):
    assert parse_origin(raw) == origin


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "*",
        "null",
        "https://*",
        "https://*.example.com",
        "https://portal.example.com/page",
        "https://portal.example.com?x",
        "https://portal.example.com#x",
        "https://user@portal.example.com",
        "https://portal.example.com:0",
        "https://portal.example.com:65536",
        "https://portal.example.com:",
        "https://-portal.example.com",
        "https://portal..example.com",
        "https://portal.example.com.",
        "https://münchen.example",
        "https://portal.example.com 'unsafe-inline'",
        "https://portal.example.com;script-src *",
        "https://portal.example.com\nhttps://evil.example",
        "//portal.example.com",
        "portal.example.com",
        "ftp://portal.example.com",
        "javascript:alert(1)",
        "data:text/html,x",
        "http://portal.example.com",
        "http://localhost.example.com",
        "http://notlocalhost",
    ],
)
def test_what_is_no_exact_and_safe_origin_is_refused(raw):
    with pytest.raises(Refused):
        parse_origin(raw)


@given(st.text())
def test_any_text_is_an_origin_or_is_refused_and_none_can_say_more_in_a_policy(raw):
    try:
        origin = parse_origin(raw)
    except Refused:
        return
    assert not set(origin) & set(" ;,'\"*\r\n\t")
    assert parse_origin(origin) == origin
