"""The sandbox's AWS: moto's server in this process, behind an STS that enforces trust and a strict CloudFormation.

In process: `SandboxAws(stack_seconds=6).start()`. In a process of its own: `python -m sandbox.aws --port 4566`.
moto keeps its state in module globals, so a process runs one sandbox at a time, and starting one forgets the last.
"""

from __future__ import annotations

import argparse
import json
import logging
import signal
import threading
from collections.abc import Iterable
from contextlib import ExitStack
from typing import TYPE_CHECKING, ClassVar

from moto.core.base_backend import BackendDict
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import BaseWSGIServer, make_server
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Response

from onboarding.ground.arn import RoleArn, parse_account_id, parse_role_arn
from sandbox.callbacks.answer_bucket import AnswerBuckets
from sandbox.callbacks.custom_resources import CustomResources
from sandbox.callbacks.delivery import Delivery
from sandbox.cloudformation.stack_calls import abandon_stacks, replace_stack_calls
from sandbox.cloudformation.stack_updates import replace_update_stack
from sandbox.control import create_control
from sandbox.faults import Faults, FaultSettings
from sandbox.iam_encoding import encode_policies
from sandbox.long_polling import LongPolling, never_wait
from sandbox.managed_policies import know_what_is_named
from sandbox.moto_access import MADE_BY_THE_SANDBOX, MOTO_LOCK, make_role, sign_in
from sandbox.sts.enforcing import CallLog, EnforcingSts
from sandbox.sts.resource_control import ResourceControls

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)
VENDOR_ROLE_ARN = "arn:aws:iam::999988887777:role/northwind-rolecall"
REGION = "us-east-1"
ADMIN_ROLE_NAME = "sandbox-administrator"
_S3_DENIED = Response(
    "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>",
    status=403,
    content_type="application/xml",
)


