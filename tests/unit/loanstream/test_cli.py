"""The command line: quick to answer, errors in one line, options where people put them."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from loanstream import __version__
from loanstream.cli import app, program_options_first
from streaming.broker.ports import free_ports
from tests.fixtures.rehearsals import rehearsal_report

HEAVY = ("ray", "mlflow", "kafka", "pandas", "pyarrow", "numpy", "lightgbm", "sklearn", "shap", "numba", "httpx")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "loanstream", *arguments]
    environment = {name: value for name, value in os.environ.items() if name not in ("LOANSTREAM_HOME", "RAY_ADDRESS")}
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment, check=False)


@pytest.mark.parametrize("arguments", [["--help"], ["up", "--help"], ["data", "generate", "--help"], ["--version"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    """`--help` answers without importing what costs seconds: that, not the machine's mood, is what keeps it quick."""
    code = f"""
import sys
sys.argv = ["loanstream", *{arguments!r}]
from loanstream.cli import app
try:
    app()
except SystemExit as end:
    assert not end.code, end.code
heavy = [name for name in {HEAVY!r} if name in sys.modules]
assert not heavy, heavy
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


def test_every_command_explains_itself() -> None:
    """Each command and group has a help text, and `--help` of each works."""
    from typer.main import get_command

    root = get_command(app)
    for name, command in root.commands.items():  # type: ignore[attr-defined]
        assert command.help, name
        assert CliRunner().invoke(app, [name, "--help"]).exit_code == 0


def test_the_version_is_the_package_s() -> None:
    """`--version` prints the installed version."""
    assert CliRunner().invoke(app, ["--version"]).output.strip() == f"loanstream {__version__}"


def test_an_error_of_ours_is_one_line_and_exit_code_1(tmp_path: Path) -> None:
    """A missing folder is one line on stderr that says what to do, without a traceback."""
    done = run("--home", str(tmp_path / "home"), "train", "--data", str(tmp_path / "nowhere"))
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert len(done.stderr.strip().splitlines()) == 1
    assert "nowhere" in done.stderr


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    """`--debug` shows where an error of ours came from."""
    done = run("--debug", "decide", str(tmp_path / "none.json"), "--home", str(tmp_path))
    assert done.returncode == 1
    assert "Traceback" in done.stderr


def test_a_wrong_option_is_a_usage_error() -> None:
    """An option that does not exist is exit code 2."""
    assert run("up", "--no-such-option").returncode == 2


@pytest.mark.parametrize("arguments", [["decide"], ["decide", "x.json", "--client", "1"]])
def test_decide_wants_a_file_or_a_client(arguments: list[str]) -> None:
    """Neither and both are usage errors."""
    assert CliRunner().invoke(app, arguments).exit_code == 2


def test_a_taken_port_is_named_before_anything_starts(tmp_path: Path) -> None:
    """A start on a taken port fails at once, names the port and its option, and leaves nothing running."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        done = run("--home", str(tmp_path / "home"), "up", "--free-ports", "--http-port", str(port))
    assert done.returncode == 1
    assert f"port {port}" in done.stderr
    assert "--http-port" in done.stderr
    assert list((tmp_path / "home" / "run").glob("*.process.json")) == []


@pytest.mark.parametrize("rate", ["0", "-5"])
def test_a_rate_that_sends_nothing_is_refused(tmp_path: Path, rate: str) -> None:
    """A rate of 0 or less is refused before anything starts."""
    done = run("--home", str(tmp_path), "demo", "--rate", rate)
    assert (done.returncode, "--rate" in done.stderr) == (1, True)


def test_a_summary_that_cannot_be_written_is_refused_before_the_run(tmp_path: Path) -> None:
    """`--summary` into a folder that is not there fails before anything starts."""
    done = run("--home", str(tmp_path / "home"), "demo", "--summary", str(tmp_path / "no" / "file.json"))
    assert done.returncode == 1
    assert "--summary" in done.stderr
    assert not (tmp_path / "home").exists()


def test_an_absent_stack_is_said_to_be_absent(tmp_path: Path) -> None:
    """Without a stack `status` is exit code 3, `down` says that nothing runs, `decide` says how to start one."""
    home = str(tmp_path / "home")
    assert run("status", "--home", home).returncode == 3
    assert "nothing runs" in run("down", "--home", home).stdout
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "ports.json").write_text(f'{{"http": {free_ports(1)[0]}}}')
    done = run("decide", "--client", "1", "--home", home)
    assert (done.returncode, "loanstream up" in done.stderr) == (1, True)


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (["up", "--home", "x", "--retrain"], ["--home", "x", "up", "--retrain"]),
        (["up", "--home=x"], ["--home=x", "up"]),
        (["--debug", "up"], ["--debug", "up"]),
        (["decide", "--", "--home"], ["decide", "--", "--home"]),
        (["up", "--home"], ["--home", "up"]),
    ],
)
def test_program_options_may_stand_anywhere(given: list[str], read: list[str]) -> None:
    """`--home` and `--debug` mean the same before and after the command's name; what follows `--` is left alone."""
    assert program_options_first(given) == read


def test_promote_refuses_a_report_that_is_none_or_was_altered(tmp_path: Path) -> None:
    """A file that is no JSON, and one whose figures were changed after signing: one line, and nothing is promoted."""
    from streaming.proof.report import sign_report, write_report

    home, report = tmp_path / "home", tmp_path / "report.json"
    home.mkdir()
    report.write_text("not json")
    done = run("--home", str(home), "promote", "--rehearsal", str(report))
    assert (done.returncode, "is no report" in done.stderr) == (1, True), done.stderr
    signed = sign_report(rehearsal_report(outcome_flips=900), home / "rehearsal-key.pem")
    written, _ = write_report(signed, tmp_path, "signed")
    altered = json.loads(written.read_bytes())
    altered["report"]["outcome_flips"] = 0
    report.write_text(json.dumps(altered))
    done = run("--home", str(home), "promote", "--rehearsal", str(report))
    assert (done.returncode, "was altered" in done.stderr) == (1, True), done.stderr


def test_a_report_s_unknown_section_is_one_line(tmp_path: Path) -> None:
    """It lists the sections, and no home is made for it."""
    done = run("--home", str(tmp_path / "home"), "train-report", "--only", "sneeds")
    assert done.returncode == 1
    assert "no section 'sneeds'; there are champion, seeds" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "home").exists()
