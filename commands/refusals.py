"""Turns known errors into one line on stderr and exit code 1. A traceback is a bug of ours."""

from __future__ import annotations

import sqlite3
from typing import Any

import click

from onboarding.ground.refused import Refused
from onboarding.lifecycle import IllegalTransition
from onboarding.ports import ConcurrentChange, NotFound
from onboarding.stack_template.template import StackTemplateError
from settings import ConfigError


class PlainGroup(click.Group):
    """A group of commands that prints a known error in one line."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. Raises ClickException, for which click prints `Error: …` and exits with 1."""
        try:
            return super().invoke(ctx)
        except (ConfigError, Refused, NotFound, IllegalTransition, StackTemplateError) as error:
            raise click.ClickException(_one_line(error)) from None
        except ConcurrentChange:
            raise click.ClickException("The connection was changed at the same moment. Try again.") from None
        except sqlite3.Error as error:
            raise click.ClickException(f"The store cannot be used: {_one_line(error)}.") from None
        except BrokenPipeError:
            # The program that reads our output has stopped reading; click then ends without a message.
            raise
        except OSError as error:
            raise click.ClickException(f"{error.strerror or type(error).__name__}: {error.filename or ''}") from None


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
