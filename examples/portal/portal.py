"""A portal with Rolecall's wizard in one of its pages: all that your own product needs, in one file.

ROLECALL_URL=https://connect.example.com ROLECALL_API_KEY=rolecall_... python examples/portal/portal.py
"""

import json
import os
import urllib.request
from collections.abc import Callable

from flask import Flask, Response, abort, jsonify, render_template_string, request

# Who is signed in. A real portal takes this from its own session, never from the URL.
CLIENTS = {"acme": "Acme GmbH", "globex": "Globex Ltd"}
Names = Callable[[str], str | None]

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Settings · Example portal</title><link rel="stylesheet" href="/portal.css"><link rel="icon" href="data:,">
<header><b>Example portal</b> {{ name }}</header>
<main><h1>Cloud accounts</h1><p id="outcome" role="status">Connect an AWS account to see what it costs.</p>
{% if launch %}
<iframe src="{{ launch }}" title="Connect your AWS account" referrerpolicy="no-referrer" allow="clipboard-write"
 sandbox="allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox"></iframe>
{% else %}
<div id="aws"></div>
<script src="{{ rolecall }}/static/rolecall.js"></script><script src="/portal.js" data-client="{{ client }}"></script>
{% endif %}</main></html>"""

SCRIPT = """
const client = document.currentScript.dataset.client;
const outcome = document.getElementById("outcome");
Rolecall.mount("#aws", {
  launch: () => fetch(`/${client}/launch`, { method: "POST" }),
  onStatus: ({ status }) => { document.body.dataset.status = status; },
  onConnected: ({ accountId }) => { outcome.textContent = `Account ${accountId} is connected.`; },
});
"""

STYLE = """body { margin: 0; font: 1rem/1.5 system-ui; color: #222; background: #fff; color-scheme: light dark }
header { padding: .8rem 1rem; color: #fff; background: #234 } main { max-width: 76rem; margin: 0 auto; padding: 1rem }
iframe { border: 0; width: 100%; height: 60rem }
@media (prefers-color-scheme: dark) { body { color: #ddd; background: #13171f } }"""


def create_portal(origin: str, url: str, api_key: str, *, api_url: str = "", name_of: Names = CLIENTS.get) -> Flask:
    """Return the portal that browsers reach at `origin`. `api_url` is `url` for this server, if it is another one."""
    app = Flask(__name__)

    def launch_for(client: str) -> str:
        """Ask Rolecall for a launch, from server to server: the API key never reaches the browser."""
        wanted = {"tenant": client, "tenant_name": name_of(client), "origin": origin}
        asked = urllib.request.Request(  # noqa: S310 - an address of our own configuration
            f"{api_url or url}/api/v1/launches",
            data=json.dumps(wanted).encode(),
            headers={"Authorization": f"Bearer {api_key}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310
            return str(json.load(answer)["url"])

    @app.before_request
    def know_client() -> None:
        client = (request.view_args or {}).get("client")
        if client is not None and not name_of(client):
            abort(404)

    @app.get("/<client>")
    def settings(client: str) -> str:
        return render_template_string(PAGE, client=client, name=name_of(client), rolecall=url, launch="")

    @app.get("/<client>/plain")
    def without_script(client: str) -> tuple[str, dict[str, str]]:
        """The same without our script: the page holds the launch URL, so no cache is allowed to keep it."""
        page = render_template_string(PAGE, name=name_of(client), launch=launch_for(client))
        return page, {"Cache-Control": "no-store"}

    @app.post("/<client>/launch")
    def launch(client: str) -> Response:
        if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            abort(403)
        return jsonify(url=launch_for(client))

    @app.get("/portal.js")
    def script() -> tuple[str, dict[str, str]]:
        return SCRIPT, {"Content-Type": "text/javascript"}

    @app.get("/portal.css")
    def style() -> tuple[str, dict[str, str]]:
        return STYLE, {"Content-Type": "text/css"}

    return app


if __name__ == "__main__":
    port = int(os.environ.get("PORT", "8080"))
    here = os.environ.get("PORTAL_ORIGIN", f"http://portal.localhost:{port}")
    portal = create_portal(here, os.environ["ROLECALL_URL"], os.environ["ROLECALL_API_KEY"])
    portal.run("127.0.0.1", port)
