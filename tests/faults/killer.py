"""The killer: lets processes die at failpoints and at random moments, and starts them again at once."""

import math
import random
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .failpoints import FAILPOINTS, Failpoint
from .shape import Shape

READY_SECONDS = 180
POLL_SECONDS = 0.05
MOMENT_SECONDS = (0.3, 2.0)
"""How long after it is ready a process may live until it is killed at random, unless it came to its failpoint."""
PATIENCE_SECONDS = 120.0
"""How long a failpoint that was not reached so far is waited for: more than the product takes by itself, which gives the job
of a dead worker to another one after 35 seconds and tries one that failed again after 60."""
MOST_PASSES = 3
MISSES_A_SERVER = 1
"""With what a process ends that starts while a server is away; a supervisor starts it again (docs/operations.md)."""
START_SECONDS = 60.0
"""How long a start may take until it finds that out, and how long a server needs to be back."""
SERVER_TOO = 0.25
"""How often a server dies while a process is on its way to its failpoint."""


@dataclass
class Killer:
    """Kills by a seed; `check` is called again and again and raises where going on makes no sense."""

    shape: Shape
    dice: random.Random
    check: Callable[[], None]
    kills: Counter[str] = field(default_factory=Counter)
    reached: Counter[str] = field(default_factory=Counter)
    began: float = field(default_factory=time.monotonic)
    _awaited: str = ""
    _started: dict[str, float] = field(default_factory=dict)
    _server_killed: float = -math.inf

    def reach(self, names: Iterable[str], seconds: float) -> None:
        """Go through the failpoints in an order of chance until the time is up, then through those not reached yet."""
        order = list(names)
        self.dice.shuffle(order)
        queue = deque(order)
        deadline = time.monotonic() + seconds
        while queue and time.monotonic() < deadline:
            name = queue.popleft()
            server = self.dice.random() < SERVER_TOO
            if not self._live_with(FAILPOINTS[name], self.dice.randint(1, MOST_PASSES), self._moment(), server):
                queue.append(name)
        self.reach_each(queue)

    def reach_each(self, names: Iterable[str]) -> None:
        """Let a process die at the first pass of each failpoint, one after the other."""
        for name in names:
            self._live_with(FAILPOINTS[name], 1, PATIENCE_SECONDS)
        self.revive()

    def kill_at_random(self, names: Sequence[str], times: int, seconds: float = 0) -> None:
        """Kill each of the targets in turn, so many times at least, and until the time is up."""
        self.revive()
        deadline = time.monotonic() + seconds
        while times > 0 or time.monotonic() < deadline:
            for name in self.dice.sample(names, min(len(names), max(times, 1))):
                self.pause(self._moment())
                self._kill_and_start(name)
                self._wait(self.shape.is_ready)
                times -= 1

    def pause(self, seconds: float) -> None:
        """Kill nobody."""
        self._lasts(lambda: False, seconds)

    def revive(self) -> None:
        """Start what is dead, and wait until all are ready."""
        for name in self.shape.processes:
            if not self.shape.targets[name].alive:
                self._start(name)
        self._wait(self.shape.is_ready)

    def unreached(self, names: Iterable[str]) -> list[str]:
        return sorted(set(names) - self.reached.keys())

    def _live_with(self, point: Failpoint, passes: int, patience_seconds: float, server: bool = False) -> bool:
        """Start a process anew so that it dies at the point, and perhaps a server meanwhile; return whether it did."""
        home = self.dice.choice(self.shape.homes(point))
        target = self.shape.targets[home]
        if target.alive:
            self._kill(home)
        self._awaited = home
        self._start(home, {"FAIL_AT": f"{point.name}:{passes}", "FAIL_NOTE": str(self._note(home))})
        self._wait(lambda: not target.alive or self.shape.is_ready())
        if server:
            self._kill_and_start(self.dice.choice(self.shape.servers))
        self._lasts(lambda: not target.alive, patience_seconds)
        self._awaited = ""
        if target.alive:
            return False
        died_there = self._read_note(home)
        if not self.shape.alone:
            self._start(home)  # the others go on meanwhile, and need it
        return died_there

    def _supervise(self) -> None:
        """Start what died at a failpoint that nobody waited for any more, or could not start without a server."""
        for name in self.shape.processes:
            if name != self._awaited and not self.shape.targets[name].alive:
                self._read_note(name)
                self._start(name)

    def _note(self, name: str) -> Path:
        return self.shape.notes / f"{name}.note"

    def _read_note(self, name: str) -> bool:
        """Count a process that killed itself and return whether one did; raises AssertionError where it should not have ended."""
        if not self._note(name).exists():
            assert self._missed_a_server(name), f"{name} ended by itself\n{self.shape.log()}"
            return False
        point = self._note(name).read_text()
        self._note(name).unlink()
        self._count(name, point)
        self.reached[point] += 1
        return True

    def _missed_a_server(self, name: str) -> bool:
        """Return whether a process ended because it was about to start when a server was killed, whenever we look."""
        ended_so = self.shape.targets[name].exit_code == MISSES_A_SERVER
        return ended_so and abs(self._started.get(name, -math.inf) - self._server_killed) < START_SECONDS

    def _start(self, name: str, environment: Mapping[str, str] | None = None) -> None:
        self._started[name] = time.monotonic()
        self.shape.targets[name].start_again(environment)

    def _kill_and_start(self, name: str) -> None:
        self._kill(name)
        self._start(name)

    def _kill(self, name: str) -> None:
        self.shape.targets[name].kill()
        if name not in self.shape.processes:
            self._server_killed = time.monotonic()
        self._note(name).unlink(missing_ok=True)
        self._count(name, "at random")

    def _count(self, name: str, place: str) -> None:
        self.kills[name] += 1
        sys.stderr.write(f"{time.monotonic() - self.began:6.1f} s: {name} killed {place}\n")

    def _moment(self) -> float:
        return self.dice.uniform(*MOMENT_SECONDS)

    def _wait(self, condition: Callable[[], bool]) -> None:
        assert self._lasts(condition, READY_SECONDS), f"not ready within {READY_SECONDS} s\n{self.shape.log()}"

    def _lasts(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Wait for a condition for so long at most; return whether it holds."""
        deadline = time.monotonic() + seconds
        while not condition():
            self.check()
            self._supervise()
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_SECONDS)
        return True
