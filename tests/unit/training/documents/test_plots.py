"""Plots, drawn without a display."""

import numpy as np
import pytest

from credit.policy import Costs
from training.documents import plots
from training.documents.document import Plot

PNG = b"\x89PNG\r\n\x1a\n"
RNG = np.random.default_rng(0)
P = RNG.uniform(0.01, 0.5, 400)
Y = (RNG.random(400) < P).astype(float)


def drawn() -> list[Plot]:
    X = np.random.default_rng(1).normal(size=(400, 3))
    X[:50, 1] = np.nan
    return [
        plots.curves(Y, P),
        plots.calibration(Y, P),
        plots.cost(Y, P, 0.2, (0.15, 0.25), Costs()),
        plots.distribution(Y, 600 - 100 * P),
        *plots.importance(X * 0.1, X, ("a", "b", "c")),
    ]


@pytest.fixture(scope="module")
def once() -> list[Plot]:
    return drawn()


def test_each_is_a_png_under_a_name_of_its_own(once: list[Plot]) -> None:
    """The names become files beside the model card."""
    assert all(plot.png.startswith(PNG) for plot in once)
    assert len({plot.name for plot in once}) == len(once)
    assert all(plot.caption for plot in once)


def test_the_same_figures_give_the_same_bytes(once: list[Plot]) -> None:
    """A card that is written again does not differ where nothing changed."""
    assert [plot.png for plot in drawn()] == [plot.png for plot in once]
