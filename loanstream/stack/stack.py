"""The one-machine stack: which steps bring it up, what is reused, and how it ends."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass, field

from credit.errors import StackError
from loanstream.stack import desk, ledger
from loanstream.stack import owner as owners
from loanstream.stack.actions import Actions, Wanted
from loanstream.stack.home import Home
from loanstream.stack.owner import Owner
from loanstream.stack.ports import free_stack_ports, read_ports, require_free, with_options, write_ports
from loanstream.stack.process import Processes
from loanstream.stack.steps import Step
from loanstream.stack.surroundings import Place
from streaming.broker.ports import promise


@dataclass(frozen=True, slots=True)
class PortOptions:
    """Ports as the command line gives them; `free` takes any free ones for what is not named."""

    named: Mapping[str, int | None] = field(default_factory=dict)
    free: bool = False


class Stack:
    """The stack of one home."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.processes = Processes(home)

    def claim(self, kind: owners.Kind, options: PortOptions) -> tuple[Place, bool]:
        """Make this command the owner of the home's stack: returns its place, and whether all of it already runs.

        What a crashed run left is stopped first. Raises StackError while a demo of this home runs, PortTaken where a
        port is somebody else's, SettingsError for ports that cannot be.
        """
        self.home.prepare()
        former = owners.read_owner(self.home.run)
        if former is not None and former.kind == "demo" and former.lives:
            raise StackError(
                f"a demo (pid {former.pid}) runs in {self.home.root}; end it with Ctrl-C or `loanstream down`, "
                "or choose another --home"
            )
        ports = with_options(free_stack_ports() if options.free else read_ports(self.home.ports_file), options.named)
        place = Place.of(self.home, ports)
        wanted = self.wanted_processes(place)
        running = {name for name in wanted if self.processes.alive(name)}
        if former is not None and former.kind == "up" and running == set(wanted):
            kept = Place.of(self.home)
            if any(port not in (None, getattr(kept.ports, name)) for name, port in options.named.items()):
                raise StackError(
                    f"the stack of {self.home.root} runs with other ports; `loanstream down` first, then start it again"
                )
            return kept, True
        self.processes.stop_all()
        require_free(ports, self._own_ports(place))
        promise(astuple(ports))
        write_ports(self.home.ports_file, ports)
        owners.write_owner(self.home.run, Owner.this(kind))
        return place, False

    def wanted_processes(self, place: Place) -> list[str]:
        """Return the names of the processes that a whole stack has here."""
        names = ["kafka"] if place.around.bootstrap is None else []
        names += ["ray"] if place.around.ray_address is None else []
        names += ["monitor", *ledger.PROCESSES]
        return [*names, desk.NAME] if place.around.desk else names

    def steps(self, place: Place, wanted: Wanted) -> list[Step]:
        """Return the steps that bring everything up; what is independent runs side by side."""
        actions = Actions(place, self.processes, wanted)
        return [
            Step("broker", "Kafka", actions.broker),
            Step("ray", "Ray", actions.ray),
            Step("program", "Serve program", actions.program),
            Step("data", "Tables", actions.data),
            Step("train", "Model", actions.train, needs=("data",)),
            Step("materialize", "Features", actions.materialize, needs=("train",)),
            Step("graph", "Serve graph", actions.graph, needs=("broker", "ray", "program", "materialize")),
            # Nothing that decides waits for these, and on few cores they would take its time: they come last.
            Step("monitor", "Monitor", actions.monitor, needs=("graph",)),
            Step("ledger", "Ledger", actions.ledger, needs=("graph",)),
            Step("book", "Clients on file", actions.book, needs=("ledger",)),
            Step("prometheus", "Prometheus", actions.prometheus, needs=("graph",)),
            # It asks the ledger's door who somebody is, so it has nothing to show before that.
            *([Step("desk", "Desk", actions.desk, needs=("ledger",))] if place.around.desk else []),
        ]

    def down(self, on_stop: Callable[[str], None] | None = None) -> int:
        """Stop everything of this home and say how many processes ended; a demo that runs it ends as well."""
        if not self.home.run.is_dir():
            return 0
        former = owners.read_owner(self.home.run)
        ended = self.processes.stop_all(on_stop)
        owners.clear_owner(self.home.run)
        if former is not None and former.kind == "demo" and former.lives and former != Owner.this("demo"):
            import os
            import signal

            with contextlib.suppress(ProcessLookupError):
                os.kill(former.pid, signal.SIGTERM)
        return ended

    def _own_ports(self, place: Place) -> list[str]:
        names = ["http", "grpc", "metrics", "ledger", "ledger_metrics"]
        names += ["desk"] if place.around.desk else []
        names += ["kafka"] if place.around.bootstrap is None else []
        names += ["ray_dashboard", "ray_metrics"] if place.around.ray_address is None else ["ray_metrics"][:0]
        return names
