"""`python -m sandbox.cloudinary --host 127.0.0.1 --port 8004 --data DIR`.

Its key pair comes from the environment, where a list of processes does not show it.
"""

import argparse
from pathlib import Path

from sandbox.cloudinary.app import create_app
from sandbox.cloudinary.signatures import Credentials
from sandbox.serving import required_environment, serve


def main() -> None:
    """Serve one cloud until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.cloudinary", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8004)
    parser.add_argument("--data", type=Path, required=True, help="folder of the assets")
    options = parser.parse_args()
    credentials = Credentials(
        cloud=required_environment("SANDBOX_CLOUDINARY_CLOUD"),
        api_key=required_environment("SANDBOX_CLOUDINARY_API_KEY"),
        api_secret=required_environment("SANDBOX_CLOUDINARY_API_SECRET"),
    )
    serve(create_app(credentials, options.data), options.host, options.port)


if __name__ == "__main__":
    main()
