"""The storefront's own scripts, with the Node that there is: python -m tests.storefront.npm check.

Without Node they are left out, but not in CI, which has it.
"""

import os
import subprocess
import sys

from cli import storefront


class Missing(Exception):
    """There is nothing here to run the scripts with."""


def run(script: str, output: int | None = None) -> "subprocess.CompletedProcess[str]":
    """Runs a script of `storefront/package.json`; raises Missing where there is no Node."""
    node = storefront.find_node()
    if node is None:
        raise Missing(storefront.obstacle())
    storefront.install(node)
    return subprocess.run(  # noqa: S603
        [*node.npm, "run", "--silent", script],
        cwd=storefront.SOURCES,
        env=node.environment(),
        stdout=output,
        stderr=subprocess.STDOUT if output else None,
        text=True,
        check=False,
    )


if __name__ == "__main__":
    try:
        sys.exit(run(sys.argv[1]).returncode)
    except Missing as missing:
        print(f"The storefront is not checked: {missing}.")
        sys.exit(1 if os.environ.get("CI") else 0)
