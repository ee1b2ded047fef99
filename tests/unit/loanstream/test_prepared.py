"""What a home was prepared with, jobs in processes of their own, and Prometheus's configuration."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from loanstream.settings import Surroundings
from loanstream.stack.home import Home
from loanstream.stack.jobs import JobFailed, run_job
from loanstream.stack.monitor import prometheus_config_of
from loanstream.stack.ports import Ports
from loanstream.stack.prepared import prepared_for, tables_of, write_prepared
from loanstream.stack.process import Processes
from loanstream.stack.surroundings import Place


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    home = Home.at(tmp_path / "home")
    home.prepare()
    yield home
    Processes(home).stop_all()
    home.short_dir.rmdir()


def test_the_same_tables_are_prepared_once(home: Home, tmp_path: Path) -> None:
    """What was done for a folder of tables counts until a table changes, and not for another folder."""
    tables = tmp_path / "tables"
    tables.mkdir()
    file = tables / "application_train.csv"
    file.write_text("SK_ID_CURR\n1\n")
    assert prepared_for(home, tables).trained_in == ""
    write_prepared(home, replace(prepared_for(home, tables), trained_in="store"))
    assert prepared_for(home, tables).trained_in == "store"
    assert prepared_for(home, tmp_path).trained_in == ""
    file.write_text("SK_ID_CURR\n2\n3\n")
    assert prepared_for(home, tables).trained_in == ""


def test_later_commands_use_the_tables_of_the_last_preparation(home: Home, tmp_path: Path) -> None:
    """Without `--data` a home works with the tables it was prepared with, and with its own once those are gone."""
    tables = tmp_path / "tables"
    tables.mkdir()
    assert tables_of(home) == home.data
    write_prepared(home, prepared_for(home, tables))
    assert tables_of(home) == tables
    tables.rmdir()
    assert tables_of(home) == home.data


def test_a_table_touched_again_counts_as_changed(home: Home, tmp_path: Path) -> None:
    """A table of the same size but another time is another table."""
    file = tmp_path / "bureau.csv"
    file.write_text("a")
    write_prepared(home, replace(prepared_for(home, tmp_path), trained_in="store"))
    os.utime(file, (1, 1))
    assert prepared_for(home, tmp_path).trained_in == ""


def test_a_job_runs_in_a_process_of_its_own_and_reports(home: Home, tmp_path: Path) -> None:
    """A job's answer and its progress come back from its process, which is gone afterwards."""
    told: list[tuple[str, float]] = []
    out = tmp_path / "tables"
    arguments = {"out": str(out), "clients_train": 50, "clients_test": 10, "seed": 1}
    processes = Processes(home)
    done = run_job(processes, "generate", arguments, {}, lambda note, part: told.append((note, part)))
    assert done["rows"]["application_train"] == 50
    assert told
    assert any(out.glob("application_test.*"))
    assert processes.records() == []


def test_a_job_s_error_is_raised_with_its_message(home: Home, tmp_path: Path) -> None:
    """What a job cannot do is raised here, in the job's own words."""
    arguments = {"out": str(tmp_path), "clients_train": 0, "clients_test": 0, "seed": 1}
    with pytest.raises(JobFailed, match="at least one client"):
        run_job(Processes(home), "generate", arguments, {}, lambda *_: None)


def test_prometheus_scrapes_the_monitor_and_ray(home: Home) -> None:
    """The configuration names this home's two targets and its rule files; of a cluster only the monitor."""
    place = Place(home, Ports(metrics=1111, ray_metrics=2222), Surroundings.model_construct(ray_address=None))
    config = json.loads(prometheus_config_of(place))
    targets = [job["static_configs"][0]["targets"] for job in config["scrape_configs"]]
    assert targets == [["127.0.0.1:1111"], ["127.0.0.1:2222"]]
    assert config["rule_files"]
    assert all(Path(file).is_file() for file in config["rule_files"])
    elsewhere = Place(home, Ports(metrics=1111), Surroundings.model_construct(ray_address="10.0.0.1:6379"))
    assert len(json.loads(prometheus_config_of(elsewhere))["scrape_configs"]) == 1
