"""Runs a small system under the real launcher: Postgres, a task and a web program.

small_system.py DATA PORT_BASE [TASK]: the task is a line of Python, which needs the database.
"""

import os
import sys
from pathlib import Path

from cli import parts, probes, state, system
from cli.launcher import launch, only_system_of
from cli.ports import Ports, require_free
from cli.screen import Screen
from cli.supervisor import Part, PartFailed
from sandbox.process import ProcessError


def programs(plan: system.System, task: str) -> list[Part]:
    web = [sys.executable, str(Path(__file__).with_name("web_program.py"))]
    return [
        *(part for part in parts.embedded(plan) if part.name == "postgres"),
        Part("migrate", [sys.executable, "-c", task], plan.environment(), needs=("postgres",)),
        Part(
            name="api",
            command=[*web, str(plan.ports.api), str(plan.data / "api.pid")],
            environment=plan.environment(),
            probe=probes.http(plan.ports.api, "/"),
            needs=("migrate",),
        ),
    ]


def main(data: Path, port_base: int, task: str = "") -> None:
    ports = Ports.starting_at(port_base)
    with only_system_of(data):
        caller = {name: os.environ[name] for name in os.environ if name in ("PATH", "HOME")}
        plan = system.plan(data, ports, state.load_secrets(data), caller)
        require_free(ports, {"api", "postgres"})
        launch(programs(plan, task), data, plan.addresses(), Screen())


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
    except (ProcessError, PartFailed) as error:
        sys.exit(str(error))
