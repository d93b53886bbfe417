"""An AWS of canned answers over HTTP: STS, IAM and CloudFormation as they speak, for roles as the template makes them.

It trusts every caller and knows every role; the external ID of a role is its name and `SECRET`. What it should do
instead is a function of the request. `python -m tests.aws_stub` runs it in a process of its own and prints its address.
"""

from __future__ import annotations

import json
import re
import socketserver
import struct
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from socket import SO_LINGER, SOL_SOCKET
from urllib.parse import parse_qs, quote

from onboarding.ground.arn import RoleArn, parse_role_arn
from onboarding.ground.external_id import ExternalId
from tests.deployed import a_policy, a_self_report, a_stack

SECRET = "0123456789abcdef" * 2


@dataclass(frozen=True)
class Call:
    """One request. `number` counts those of the same action, from 1; `key` is the access key that signed it."""

    action: str
    number: int
    form: dict[str, str]
    key: str


@dataclass(frozen=True)
class Reply:
    """One answer. Without a status the connection is reset; `after` seconds pass first."""

    status: int = 0
    body: bytes = b""
    after: float = 0.0


Behaviour = Callable[[Call], Reply | None]


def error(status: int, code: str, message: str = "no") -> Reply:
    """AWS's error in the query protocol."""
    body = f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
    return Reply(status, body.encode())


def sound(call: Call) -> Reply:
    """What AWS answers about a role as the template makes it."""
    if call.action == "AssumeRole":
        return _assume_role(call)
    arn = parse_role_arn(_ARN_OF_KEY[call.key])
    if call.action not in _SAID:
        return error(400, "InvalidAction")
    return ok(call.action, _SAID[call.action](arn))


def ok(action: str, result: str) -> Reply:
    body = f"<{action}Response><{action}Result>{result}</{action}Result></{action}Response>"
    return Reply(200, body.encode())


def assumed(role_arn: str, *, key: str = "") -> Reply:
    """A session of that role."""
    arn = parse_role_arn(role_arn)
    key = key or f"ASIA{len(_ARN_OF_KEY):016}"
    _ARN_OF_KEY[key] = role_arn
    return ok(
        "AssumeRole",
        f"<AssumedRoleUser><Arn>arn:aws:sts::{arn.account_id}:assumed-role/{arn.name}/rolecall</Arn></AssumedRoleUser>"
        f"<Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>CANARY-key</SecretAccessKey>"
        "<SessionToken>CANARY-token</SessionToken></Credentials>",
    )


_ARN_OF_KEY: dict[str, str] = {}


def _assume_role(call: Call) -> Reply:
    role_arn = call.form["RoleArn"]
    if call.form.get("ExternalId") != f"{role_arn.rpartition('/')[2]}-{SECRET}":
        return error(403, "AccessDenied", "CANARY is not authorized to perform: sts:AssumeRole")
    return assumed(role_arn)


def _external_id(arn: RoleArn) -> ExternalId:
    return ExternalId(f"{arn.name}-{SECRET}")


def _role(arn: RoleArn) -> str:
    trust = quote(json.dumps(a_self_report(arn, _external_id(arn)).trust_policy))
    return f"<Role><Arn>{arn}</Arn><AssumeRolePolicyDocument>{trust}</AssumeRolePolicyDocument></Role>"


def _policy(arn: RoleArn) -> str:
    document = quote(json.dumps(a_policy(arn, _external_id(arn), a_stack(arn))))
    return f"<PolicyDocument>{document}</PolicyDocument>"


def _stack(arn: RoleArn) -> str:
    stack = a_stack(arn)
    outputs = {"RoleArn": str(arn), "TemplateVersion": stack.template_version}
    listed = "".join(
        f"<member><OutputKey>{k}</OutputKey><OutputValue>{v}</OutputValue></member>" for k, v in outputs.items()
    )
    return (
        f"<Stacks><member><StackId>{stack.stack_id}</StackId><StackName>{stack.name}</StackName>"
        f"<StackStatus>{stack.status}</StackStatus><Outputs>{listed}</Outputs></member></Stacks>"
    )


_SAID: dict[str, Callable[[RoleArn], str]] = {
    "GetCallerIdentity": lambda arn: (
        f"<Account>{arn.account_id}</Account><Arn>arn:aws:sts::{arn.account_id}:assumed-role/{arn.name}/rolecall</Arn>"
    ),
    "GetRole": _role,
    "ListRolePolicies": lambda arn: "<PolicyNames><member>read-only</member></PolicyNames>",
    "GetRolePolicy": _policy,
    "ListAttachedRolePolicies": lambda arn: "<AttachedPolicies></AttachedPolicies>",
    "DescribeStacks": _stack,
}


@dataclass
class AwsStub:
    """The server. `behaviour` comes before `sound`; `calls` are the requests so far."""

    behaviour: Behaviour = field(default=lambda call: None)
    calls: list[Call] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._lock = threading.Lock()
        self.stopped = threading.Event()
        stub = self

        class Handler(socketserver.StreamRequestHandler):
            disable_nagle_algorithm = True

            def handle(self) -> None:
                while stub._serve(self):
                    pass

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True
            request_queue_size = 128

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> AwsStub:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def stop(self) -> None:
        self.stopped.set()
        self._server.shutdown()
        self._server.server_close()

    def forget(self) -> None:
        """Begin to count anew, with sound roles."""
        with self._lock:
            self.behaviour = lambda call: None
            self.calls.clear()
            self._counts.clear()

    def _serve(self, handler: socketserver.StreamRequestHandler) -> bool:
        """Answer one request; return whether another may come on the same connection."""
        try:
            call = self._read(handler)
            if call is None:
                return False
            reply = self.behaviour(call) or sound(call)
            if reply.after:
                self.stopped.wait(reply.after)
            if not reply.status:
                # A reset instead of a goodbye.
                handler.request.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
                handler.request.close()
                return False
            head = f"HTTP/1.1 {reply.status} X\r\nx-amzn-RequestId: request-{call.action}-{call.number}\r\n"
            head += f"Content-Type: text/xml\r\nContent-Length: {len(reply.body)}\r\n\r\n"
            handler.wfile.write(head.encode() + reply.body)
        except OSError:
            return False
        return True

    def _read(self, handler: socketserver.StreamRequestHandler) -> Call | None:
        if not handler.rfile.readline():
            return None
        headers: dict[bytes, bytes] = {}
        while line := handler.rfile.readline().strip():
            name, _, value = line.partition(b":")
            headers[name.lower()] = value.strip()
        body = handler.rfile.read(int(headers.get(b"content-length", b"0"))).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        key = re.search(rb"Credential=([^/]+)/", headers.get(b"authorization", b""))
        with self._lock:
            number = self._counts[form["Action"]] = self._counts.get(form["Action"], 0) + 1
            call = Call(form["Action"], number, form, key[1].decode() if key else "")
            self.calls.append(call)
        return call


def main() -> None:
    """Serve until standard input ends; a line on it says `hang` or `answer`."""
    stub, hangs = AwsStub(), threading.Event()
    stub.behaviour = lambda call: Reply(after=3600) if hangs.is_set() else None
    stub.start()
    print(stub.url, flush=True)
    for line in sys.stdin:
        (hangs.set if line.strip() == "hang" else hangs.clear)()
        print("ok", flush=True)
        stub.calls.clear()
    stub.stop()
    time.sleep(0.05)


if __name__ == "__main__":
    main()
