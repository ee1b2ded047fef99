"""What the report says of rows held apart."""

import math

from training.documents.apart import apart_blocks
from training.evaluation.seeds import ApartScore, RowsDifficulty, Seeds


def test_each_seed_is_a_row_and_the_spread_stands_beside_the_rows_own_chance() -> None:
    """A figure that is not known is a dash, not a number."""
    scores = tuple(
        ApartScore(f"seed {i}", 100 + i, 1200, 0.77, 0.76 + i / 1000, math.nan, 0.51, 0.50) for i in range(3)
    )
    seeds = Seeds(scores, 4_000, 0, 0.0005, 0.0007, (0.74, 0.78), (0.48, 0.54))
    text = "\n\n".join(apart_blocks(seeds, [RowsDifficulty("held apart", 4_000, 0.08, 0.71, 0.012)]))
    assert text.count("| seed ") == 3
    assert "| seed 2 | 102 | 1,200 | 0.7700 | 0.7620 | – | 0.5100 | 0.5000 |" in text
    assert "0.0005 out of fold, 0.0007 apart" in text
    assert "0.7400 to 0.7800" in text
    assert "| held apart | 4,000 | 0.0800 | 0.7100 | 0.0120 |" in text
