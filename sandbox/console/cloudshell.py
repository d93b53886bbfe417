"""The stand-in for AWS CloudShell: it runs one line with one of two commands, and no shell."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError
from flask import Blueprint, request

from sandbox.console.create import FAULTS
from sandbox.console.session import account_id, accounts, region, show

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from sandbox.console.account import ConsoleAccount

bp = Blueprint("shell", __name__)

Options = Mapping[str, Sequence[str]]
_ONE_VALUE = {"region", "stack-name", "template-url"}
_OPTIONS = {
    "create-stack": {"region", "stack-name", "template-url", "capabilities", "parameters"},
    "describe-stacks": {"region", "stack-name"},
}
_NEEDED = {"create-stack": {"stack-name", "template-url"}, "describe-stacks": set[str]()}


class RefusedLine(ValueError):
    """The stand-in does not run this line. The message says why."""


@bp.get("/cloudshell/home")
def home() -> ResponseReturnValue:
    """Show the empty prompt."""
    return _show(line="", output="")


@bp.post("/cloudshell/home")
def run() -> ResponseReturnValue:
    """Run the pasted line, and show what the AWS command line would print."""
    line = request.form.get("line", "")
    fault = request.form.get("fault", "")
    try:
        command, options = parse_line(line)
        account = accounts().open(account_id=account_id(), region=options.get("region", [region()])[0])
        return _show(line=line, output=_COMMANDS[command](account, options, fault if fault in FAULTS else ""))
    except RefusedLine as refusal:
        return _show(line=line, output="", errors={"line": str(refusal)}, status=422)
    except (ClientError, BotoCoreError) as error:
        # Code and operation included, as the AWS command line prints it.
        return _show(line=line, output=str(error), status=422)


def parse_line(line: str) -> tuple[str, Options]:
    """Return the command and its options. Raises RefusedLine unless it is the wizard's line or describe-stacks."""
    try:
        tokens = shlex.split(line)
    except ValueError as error:
        raise RefusedLine(f"That line is incomplete: {error}.") from None
    if tokens[:2] != ["aws", "cloudformation"] or len(tokens) < 3 or tokens[2] not in _OPTIONS:
        raise RefusedLine(
            "This stand-in is not a shell. It runs one line: aws cloudformation create-stack … as the wizard shows it, "
            "or aws cloudformation describe-stacks."
        )
    return tokens[2], _options(tokens[2], tokens[3:])


def _options(command: str, tokens: Sequence[str]) -> Options:
    options: dict[str, list[str]] = {}
    values: list[str] | None = None
    for token in tokens:
        if token.startswith("--"):
            name, _, value = token[2:].partition("=")
            if name not in _OPTIONS[command]:
                raise RefusedLine(f"Unknown options: {token}. This stand-in knows only what the wizard's line uses.")
            values = options[name] = [value] if value else []
        elif values is None:
            raise RefusedLine(f"Unknown options: {token}")
        else:
            values.append(token)
    for name, given in options.items():
        if not given or (name in _ONE_VALUE and len(given) > 1):
            raise RefusedLine(f"argument --{name}: expected {'at least ' * (name not in _ONE_VALUE)}one argument")
    if missing := sorted(_NEEDED[command] - set(options)):
        raise RefusedLine(f"the following arguments are required: {', '.join('--' + name for name in missing)}")
    return options


def _parameters(given: Sequence[str]) -> dict[str, str]:
    pairs = [re.fullmatch(r"ParameterKey=([^,]+),ParameterValue=(.*)", text) for text in given]
    if None in pairs:
        raise RefusedLine("argument --parameters: expected ParameterKey=…,ParameterValue=…")
    return {pair[1]: pair[2] for pair in pairs if pair}


def _create_stack(account: ConsoleAccount, options: Options, fault: str) -> str:
    stack_id = account.create_stack(
        name=options["stack-name"][0],
        template_url=options["template-url"][0],
        parameters=_parameters(options.get("parameters", [])),
        capabilities=list(options.get("capabilities", [])),
        fault=fault,
        tags={},
    )
    return json.dumps({"StackId": stack_id}, indent=4)


def _describe_stacks(account: ConsoleAccount, options: Options, _fault: str) -> str:
    name = options.get("stack-name")
    stacks = [account.stack(name[0])] if name else account.stacks()
    return json.dumps({"Stacks": stacks}, indent=4, default=str)


_COMMANDS: Mapping[str, Callable[[ConsoleAccount, Options, str], str]] = {
    "create-stack": _create_stack,
    "describe-stacks": _describe_stacks,
}


def _show(*, line: str, output: str, status: int = 200, **values: object) -> ResponseReturnValue:
    fault = request.form.get("fault", "")
    return show("shell.html", line=line, output=output, faults=FAULTS, fault=fault, status=status, **values)
