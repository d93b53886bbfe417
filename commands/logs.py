"""Logging: one plain line an event, `time level logger message`, on stderr."""

from __future__ import annotations

import logging.config
import time
from typing import Any

from commands.printing import printable


class PlainLines(logging.Formatter):
    """A line that nothing in it can forge: what tenants and AWS send may hold newlines and terminal codes."""

    converter = staticmethod(time.gmtime)

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%SZ")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging's own name)
        return printable(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802
        # A traceback has lines; the bar before each keeps the text of an exception from looking like an event.
        return "\n".join(f"  | {printable(line)}" for line in super().formatException(ei).splitlines())


def _is_news(record: logging.LogRecord) -> bool:
    """Whether a line of Granian's says something: that it finds our number of threads high for this machine does not.

    Most of a request's time is the store's, which waits for a disk rather than for a processor.
    """
    return not record.getMessage().startswith("Configuration allows spawning up to")


def logging_settings() -> dict[str, Any]:
    """Return the settings for logging.config.dictConfig; Granian gets the same, as it sets logging up by itself."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"news": {"()": lambda: _is_news}},
        "formatters": {"plain": {"()": PlainLines}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain", "stream": "ext://sys.stderr"}},
        "root": {"level": "INFO", "handlers": ["stderr"]},
        # botocore says at INFO where credentials came from; Granian, what serve says itself.
        "loggers": {"botocore": {"level": "WARNING"}, "_granian": {"level": "WARNING", "filters": ["news"]}},
    }


def set_up_logging() -> None:
    """Log to stderr from now on."""
    logging.config.dictConfig(logging_settings())
