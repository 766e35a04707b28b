"""Runs a peer: `python -m bench.peers plain`, or `durable`, at API_PORT."""

import importlib
import os
import sys

import uvicorn

from sandbox.process import HOST

PEERS = ("plain", "durable")


def main() -> None:
    (name,) = sys.argv[1:]
    if name not in PEERS:
        sys.exit(f"There is no peer {name}: they are {', '.join(PEERS)}.")
    app = importlib.import_module(f"bench.peers.{name}").create_app()
    uvicorn.run(
        app, host=HOST, port=int(os.environ["API_PORT"]), access_log=False, log_level="warning"
    )


if __name__ == "__main__":
    main()
