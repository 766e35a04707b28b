"""The shop's pages: built once for each state of their sources, with whatever Node there is."""

import os
from pathlib import Path

import pytest

from cli import launcher, parts, storefront
from cli.ports import Ports
from cli.screen import Screen
from cli.state import Secrets
from cli.system import System, plan

# Stands in for Node and npm: notes what it is asked, and leaves what they would.
PROGRAM = """#!/bin/sh
echo "$(basename "$0") $1" >> "$JOURNAL"
case "$*" in
  --version) echo "$VERSION" ;;
  ci*) [ -z "$OFFLINE" ] || exit 1; mkdir -p node_modules ;;
  *vite.js*) mkdir -p "$4" && echo built > "$4/index.html" ;;
esac
"""


class Workshop:
    """A folder of sources, and the programs that build it."""

    def __init__(self, folder: Path) -> None:
        self.sources = folder / "storefront"
        (self.sources / "src").mkdir(parents=True)
        (self.sources / "package.json").write_text("{}")
        (self.sources / "package-lock.json").write_text("{}")
        self.page = self.sources / "src" / "main.ts"
        self.page.write_text("1")
        self.asked = folder / "journal"
        self.programs = folder / "bin"
        self.programs.mkdir()
        for name in ("node", "npm"):
            (self.programs / name).write_text(PROGRAM)
            (self.programs / name).chmod(0o755)

    def build(self) -> Path:
        return storefront.build(self.sources)

    @property
    def journal(self) -> list[str]:
        """What Node and npm were asked to do."""
        lines = self.asked.read_text().splitlines()
        return [line for line in lines if "--version" not in line]


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    made = Workshop(tmp_path)
    monkeypatch.setenv("PATH", f"{made.programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("VERSION", "v20.19.0")
    monkeypatch.setenv("JOURNAL", str(made.asked))
    return made


INSTALL, BUILD = "npm ci", "node node_modules/vite/bin/vite.js"


def test_pages_are_built_once_and_again_when_a_source_has_changed(workshop: Workshop) -> None:
    first = workshop.build()
    assert (first / "index.html").read_text() == "built\n"
    assert workshop.journal == [INSTALL, BUILD]
    (workshop.sources / "README.md").write_text("no source")
    workshop.asked.unlink()
    assert workshop.build() == first
    assert workshop.journal == []
    workshop.page.write_text("2")
    assert workshop.build() != first
    assert workshop.journal == [BUILD]  # what it needs is still there


def test_a_build_that_fails_leaves_nothing_and_says_why(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OFFLINE", "yes")
    with pytest.raises(storefront.NotBuilt, match="npm could not get"):
        workshop.build()
    pages = storefront.pages(workshop.sources)
    assert pages is not None
    assert not pages.exists()
    monkeypatch.delenv("OFFLINE")
    assert workshop.build() == pages


def test_older_builds_are_cleared_away(workshop: Workshop) -> None:
    for number in range(6):
        workshop.page.write_text(str(number))
        last = workshop.build()
    kept = [each for each in last.parent.iterdir() if each.is_dir()]
    assert len(kept) == 3
    assert last in kept


@pytest.mark.parametrize(
    ("version", "fits"),
    [("v20.19.0", True), ("v24.1.0", True), ("v20.18.9", False), ("v18.20.4", False), ("", False)],
)
def test_a_node_that_is_too_old_is_none(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, version: str, fits: bool
) -> None:
    monkeypatch.setenv("VERSION", version)
    node = storefront.find_node()
    found = node is not None and node.program == str(workshop.programs / "node")
    assert found == fits


def test_the_build_is_told_of_no_other_api(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VITE_API_URL", "https://elsewhere.example")
    node = storefront.find_node()
    assert node is not None
    assert "VITE_API_URL" not in node.environment()


def system(tmp_path: Path, **caller: str) -> System:
    return plan(tmp_path, Ports.starting_at(9000), Secrets.new(), caller)


def with_pages(planned: System, *, build: bool, sources: Path) -> System:
    return launcher.with_pages(planned, build, Screen(), sources)


def test_a_system_builds_what_is_not_built_and_serves_it(
    workshop: Workshop, tmp_path: Path
) -> None:
    pages = storefront.pages(workshop.sources)
    first = with_pages(system(tmp_path), build=True, sources=workshop.sources)
    by_name = {part.name: part for part in parts.parts(first)}
    assert not by_name["storefront"].is_vital
    assert "storefront" not in by_name["api"].needs
    assert first.environment()["STOREFRONT_DIR"] == str(pages)
    assert first.addresses().shop == "http://127.0.0.1:9000/"
    workshop.build()
    for build in (True, False):
        later = with_pages(system(tmp_path), build=build, sources=workshop.sources)
        assert "storefront" not in [part.name for part in parts.parts(later)]
        assert later.environment()["STOREFRONT_DIR"] == str(pages)
        assert later.addresses().shop == "http://127.0.0.1:9000/"


def test_where_it_cannot_be_built_the_rest_runs_and_a_line_tells_how(
    workshop: Workshop, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = with_pages(system(tmp_path), build=True, sources=tmp_path / "none")
    said = capsys.readouterr().out
    assert "No shop at http://127.0.0.1:9000/ yet" in said
    assert "STOREFRONT_DIR" in said
    assert not nowhere.builds_pages
    assert nowhere.addresses().shop is None
    assert "STOREFRONT_DIR" not in nowhere.environment()


def test_a_storefront_of_the_callers_own_is_served_as_it_is(
    workshop: Workshop, tmp_path: Path
) -> None:
    own = with_pages(
        system(tmp_path, STOREFRONT_DIR="/srv/shop"), build=True, sources=workshop.sources
    )
    assert not own.builds_pages
    assert own.environment()["STOREFRONT_DIR"] == "/srv/shop"
    assert own.addresses().shop == "http://127.0.0.1:9000/"