class SandboxAws:
    """One AWS on 127.0.0.1. `stack_seconds` is how long a stack takes, `propagation_seconds` how long STS does not know
    a new role. Both can be changed, and `faults` switched (sandbox/faults.py), while it runs.
    """

    _running: ClassVar[SandboxAws | None] = None

    def __init__(self, *, stack_seconds: float = 6.0, propagation_seconds: float = 1.0) -> None:
        self.stack_seconds = stack_seconds
        self.propagation_seconds = propagation_seconds
        self.faults = Faults()
        self.delivery = Delivery()
        self._polling = LongPolling(self._one_at_a_time(DomainDispatcherApplication(create_backend_app)))
        self._sts = EnforcingSts(
            self._polling, faults=self.faults, propagation_seconds=lambda: self.propagation_seconds
        )
        self._app = AnswerBuckets(DispatcherMiddleware(self._sts, {"/sandbox": create_control(self)}))
        self.custom_resources = CustomResources(self._app, self.delivery)
        self._patches = ExitStack()
        self._server: BaseWSGIServer | None = None

    @property
    def calls(self) -> CallLog:
        """The latest AssumeRole calls: who asked, whether it was allowed, and why."""
        return self._sts.calls

    @property
    def resource_controls(self) -> ResourceControls:
        """The resource control policies in front of roles, to be changed while it runs."""
        return self._sts.resource_controls

    @property
    def url(self) -> str:
        """The endpoint, for AWS_ENDPOINT_URL. Raises RuntimeError when it does not run."""
        if self._server is None:
            raise RuntimeError("the sandbox's AWS is not running")
        return f"http://127.0.0.1:{self._server.server_port}"

    def start(self, port: int = 0) -> str:
        """Serve an empty AWS on the port (0: any free one), and return its URL.

        Raises RuntimeError when this process already runs a sandbox. When the port is taken, werkzeug says so on
        stderr and raises SystemExit.
        """
        if SandboxAws._running is not None:
            raise RuntimeError("this process already runs a sandbox")
        # One thread for each connection, without a limit: calls that hang must not delay others.
        self._server = make_server("127.0.0.1", port, self._app, threaded=True, request_handler=_QuietHandler)
        SandboxAws._running = self
        BackendDict.reset()
        self.delivery.start()
        self._polling.start()
        stacks = (
            replace_stack_calls(lambda: self.stack_seconds, custom_resources=self.custom_resources),
            replace_update_stack(),
        )
        for patch in (encode_policies(), know_what_is_named(), never_wait(), *stacks):
            self._patches.enter_context(patch)
        threading.Thread(target=self._server.serve_forever, name="sandbox aws", daemon=True).start()
        return self.url

    def stop(self) -> None:
        """Stop serving, release hanging calls and undo the patches of moto. Does nothing when it does not run."""
        if self._server is None:
            return
        server, self._server = self._server, None
        self._polling.stop()
        self.delivery.stop()
        server.shutdown()
        server.server_close()
        self.faults.switch(FaultSettings())
        abandon_stacks()
        self._patches.close()
        SandboxAws._running = None

    def vendor_credentials(self) -> dict[str, str]:
        """Return environment variables that act as the vendor's role, which tenants trust."""
        role_arn = parse_role_arn(VENDOR_ROLE_ARN)
        return self._sign_in(role_arn, trusts={"Service": "ec2.amazonaws.com"}, session_name="rolecall")

    def account_credentials(self, account_id: str) -> dict[str, str]:
        """Return environment variables that act as an administrator of the account. ValueError: not 12 digits."""
        role_arn = RoleArn("aws", parse_account_id(account_id), "/", ADMIN_ROLE_NAME)
        trusts = {"AWS": f"arn:aws:iam::{role_arn.account_id}:root"}
        return self._sign_in(role_arn, trusts=trusts, session_name="sandbox")

    def _sign_in(self, role_arn: RoleArn, *, trusts: dict[str, str], session_name: str) -> dict[str, str]:
        trust: dict[str, object] = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": trusts, "Action": "sts:AssumeRole"}],
        }
        with MOTO_LOCK:
            role = make_role(role_arn, trust=trust, description=MADE_BY_THE_SANDBOX)
            return sign_in(role, region=REGION, session_name=session_name)

    def _one_at_a_time(self, moto: WSGIApplication) -> WSGIApplication:
        """Let moto serve one request at a time, since it is not thread-safe."""

        def locked(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            with MOTO_LOCK:
                if self._server is None:
                    # A call that hung when this AWS was stopped must not change the next one.
                    raise ConnectionAbortedError
                try:
                    body, status, headers = run_wsgi_app(moto, environ, buffered=True)
                except Exception:
                    # moto's Flask runs in debug mode and raises. AWS would answer 500.
                    log.exception("moto failed at %s %s", environ["REQUEST_METHOD"], environ["PATH_INFO"])
                    return Response("moto failed; see the sandbox's log", status=500)(environ, start_response)
            if status.startswith("403") and headers.get("Content-Length", "0") == "0":
                # moto's S3 refuses an unsigned fetch with an empty answer. AWS says AccessDenied.
                return _S3_DENIED(environ, start_response)
            start_response(status, list(headers))
            return body

        return locked


class _QuietHandler(MotoRequestHandler):
    """moto's handler, but a call is logged at debug level instead of printed."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        log.debug("%s %s", code, self.path)


def main(arguments: list[str] | None = None) -> None:
    """Run the sandbox's AWS alone until SIGTERM or Ctrl-C. Prints the endpoint, then the vendor's credentials."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.aws", description=(main.__doc__ or "").split("\n")[0])
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (default: any free one)")
    parser.add_argument("--stack-seconds", type=float, default=6.0, help="how long a stack takes (default 6)")
    parser.add_argument(
        "--propagation-seconds", type=float, default=1.0, help="how long STS does not know a new role (default 1)"
    )
    parser.add_argument(
        "--only-the-organization",
        metavar="ACCOUNT_ID",
        action="append",
        default=[],
        help="put a resource control policy in front of this account's roles that refuses everybody outside of its "
        "organisation",
    )
    options = parser.parse_args(arguments)
    told_to_stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told_to_stop.set())
    aws = SandboxAws(stack_seconds=options.stack_seconds, propagation_seconds=options.propagation_seconds)
    for account_id in options.only_the_organization:
        aws.resource_controls.put(account_id)
    print(aws.start(options.port), flush=True)
    print(json.dumps(aws.vendor_credentials()), flush=True)
    told_to_stop.wait()
    aws.stop()


if __name__ == "__main__":
    main()
