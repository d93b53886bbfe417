"""A browser with the wizard in a frame of the portal: with a cookie of its own there, or with none at all."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from onboarding.model import PortalStart, Tenant
from tests.web.visitor import PORTAL_ORIGIN, PUBLIC_URL, Visitor, document

COOKIE = "__Host-rolecall-framed"
HEADER = "Rolecall-Session"
LANGUAGE = "Rolecall-Language"
FIELD = "rolecall_session"


class FramedVisitor(Visitor):
    """One frame. Without cookies it carries the session as the page's script does: in a header."""

    def __init__(self, app: Flask, *, keeps_cookies: bool = True, base_url: str = PUBLIC_URL) -> None:
        super().__init__(app, base_url=base_url)
        self.keeps_cookies = keeps_cookies
        self.session = self.language = ""
        if not keeps_cookies:
            self._client = app.test_client(use_cookies=False)

    def open(self, method: str, path: str, *, headers: dict[str, str] | None = None, **others: Any) -> TestResponse:
        """Send one request from the frame; a page of the wizard is asked for below `/framed`."""
        carried = {HEADER: self.session} if self.session and not self.keeps_cookies else {}
        if self.language:
            carried[LANGUAGE] = self.language
        there = path if path.startswith(("/embed/", "/static/", "/api/")) else f"/framed{path}"
        answer = super().open(method, there, headers={**carried, **(headers or {})}, **others)
        self.session = answer.headers.get(HEADER, self.session)
        self.language = answer.headers.get(LANGUAGE, self.language)
        return answer

    def enter(self, tenant: Tenant) -> FramedVisitor:
        """Come in by a launch of the portal's for that tenant."""
        launch, secret = a_launch(self.app, tenant)
        assert self.exchange(launch, secret).status_code == 200
        return self

    def exchange(self, launch: PortalStart, secret: str, **changed: str) -> TestResponse:
        """Do what the frame's first page does with the secret in its address."""
        self.session = ""
        head = document(self.get(f"/embed/{launch.id}")).iter("meta")
        found = {meta.get("name"): meta.get("content", "") for meta in head}
        sent = {"secret": secret, "csrf_token": found["rolecall-csrf"], FIELD: found["rolecall-session"], **changed}
        return self.open("POST", f"/embed/{launch.id}", data=sent)


def a_launch(app: Flask, tenant: Tenant, **values: str) -> tuple[PortalStart, str]:
    """A launch of the portal's for that tenant, and its secret."""
    here = app.extensions["rolecall"]
    key, _ = here.api_keys.create("portal")
    return here.portal.start(
        key, **{"reference": tenant.reference, "name": tenant.name, "raw_origin": PORTAL_ORIGIN, **values}
    )
