"""A second start does not wait for what the first one did."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from cli import parts, preparation
from cli.ports import Ports
from cli.state import load_secrets
from cli.supervisor import Part
from cli.system import System, plan

SERVERS = ("api", "worker")
PREPARING = ("migrate", "setup", "beats", "publish")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for store in ("postgres/cluster", "temporal", "stripe", "cloudinary/assets"):
        (tmp_path / store).mkdir(parents=True)
    (tmp_path / "temporal/temporal.db").touch()
    return tmp_path


def planned(data: Path, caller: Mapping[str, str], port_base: int = 9000) -> System:
    return plan(data, Ports.starting_at(port_base), load_secrets(data), caller)


def stamp(system: System) -> None:
    preparation.stamp(system, preparation.code_now())


def by_name(system: System) -> dict[str, Part]:
    return {part.name: part for part in parts.parts(system)}


def test_a_first_start_waits_until_all_is_prepared(data: Path) -> None:
    system = planned(data, {})
    assert not preparation.take_stamp(system)
    programs = by_name(system)
    assert all(programs[name].is_vital for name in PREPARING)
    assert {"migrate", "setup"} <= {*programs["api"].needs} & {*programs["worker"].needs}


def test_a_second_start_looks_after_what_was_prepared_once_it_is_ready(data: Path) -> None:
    stamp(planned(data, {}))
    system = planned(data, {})
    programs = by_name(replace(system, is_prepared=preparation.take_stamp(system)))
    assert not any(programs[name].is_vital for name in PREPARING)
    assert all({"api", "worker"} <= {*programs[name].needs} for name in ("beats", "publish"))
    assert {*programs["api"].needs} == {*programs["worker"].needs} == {*system.embedded}
    assert {"migrate", "beats"} <= {*programs["publish"].needs}


def test_what_makes_the_stores_usable_waits_for_no_server_that_may_wait_for_it(data: Path) -> None:
    programs = by_name(replace(planned(data, {}), is_prepared=True))
    for name in ("migrate", "setup"):
        assert not {"api", "worker"} & {*programs[name].needs}
        assert 0 < programs[name].pause < min(programs[each].start_time for each in SERVERS) / 2


@pytest.mark.parametrize(
    "outside",
    [
        {"DATABASE_URL": "postgresql://u:p@db.example/shop"},
        {"TEMPORAL_ADDRESS": "temporal.example:7233"},
    ],
)
def test_servers_that_are_not_ours_are_prepared_at_every_start(
    data: Path, outside: dict[str, str]
) -> None:
    stamp(planned(data, outside))
    assert not preparation.take_stamp(planned(data, outside))


def test_a_catalogue_without_demo_beats_is_no_catalogue_with_them(data: Path) -> None:
    stamp(replace(planned(data, {}), demo_beats=False))
    assert not preparation.take_stamp(planned(data, {}))


def test_a_start_that_failed_is_followed_by_a_whole_one(data: Path) -> None:
    system = planned(data, {})
    stamp(system)
    assert preparation.take_stamp(system)
    assert not preparation.take_stamp(system)


def test_what_another_code_prepared_is_prepared_anew(data: Path) -> None:
    preparation.stamp(planned(data, {}), "as it stood before somebody saved a file")
    assert not preparation.take_stamp(planned(data, {}))


def test_other_settings_are_prepared_for_anew(data: Path) -> None:
    stamp(planned(data, {}))
    assert not preparation.take_stamp(planned(data, {"RECONCILE_MINUTES": "5"}))
    stamp(planned(data, {}))
    assert not preparation.take_stamp(planned(data, {}, port_base=9100))


def test_what_concerns_no_program_of_ours_changes_nothing(data: Path) -> None:
    stamp(planned(data, {"TERM": "dumb"}))
    assert preparation.take_stamp(planned(data, {"TERM": "xterm"}))


def test_a_store_that_began_anew_is_prepared_anew(data: Path) -> None:
    system = planned(data, {})
    stamp(system)
    database = data / "temporal/temporal.db"
    database.rename(data / "temporal/lost.db")
    database.touch()
    assert not preparation.take_stamp(system)
