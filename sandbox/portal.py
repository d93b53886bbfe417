"""The example portal that runs with the sandbox: another site, which frames the wizard."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from werkzeug.serving import make_server

from examples.portal.portal import create_portal


@contextmanager
def running_portal(port: int, *, rolecall_url: str, api_url: str, api_key: str) -> Iterator[None]:
    """Serve the example portal on that port while the block lasts. Every path is a client of the portal."""
    portal = create_portal(
        f"http://portal.localhost:{port}",
        rolecall_url,
        api_key,
        api_url=api_url,
        name_of=lambda client: client.replace("-", " ").title(),
    )
    server = make_server("127.0.0.1", port, portal, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
