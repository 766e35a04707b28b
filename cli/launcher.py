"""Keeps one system up: from the lock on its folder to the last process that ends."""

import asyncio
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from cli import environment, leftovers, logs, parts, ports, preparation, state, storefront
from cli.screen import Screen
from cli.state import Addresses
from cli.supervisor import Part, PartFailed, Supervisor
from cli.system import STOREFRONT_DIR, System, plan
from sandbox.process import ProcessError, tail
from settings import environment as given_environment


def bring_up(
    port_base: int, data: Path, demo_beats: bool, build: bool, verbose: bool, screen: Screen
) -> None:
    """Returns once the system was stopped; raises ProcessError or PartFailed."""
    with only_system_of(data):
        wanted = ports.Ports.starting_at(port_base)
        system = plan(data, wanted, state.load_secrets(data), given_environment(), demo_beats)
        system = with_pages(system, build, screen)
        ports.require_free(wanted, system.wanted_ports)
        if demo_beats and not system.publishes_beats:
            screen.sentence("No demo beats: they are for the sandbox alone.")
        state.keep_environment(data, environment.settings_in(system.environment()))
        system = replace(system, is_prepared=preparation.take_stamp(system))
        prepared = partial(preparation.stamp, system, preparation.code_now())
        launch(parts.parts(system), data, system.addresses(), screen, verbose, prepared)


def with_pages(
    system: System, build: bool, screen: Screen, sources: Path = storefront.SOURCES
) -> System:
    """The system with the shop's pages, which it builds where they are not built."""
    if system.caller.get(STOREFRONT_DIR):
        return system
    pages = storefront.pages(sources)
    builds = build and not (pages and pages.exists())
    obstacle = storefront.obstacle(sources) if builds else None
    if obstacle:
        screen.sentence(f"No shop at {system.url('api')}/ yet: {obstacle}.")
    return replace(system, pages=pages, builds_pages=builds and not obstacle)


@contextmanager
def only_system_of(data: Path) -> Iterator[None]:
    """Holds the folder, with nothing left of a launcher before us; raises ProcessError."""
    other = state.running_system(data)
    if other is not None:
        raise ProcessError(f"it runs already, at {other.api} (process {other.pid}, data {data})")
    with state.lock(data):
        leftovers.end(data)
        yield
        leftovers.record(data, [])


def launch(
    programs: list[Part],
    data: Path,
    addresses: Addresses,
    screen: Screen,
    verbose: bool = False,
    once_prepared: Callable[[], None] = lambda: None,
) -> None:
    """Runs the programs until a signal; raises PartFailed if one can't be started."""
    asyncio.run(_keep_up(programs, data, addresses, screen, verbose, once_prepared))


async def _keep_up(
    programs: list[Part],
    data: Path,
    addresses: Addresses,
    screen: Screen,
    verbose: bool,
    once_prepared: Callable[[], None],
) -> None:
    folder = data / "logs"
    logs.rotate(folder)
    supervisor = Supervisor(programs, folder, screen.say, partial(leftovers.record, data))
    on_ready = partial(_tell_ready, time.monotonic(), supervisor, data, addresses, screen)
    running = asyncio.create_task(supervisor.run(on_ready))
    _on_signals(partial(_end, running, supervisor, screen))
    beside = [asyncio.create_task(_note_prepared(supervisor, programs, once_prepared))]
    if verbose:
        names = [part.name for part in programs]
        beside.append(asyncio.create_task(logs.follow(folder, names, screen.log)))
    try:
        with suppress(asyncio.CancelledError):
            await running
    except PartFailed as failure:
        screen.failure(failure.name, failure.reason, tail(failure.log), failure.log)
        raise
    finally:
        state.withdraw(data)
        await supervisor.stop()
        screen.sentence(f"Stopped. Its data are kept in {data}.")
        for task in beside:
            task.cancel()


def _tell_ready(
    begun: float, supervisor: Supervisor, data: Path, addresses: Addresses, screen: Screen
) -> None:
    state.announce(data, addresses)
    screen.sentence(f"Ready in {time.monotonic() - begun:.1f} s")
    screen.addresses(addresses)
    if storefront.PART in supervisor.under_way:
        screen.sentence("The shop's pages are being built, and are there in a moment.")
    screen.sentence("Ctrl-C stops it.")


async def _note_prepared(
    supervisor: Supervisor, programs: list[Part], once_prepared: Callable[[], None]
) -> None:
    """Waits until the system is ready, and all that prepares it has ended well."""
    awaited = [part.name for part in programs if part.is_vital or part.name in preparation.TASKS]
    await supervisor.ready(*awaited)
    once_prepared()


def _on_signals(end: "partial[None]") -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as under nohup
        loop.add_signal_handler(signal.SIGHUP, end)


def _end(running: "asyncio.Task[None]", supervisor: Supervisor, screen: Screen) -> None:
    if running.done() or running.cancelling():
        supervisor.hurry()
    else:
        screen.sentence("Stopping; once more to hurry.")
        running.cancel()
