"""The command line. `ctx.obj` is the environment from which a command reads its settings."""

from __future__ import annotations

import click

from commands.callback import callback
from commands.connections import connections
from commands.doctor import doctor
from commands.examine import examine
from commands.fieldtest import fieldtest
from commands.invites import invite, invites
from commands.keys import keys
from commands.publish import publish
from commands.refusals import PlainGroup
from commands.sandbox import sandbox
from commands.serve import serve
from commands.tenants import tenants
from commands.web import web
from commands.worker import worker


@click.group(cls=PlainGroup, context_settings={"help_option_names": ["-h", "--help"]})
def command_line() -> None:
    """Rolecall: your clients connect their AWS accounts, and you know that each role is safe."""


_SERVING = (sandbox, serve, web, worker)
_PEOPLE = (invite, invites, tenants, keys, connections)
for _command in (*_SERVING, *_PEOPLE, publish, callback, doctor, examine, fieldtest):
    command_line.add_command(_command)
