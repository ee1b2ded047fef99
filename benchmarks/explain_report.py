"""What the benchmark of explanations shows: a table, a picture, and the machine it ran on."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any

OURS, SHAP, CONTRIB, FAST = NAMES = ("treeshap", "shap.TreeExplainer", "pred_contrib", "fasttreeshap")
_SHORT = {SHAP: "shap"}


def machine(last_cache_bytes: int) -> dict[str, Any]:
    """Name the machine and the versions, for the JSON."""
    import lightgbm
    import numba
    import shap

    model = ""
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return {
        "cpu": model or platform.processor(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "last_cache_mib": last_cache_bytes >> 20,
        "python": platform.python_version(),
        "lightgbm": lightgbm.__version__,
        "numba": numba.__version__,
        "shap": shap.__version__,
    }


def print_table(result: dict[str, Any]) -> None:
    """Print medians in microseconds a row and how many times ours is faster."""
    from rich.console import Console
    from rich.table import Table

    names = [name for name in NAMES if any(name in case for case in result["cases"].values())]
    table = Table("rows a call", box=None, padding=(0, 1), header_style="bold")
    for name in names:
        table.add_column(f"{_SHORT.get(name, name)}\nus a row", justify="right", no_wrap=True)
    for name in names[1:]:
        table.add_column(f"times\n{_SHORT.get(name, name)}", justify="right", no_wrap=True, style="green")
    for name, case in result["cases"].items():
        cells = [f"{case[n]['median']:,.2f}" if n in case else "–" for n in names]
        ratios = [case.get(f"ratio_to_{n}") for n in names[1:]]
        table.add_row(name, *cells, *(_ratio(ratio) for ratio in ratios))
    console = Console()
    console = console if console.is_terminal else Console(width=120)
    console.print(f"{result['model']}: {result['trees']} trees, {result['features']} features", style="bold")
    console.print(table)
    console.print(
        f"largest difference to pred_contrib {result['max_abs_difference_to_pred_contrib']:.1e}, "
        f"sum to raw score {result['max_abs_residual_to_raw_score']:.1e}; medians, quartiles in brackets; "
        f"parsed in {result['seconds_to_parse']:.2f} s, warm in {result['seconds_to_warm']:.2f} s"
    )


def _ratio(ratio: dict[str, float] | None) -> str:
    return f"{ratio['median']:.1f} ({ratio['q25']:.0f}–{ratio['q75']:.0f})" if ratio else "–"


def draw(result: dict[str, Any], path: Path) -> None:
    """Draw the medians into a picture file."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
    cases = result["cases"]
    for name in NAMES:
        shown = [case for case in cases if name in cases[case]]
        if not shown:
            continue
        axes.plot(shown, [cases[case][name]["median"] for case in shown], marker="o", label=name)
    axes.set(yscale="log", xlabel="rows a call", ylabel="microseconds a row", title=result["model"])
    axes.legend()
    axes.grid(alpha=0.3)
    figure.savefig(path, dpi=120)
    plt.close(figure)
