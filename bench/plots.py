"""A run in pictures: SVG, to be looked at where the documents are."""

from collections.abc import Callable, Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.result import DRIVER, Report, Result
from bench.systems import BEATLINE, DBOS, FLOOR, PLAIN, SHARED, TITLES
from bench.targets import AT_ONCE

# Colors that are told apart by those who see few of them, too, on light and on dark.
_COLORS = {FLOOR: "#8c8c8c", BEATLINE: "#d55e00", PLAIN: "#56b4e9", DBOS: "#009e73"}
_PARTS = {"temporal": "#8c8c8c", "postgres": "#0072b2", "emulators": "#cccccc"}
_PYTHON = "#d55e00"

Value = Callable[[Result], float]


def draw(report: Report, folder: Path) -> list[Path]:
    """Writes the pictures; returns where they are."""
    mpl.rcParams |= {"svg.fonttype": "none", "svg.hashsalt": "bench", "font.size": 9}
    speed = Figure(figsize=(9, 3.4), layout="constrained")
    left, middle, right = speed.subplots(1, 3)
    _bars(left, report, "orders/s", lambda result: result.orders_per_second)
    _bars(middle, report, "checkout, p50 ms", lambda result: result.checkout.p50)
    _bars(right, report, "paid → COMPLETED, p50 ms", lambda result: result.fulfillment.p50)
    handles, labels = left.get_legend_handles_labels()
    speed.legend(handles, labels, loc="outside lower center", ncols=len(labels), frameon=False)
    cost = Figure(figsize=(9, 2.4), layout="constrained")
    _processors(cost.subplots(), [each for each in report.results if each.buyers == AT_ONCE])
    return [_saved(speed, folder / "speed.svg"), _saved(cost, folder / "processors.svg")]


def _bars(axes: Axes, report: Report, title: str, value: Value) -> None:
    systems = list(dict.fromkeys(each.system for each in report.results))
    buyers = list(dict.fromkeys(each.buyers for each in report.results))
    width = 0.8 / len(systems)
    for number, system in enumerate(systems):
        heights = [value(report.of(system, count)) for count in buyers]
        places = [place + number * width for place in range(len(buyers))]
        axes.bar(places, heights, width * 0.92, label=TITLES[system], color=_COLORS[system])
    axes.set_xticks([place + 0.4 - width / 2 for place in range(len(buyers))])
    axes.set_xticklabels([f"{count} at once" for count in buyers])
    axes.set_title(title, loc="left")
    axes.spines[["top", "right"]].set_visible(False)


def _processors(axes: Axes, results: Sequence[Result]) -> None:
    """One bar a system, of what each of its processes computes for an order."""
    names = [TITLES[each.system] for each in results]
    so_far = [0.0] * len(results)
    emulators = tuple(name for name in SHARED if name != "postgres")
    parts: dict[str, tuple[str, Value]] = {
        "Python": (_PYTHON, lambda each: each.cpu_of(*_own(each))),
        "Temporal": (_PARTS["temporal"], lambda each: each.cpu_of("temporal")),
        "PostgreSQL": (_PARTS["postgres"], lambda each: each.cpu_of("postgres")),
        "emulators": (_PARTS["emulators"], lambda each: each.cpu_of(*emulators)),
    }
    for title, (color, value) in parts.items():
        widths = [value(each) for each in results]
        axes.barh(names, widths, left=so_far, label=title, color=color, height=0.6)
        so_far = [before + width for before, width in zip(so_far, widths, strict=True)]
    axes.invert_yaxis()
    axes.set_title(f"processor time of one order, ms, {AT_ONCE} at once", loc="left")
    axes.legend(frameon=False, ncols=len(parts), loc="lower right")
    axes.spines[["top", "right"]].set_visible(False)


def _own(result: Result) -> list[str]:
    """The programs of a system's own Python."""
    others = {"temporal", *SHARED, DRIVER}
    return [name for name in result.cpu_ms if name not in others]


def _saved(figure: Figure, path: Path) -> Path:
    figure.savefig(path, metadata={"Date": None})
    return path
