"""Runs the emulator: `python -m sandbox.stripe --data DIR [--webhook-url URL]…`."""

import argparse
import sqlite3
import sys
from pathlib import Path

from sandbox.serving import required_environment, serve
from sandbox.stripe.app import create_app
from sandbox.stripe.config import Config, Endpoint

SECRET_KEY = "SANDBOX_STRIPE_SECRET_KEY"  # noqa: S105  # the variable's name
WEBHOOK_SECRET = "SANDBOX_STRIPE_WEBHOOK_SECRET"  # noqa: S105  # the variable's name


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    arguments = _parser().parse_args()
    try:
        app = create_app(_config(arguments))
    except sqlite3.OperationalError as error:
        sys.exit(f"{arguments.data}: {error}; does another emulator use this folder?")
    except (RuntimeError, ValueError) as error:
        sys.exit(str(error))
    serve(app, arguments.host, arguments.port)


def _config(arguments: argparse.Namespace) -> Config:
    events = tuple(arguments.webhook_events.split(","))
    secrets = required_environment(WEBHOOK_SECRET) if arguments.webhook_url else ""
    return Config(
        data=arguments.data,
        secret_key=required_environment(SECRET_KEY),
        endpoints=tuple(Endpoint(url, events) for url in arguments.webhook_url),
        webhook_secrets=tuple(filter(None, secrets.split(","))),
        public_url=arguments.public_url and arguments.public_url.rstrip("/"),
        settle_after=arguments.settle_after,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.stripe",
        description=f"A Stripe on one machine. {SECRET_KEY} holds its secret key, "
        f"{WEBHOOK_SECRET} the webhooks' secret, or several with commas between.",
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1")
    add("--port", type=int, default=8003)
    add("--data", type=Path, required=True, help="folder of its memory")
    add("--webhook-url", action="append", default=[], metavar="URL", help="may be repeated")
    events = "event types with commas between, * as a wildcard (default: all)"
    add("--webhook-events", default="*", metavar="TYPES", help=events)
    public = "of the payment page (default: as callers address us)"
    add("--public-url", metavar="URL", help=public)
    settling = "until a bank debit settles (default: 5)"
    add("--settle-after", type=float, default=5.0, metavar="SECONDS", help=settling)
    return parser


if __name__ == "__main__":
    main()
