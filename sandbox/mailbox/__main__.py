"""`python -m sandbox.mailbox --host 127.0.0.1 --http-port 8005 --smtp-port 8006 --data DIR`.

With SANDBOX_SMTP_USER and SANDBOX_SMTP_PASSWORD in the environment, only they may send.
"""

import argparse
import os
from pathlib import Path

from sandbox.mailbox.app import create_app
from sandbox.mailbox.smtp import Login
from sandbox.serving import required_environment, serve


def main() -> None:
    """Take mail until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.mailbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--http-port", type=int, default=8005)
    parser.add_argument("--smtp-port", type=int, default=8006)
    parser.add_argument("--data", type=Path, required=True, help="folder of the letters")
    options = parser.parse_args()
    user = os.environ.get("SANDBOX_SMTP_USER")
    login = Login(user, required_environment("SANDBOX_SMTP_PASSWORD")) if user else None
    app = create_app(options.data, options.host, options.smtp_port, login)
    serve(app, options.host, options.http_port)


if __name__ == "__main__":
    main()
