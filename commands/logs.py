"""Logging to stderr: one line an event, `time level logger message`."""

from __future__ import annotations

import logging.config
import time
from typing import Any

from commands.printing import printable


class PlainLines(logging.Formatter):
    """Writes one line an event. Control characters are escaped, so that tenants and AWS cannot forge a line."""

    converter = staticmethod(time.gmtime)

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%SZ")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging's own name)
        return printable(super().formatMessage(record))

    def formatStack(self, stack_info: str) -> str:  # noqa: N802
        return _barred(stack_info)

    def formatException(self, ei: Any) -> str:  # noqa: N802
        return _barred(super().formatException(ei))


def _barred(traceback: str) -> str:
    """Return the text with a bar before each line, so that none can look like an event."""
    return "\n".join(f"  | {printable(line)}" for line in traceback.splitlines())


def _is_news(record: logging.LogRecord) -> bool:
    """Drop what Granian says whenever it runs inside another program: docs/decisions/0014 knows."""
    return record.getMessage() != "Embedded server is experimental!"


def logging_settings() -> dict[str, Any]:
    """Return the settings for logging.config.dictConfig. Granian gets the same, since it sets up logging itself."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"news": {"()": lambda: _is_news}},
        "formatters": {"plain": {"()": PlainLines}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain", "stream": "ext://sys.stderr"}},
        "root": {"level": "INFO", "handlers": ["stderr"]},
        # At INFO botocore logs where it found credentials, and Granian repeats what serve logs.
        "loggers": {"botocore": {"level": "WARNING"}, "_granian": {"level": "WARNING", "filters": ["news"]}},
    }


def say_no_more_in_the_log() -> None:
    """Let a command that itself says what AWS answered print no line of the log about it."""
    # Without any handler, Python prints warnings to stderr by itself.
    logger = logging.getLogger("rolecall.aws")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())


def set_up_logging() -> None:
    """Log to stderr from now on."""
    logging.config.dictConfig(logging_settings())
