"""A small flame graph, without scripts, of what py-spy recorded: `python -m benchmarks.flame RAW SVG --thread WORD`.

`py-spy record --pid PID --format raw --output RAW --rate 100 --duration 20` makes RAW, a line a stack: frames from the
outermost to the innermost with `;` between, then how often it was seen. Frames too narrow to be read are left out.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

_WIDTH, _ROW, _LETTER = 1200.0, 17.0, 6.2
_NARROWEST = 0.004
_PLACE = re.compile(r"^(?P<name>.*) \((?P<file>.*?)(:\d+)?\)$")
# Whose code it is, by the beginning of its file's name; the others are libraries.
_OURS = tuple(f"{room}/" for room in "access credit feature_store ledger serve_app streaming treeshap".split())
_COLOURS = {"ours": "#7fb3d5", "ray": "#f5b041", "libraries": "#d5d8dc"}


@dataclass(slots=True)
class Frame:
    """One function below its callers, and how often it was seen there."""

    name: str
    count: int = 0
    below: dict[str, Frame] = field(default_factory=dict)

    @property
    def depth(self) -> int:
        """How many rows it and what it calls take."""
        return 1 + max((frame.depth for frame in self.below.values()), default=0)


def read_stacks(lines: Iterable[str], thread: str = "", skip: str = "") -> Frame:
    """Return all stacks of threads whose name has `thread` in it, as one tree; lines of one function are one frame.

    skip: frames above the first with this in its name are left out, as what calls everything.
    """
    root = Frame("all")
    for line in lines:
        stack, _, count = line.rstrip("\n").rpartition(" ")
        frames = stack.split(";")
        if thread and not any(thread in frame for frame in frames if frame.startswith(("thread ", "process "))):
            continue
        frames = [_without_line(frame) for frame in frames if not frame.startswith(("thread ", "process "))]
        first = next((i for i, frame in enumerate(frames) if skip and skip in frame), None)
        if skip and first is None:
            continue
        at = root
        at.count += int(count)
        for name in frames[first or 0 :]:
            at = at.below.setdefault(name, Frame(name))
            at.count += int(count)
    return root


def _without_line(frame: str) -> str:
    found = _PLACE.match(frame)
    return f"{found['name']} ({found['file']})" if found else frame


def draw(root: Frame, title: str) -> str:
    """Return the tree as SVG, callers above what they call; each frame tells its share as a tooltip."""
    rows = list(_rows(_pruned(root, root.count * _NARROWEST), 0.0, 0, root.count))
    height = _ROW * (2 + max((row for row, *_ in rows), default=0)) + 24
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:.0f} {height:.0f}" '
        'font-family="sans-serif" font-size="11">',
        f'<rect width="{_WIDTH:.0f}" height="{height:.0f}" fill="#ffffff"/>',
        f'<text x="6" y="15" font-size="13">{escape(title)}</text>',
    ]
    for row, left, width, frame in rows:
        y = 24 + row * _ROW
        share = 100 * frame.count / root.count
        shown = frame.name.split(" (")[0]
        letters = int((width - 6) / _LETTER)
        text = shown if len(shown) <= letters else shown[: letters - 1] + "…" if letters > 4 else ""
        word = f'<text x="{left + 3:.1f}" y="{y + 12:.1f}">{escape(text)}</text>' if text else ""
        parts.append(
            f'<g><title>{escape(frame.name)}: {share:.1f} %</title><rect x="{left:.1f}" y="{y:.1f}" '
            f'width="{max(width - 0.5, 0.5):.1f}" height="{_ROW - 1:.0f}" fill="{_COLOURS[_whose(frame.name)]}"/>'
            f"{word}</g>"
        )
    return "\n".join([*parts, "</svg>\n"])


def _pruned(frame: Frame, least: float) -> Frame:
    below = {name: _pruned(one, least) for name, one in frame.below.items() if one.count >= least}
    return Frame(frame.name, frame.count, below)


def _rows(frame: Frame, left: float, row: int, total: int) -> Iterator[tuple[int, float, float, Frame]]:
    for one in sorted(frame.below.values(), key=lambda one: one.name):
        width = _WIDTH * one.count / total
        yield row, left, width, one
        yield from _rows(one, left, row + 1, total)
        left += width


def _whose(name: str) -> str:
    file = name.rpartition(" (")[2]
    if file.startswith(_OURS):
        return "ours"
    return "ray" if file.startswith("ray/") else "libraries"


def main() -> None:
    """Draw one recording."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.flame", description=__doc__)
    parser.add_argument("raw", type=Path)
    parser.add_argument("svg", type=Path)
    parser.add_argument("--thread", default="", help="Only threads whose name has this in it.")
    parser.add_argument("--skip", default="", help="Leave out what stands above the first frame with this in it.")
    parser.add_argument("--title", default="")
    options = parser.parse_args()
    with options.raw.open() as lines:
        root = read_stacks(lines, options.thread, options.skip)
    options.svg.write_text(draw(root, options.title))


if __name__ == "__main__":
    main()
