"""A flame graph of recorded stacks."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from benchmarks.flame import draw, read_stacks

RAW = """thread (7): AsyncIO;run (asyncio/base.py:1);decide (serve_app/path.py:10);score (credit/a.py:3) 60
thread (7): AsyncIO;run (asyncio/base.py:2);decide (serve_app/path.py:12);explain (treeshap/b<x>.py:4) 38
thread (7): AsyncIO;run (asyncio/base.py:2);decide (serve_app/path.py:12);rare (credit/a.py:9) 0
thread (8): other;wait (threading.py:1) 500
"""


def test_a_function_is_one_frame_whatever_line_it_was_at() -> None:
    """Stacks of the thread that is asked for are added up; what stands above a named frame is left out."""
    root = read_stacks(RAW.splitlines(), thread="AsyncIO", skip="decide")
    assert root.count == 98
    decide = root.below["decide (serve_app/path.py)"]
    assert {name: frame.count for name, frame in decide.below.items()} == {
        "score (credit/a.py)": 60,
        "explain (treeshap/b<x>.py)": 38,
        "rare (credit/a.py)": 0,
    }
    assert root.depth == 3


def test_the_picture_is_well_formed_and_widths_are_shares() -> None:
    """Names may hold anything; what nobody could see is left out."""
    picture = draw(read_stacks(RAW.splitlines(), thread="AsyncIO", skip="decide"), "a <door>")
    titles = [title.text for title in ElementTree.fromstring(picture).iter("{http://www.w3.org/2000/svg}title")]
    assert titles == [
        "decide (serve_app/path.py): 100.0 %",
        "explain (treeshap/b<x>.py): 38.8 %",
        "score (credit/a.py): 61.2 %",
    ]
    widths = [float(width) for width in re.findall(r'width="([\d.]+)" height="16"', picture)]
    assert [round(width + 0.5) for width in widths] == [1200, 465, 735]
