"""`beatline where` and `beatline up`, by their command lines."""

import json
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from cli.ports import Ports
from cli.state import Secrets, announce, lock
from cli.system import plan
from sandbox.process import HOST


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603


def announced(data: Path, caller: Mapping[str, str]) -> dict[str, object]:
    addresses = plan(data, Ports.starting_at(9000), Secrets.new(), caller).addresses()
    announce(data, addresses)
    return asdict(addresses)


def test_where_tells_programs_everything_and_people_no_outside_password(tmp_path: Path) -> None:
    with lock(tmp_path):
        told = announced(tmp_path, {"DATABASE_URL": "postgresql://shop:hidden@db.example/shop"})
        as_json = run("cli.where", "--json", "--data", str(tmp_path))
        for_people = run("cli.where", "--data", str(tmp_path))
    assert json.loads(as_json.stdout) == told
    assert "hidden" in as_json.stdout
    assert "postgresql://db.example/shop" in for_people.stdout
    assert "hidden" not in for_people.stdout
    assert str(tmp_path / "logs") in for_people.stdout


def test_where_does_not_believe_a_file_without_a_system(tmp_path: Path) -> None:
    announced(tmp_path, {})
    answer = run("cli.where", "--json", "--data", str(tmp_path))
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr.startswith(f"No system runs on {tmp_path}")


def test_up_refuses_a_taken_port_in_one_sentence(tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as holder:
        base = holder.getsockname()[1]
        answer = run("cli.up", "--port-base", str(base), "--data", str(tmp_path))
    assert answer.returncode == 1
    assert answer.stderr.startswith(f"beatline up: port {base}, which api needs, is taken")
    assert "Traceback" not in answer.stderr
