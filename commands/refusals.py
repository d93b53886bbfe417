"""Turns known errors into one line on stderr and exit code 1, or JSON and exit code 2. A traceback is a bug of ours.

Click prints the line itself, so what a terminal would obey is escaped here (commands/printing.py does it elsewhere).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from click.exceptions import Exit, NoArgsIsHelpError

from commands.printing import print_json, printable
from onboarding.ground.refused import Refused
from onboarding.lifecycle import IllegalTransition
from onboarding.ports import ConcurrentChange, NotFound
from onboarding.stack_template.reading import StackTemplateError
from settings import ConfigError


class PlainGroup(click.Group):
    """A group of commands that prints a known error in one line."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. Raises ClickException, for which click prints `Error: …` and exits with 1."""
        try:
            return self._invoke(ctx)
        except NoArgsIsHelpError:
            # The help: many lines, all of them ours.
            raise
        except click.UsageError as error:
            # What was typed can be hostile too: a name that was copied from somewhere.
            raise click.UsageError(_one_line(error.format_message()), error.ctx) from None
        except click.ClickException as error:
            raise click.ClickException(_one_line(error.message)) from None

    def _invoke(self, ctx: click.Context) -> Any:
        with _known_errors():
            return super().invoke(ctx)


class JsonErrors(click.Command):
    """A command that with --json prints what is wrong as JSON too: `{"error": …}` on stdout, with exit code 2."""

    def make_context(self, info_name: str | None, args: list[str], *others: Any, **extra: Any) -> click.Context:
        """Parse the arguments. Raises Exit where the error has been printed, otherwise ClickException."""
        with _errors_in_json("--json" in args):
            return super().make_context(info_name, args, *others, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. Raises Exit where the error has been printed, otherwise ClickException."""
        with _errors_in_json(ctx.params["as_json"]):
            return super().invoke(ctx)


@contextmanager
def _errors_in_json(is_wanted: bool) -> Iterator[None]:
    try:
        with _known_errors():
            yield
    except click.ClickException as error:
        if not is_wanted:
            raise
        print_json({"error": _one_line(error.format_message())})
        raise Exit(2) from None


@contextmanager
def _known_errors() -> Iterator[None]:
    """Turn a known error into a ClickException."""
    try:
        yield
    except (ConfigError, Refused, NotFound, IllegalTransition, StackTemplateError) as error:
        raise click.ClickException(str(error)) from None
    except ConcurrentChange:
        raise click.ClickException("The connection was changed at the same moment. Try again.") from None
    except sqlite3.Error as error:
        raise click.ClickException(f"The store cannot be used: {error}.") from None
    except BrokenPipeError:
        # The program that reads our output has stopped reading; click then ends without a message.
        raise
    except OSError as error:
        raise click.ClickException(f"{error.strerror or type(error).__name__}: {error.filename or ''}") from None


def _one_line(text: str) -> str:
    return printable(" ".join(text.split()))
