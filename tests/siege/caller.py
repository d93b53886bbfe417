"""Somebody at an address of their own, who speaks HTTP, keeps cookies, and takes the time of each answer."""

from __future__ import annotations

import http.client
import re
import time
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode

PATIENCE_SECONDS = 30.0


@dataclass(frozen=True)
class Answer:
    """What came back. `seconds` is from the first byte sent to the last one read."""

    status: int
    headers: http.client.HTTPMessage
    text: str
    seconds: float


@dataclass
class Caller:
    """One client. Each request has a connection of its own, so none profits from one that is already open."""

    port: int
    address: str
    cookies: dict[str, str] = field(default_factory=dict)
    took: list[float] = field(default_factory=list)

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, headers=headers)

    def post(self, page: str, path: str, **fields: str) -> Answer:
        """Send a form with the token that stands on the page."""
        shown = self.get(page)
        token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', shown.text)
        assert token is not None, (shown.status, shown.text[:2000])
        return self.ask("POST", path, body=urlencode({"csrf_token": token[1], **fields}))

    def ask(self, method: str, path: str, *, body: str = "", headers: dict[str, str] | None = None) -> Answer:
        """Send one request as a browser behind the proxy would, and keep what it took."""
        sent = {"X-Forwarded-For": self.address, "Host": f"localhost:{self.port}", **(headers or {})}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if body:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        began = time.monotonic()
        try:
            connection.request(method, path, body=body or None, headers=sent)
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        answer = Answer(response.status, response.headers, text, time.monotonic() - began)
        self.took.append(answer.seconds)
        for header in response.headers.get_all("Set-Cookie", []):
            self.cookies.update({name: morsel.value for name, morsel in SimpleCookie(header).items()})
        return answer
