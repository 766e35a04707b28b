"""Structured logs: JSON for machines in production, aligned text for people in development."""

import logging
import sys
from typing import Any

import structlog

from settings import LogSettings

# These speak of every request, or at every start, what our own lines already say.
_QUIETED = ("uvicorn.access", "httpx", "stripe", "alembic.runtime.plugins")

# The SDK's mark on what `activities/interceptor.py` has told before it, in one line of our own.
_TOLD = {"__temporal_error_identifier": "ActivityFailure"}

# Local variables stay out of the logs: they hold secrets, names and addresses.
_PLAIN_TRACEBACKS = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
)


def configure(settings: LogSettings) -> None:
    """Sends our logs and the libraries' to standard error in one format."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderers: list[structlog.typing.Processor] = (
        [_PLAIN_TRACEBACKS, structlog.processors.JSONRenderer()]
        if settings.json_logs
        else [
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            )
        ]
    )
    structlog.configure(
        processors=[*shared, *renderers],
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
        )
    )
    logging.basicConfig(handlers=[handler], level=settings.log_level, force=True)
    logging.captureWarnings(capture=True)
    for name in _QUIETED:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("temporalio.activity").addFilter(_is_news)


def _is_news(record: logging.LogRecord) -> bool:
    return not _TOLD.items() <= vars(record).items()


def bind(**values: Any) -> None:
    """Adds values, such as an order id, to every line of the current task from here on."""
    structlog.contextvars.bind_contextvars(**values)
