"""Hosts made of namespaces: apart from one another, cut, frozen and killed, and gone without a trace."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from credit.errors import SettingsError
from deploy.cluster import network
from deploy.cluster.host import Host
from deploy.cluster.plan import ClusterPlan
from tests.faults.cluster.between import listen_in

pytestmark = pytest.mark.integration
ENV = {"PATH": os.environ["PATH"]}


@pytest.fixture
def hosts(tmp_path: Path) -> Iterator[tuple[Host, Host]]:
    """Two hosts on a network of this test's own."""
    try:
        network.require_namespaces()
    except SettingsError as error:
        pytest.skip(f"no hosts on this machine: {error}")
    plan = ClusterPlan(network=100 + os.getpid() % 100)
    network.make_bridge(plan)
    pair = Host(plan, plan.bank, tmp_path / "hosts"), Host(plan, plan.stores, tmp_path / "hosts")
    try:
        for host in pair:
            host.boot()
        yield pair
    finally:
        for host in pair:
            host.remove()
        network.remove_bridge(plan)


def reaches(one: Host, other: Host) -> bool:
    probe = ["python3", "-c", _ANSWERED, one.address, other.address]
    return one.call(probe, ENV, 20.0).returncode == 0


# A port that nobody listens at is refused at once where the host is reached, and never where it is not.
_ANSWERED = """
import socket, sys
try:
    socket.create_connection((sys.argv[2], 9), 1.0)
except ConnectionRefusedError:
    pass
"""


def test_a_host_knows_the_others_by_name_and_asks_no_server(hosts: tuple[Host, Host]) -> None:
    """An address that nobody has is an answer at once: a broker asks for its own before anyone may sign in."""
    one, other = hosts
    known = one.call(["python3", "-c", f"import socket; print(socket.gethostbyaddr({other.address!r})[0])"], ENV, 20.0)
    assert known.stdout.strip() == other.name, known.stderr
    unknown = "import socket; socket.gethostbyaddr('203.0.113.7')"
    assert "herror" in one.call(["python3", "-c", unknown], ENV, 4.0).stderr


def until(holds: Callable[[], bool], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come to hold"
        time.sleep(0.02)


def test_a_host_sees_only_itself(hosts: tuple[Host, Host]) -> None:
    """Its name, its files and its processes are its own; the project is there and cannot be written to."""
    one, other = hosts
    (other.folder / "private").write_text("the other's")
    seen = one.call(["sh", "-c", "hostname; ls /var/lib/loanstream; ps -e | wc -l"], ENV).stdout.split()
    assert seen[0] == "bank"
    assert "private" not in seen
    assert int(seen[-1]) < 10
    hidden = one.call(["ls", str(other.folder.parent)], ENV)
    assert hidden.stdout.strip() == ""
    written = one.call(["touch", str(Path(__file__).parents[3] / "written-by-a-host")], ENV)
    assert written.returncode != 0


def test_a_cut_link_is_cut_and_mended(hosts: tuple[Host, Host]) -> None:
    """Hosts reach one another until the link is cut, and again once it is mended."""
    one, other = hosts
    until(lambda: reaches(one, other))
    network.cut(other.planned)
    assert not reaches(one, other)
    network.mend(other.planned)
    until(lambda: reaches(one, other))


def test_a_link_is_cut_towards_one_host_alone(hosts: tuple[Host, Host]) -> None:
    """What one host sends is dropped at the other, until that is taken back."""
    one, other = hosts
    until(lambda: reaches(one, other))
    network.cut_from(other.planned, [one.planned])
    assert not reaches(one, other)
    network.mend_from(other.planned, [one.planned])
    until(lambda: reaches(one, other))


def test_a_killed_host_takes_its_processes_along(hosts: tuple[Host, Host]) -> None:
    """SIGKILL of the first process is a power cut: nothing of the host runs on, its files stay, it boots again."""
    one, _ = hosts
    one.run("sleeper", ["sleep", "600"], ENV)
    until(lambda: len(one.processes()) >= 2)
    (one.folder / "kept").write_text("yes")
    running = one.processes()
    one.kill()
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in running))
    assert not one.up
    one.boot()
    assert one.up
    assert (one.folder / "kept").read_text() == "yes"


def test_a_frozen_host_stands_still(hosts: tuple[Host, Host]) -> None:
    """A frozen host's programs do nothing until it is thawed."""
    one, _ = hosts
    one.run("counter", ["sh", "-c", "while :; do echo x; sleep 0.01; done"], ENV)
    until(lambda: one.log("counter").exists() and one.log("counter").stat().st_size > 0)
    one.freeze()
    states = {Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] for pid in one.processes()}
    assert "T" in states
    assert states <= {"T", "Z"}  # a `sleep` may just have ended, and its frozen parent collects nobody
    size = one.log("counter").stat().st_size
    one.thaw()
    until(lambda: one.log("counter").stat().st_size > size)


def test_a_frozen_host_can_be_killed(hosts: tuple[Host, Host]) -> None:
    """What started a program on it stood still with it, and lets it go."""
    one, _ = hosts
    one.run("sleeper", ["sleep", "600"], ENV)
    until(lambda: len(one.processes()) >= 2)
    running = one.processes()
    one.freeze()
    one.kill()
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in running))


def test_nothing_is_left_behind(hosts: tuple[Host, Host]) -> None:
    """A removed host leaves no namespace, no process and no file."""
    one, _ = hosts
    running = one.processes()
    one.remove()
    assert one.planned.namespace not in network.namespaces()
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in running))
    assert not one.folder.exists()


def seconds_to_reach(one: Host, other: Host) -> float:
    timed = _ANSWERED.replace("try:", "import time\nbegun = time.monotonic()\ntry:") + "print(time.monotonic() - begun)"
    return float(one.call(["python3", "-c", timed, one.address, other.address], ENV, 20.0).stdout)


def test_a_slow_link_delays_and_loses(hosts: tuple[Host, Host]) -> None:
    """A frame takes the delay each way; where all are lost, nothing arrives; taken back, it is as before."""
    one, other = hosts
    until(lambda: reaches(one, other))
    other.slow(0.15)
    until(lambda: reaches(one, other))
    assert seconds_to_reach(one, other) >= 0.3
    other.slow(0.0, loss=1.0)
    assert not reaches(one, other)
    other.quicken()
    until(lambda: reaches(one, other))


def test_a_removed_host_leaves_no_slow_link_behind(hosts: tuple[Host, Host]) -> None:
    one, _ = hosts
    one.slow(0.1)
    until(lambda: bool(links_of(one)))
    one.remove()
    assert not links_of(one)


def links_of(host: Host) -> list[str]:
    """Return the names of this machine's links that belong to a host."""
    return [path.name for path in Path("/sys/class/net").iterdir() if path.name.startswith(host.planned.link)]


def test_who_takes_an_address_hears_what_is_sent_to_it(hosts: tuple[Host, Host]) -> None:
    """A host's own way to another ends at a listener here, until it is given back."""
    one, other = hosts
    until(lambda: reaches(one, other))
    network.take_addresses(one.planned, [other.planned])
    with listen_in(one.planned.namespace, (other.address, 9)) as listener:
        listener.settimeout(20.0)
        one.run("caller", ["python3", "-c", _SAY, other.address], ENV)
        connection, _ = listener.accept()
        with connection:
            assert connection.recv(5) == b"hello"
    network.give_addresses_back(one.planned, [other.planned])
    until(lambda: reaches(one, other))


_SAY = "import socket, sys; socket.create_connection((sys.argv[1], 9), 5.0).sendall(b'hello')"
