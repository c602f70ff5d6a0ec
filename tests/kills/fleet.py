"""Fleet: the web and delivery processes of one deployment, of which one each is killed now and then."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from tests.integration.cli.terminal import PROGRAM
from tests.kills import worker
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from tests.integration.cli.terminal import Terminal
    from tests.kills.post import Post

PATIENCE = 60  # seconds until a program must serve, on a machine that is busy
LEASE = 15  # seconds, more than a mail server may take to answer
_ADDRESS = re.compile(r"Serving .* at 127\.0\.0\.1:(\d+)\.")


@attrs.define(eq=False)
class Program:
    """A program that runs, with what it says in a file; ``door`` is where a worker hands its letters over."""

    process: subprocess.Popen[bytes]
    log: Path
    door: int = 0

    def kill(self) -> None:
        """End it as no program can notice, unless it has ended."""
        self.process.kill()
        self.process.wait()

    def port(self) -> int | None:
        """Return where it serves, if it does yet."""
        said = _ADDRESS.search(self.log.read_text())
        assert said or self.process.poll() is None, self.log.read_text()
        return int(said[1]) if said else None


class Fleet:
    """All of them; ``ports`` are those where somebody serves, ``fallen`` those where somebody was killed."""

    def __init__(self, terminal: Terminal, post: Post) -> None:
        self._terminal = terminal
        self._post = post
        self._webs: dict[int, Program] = {}
        self._starting: list[Program] = []
        self._workers: list[Program] = []
        self._count = 0
        self.ports: tuple[int, ...] = ()
        self.fallen: set[int] = set()
        self.killed_workers = 0

    def start(self, *, webs: int, workers: int) -> None:
        """Start so many of each, and return when all serve."""
        self._workers += [self._worker() for _ in range(workers)]
        self._starting += [self._web() for _ in range(webs)]
        self._wait(still_starting=0)

    def kill_one_of_each(self, chance: Random) -> None:
        """Kill a web process and a worker, and start others in their place; at most two are missing at a time."""
        self._wait(still_starting=1)
        port = chance.choice(self.ports)
        self.fallen.add(port)
        self._webs.pop(port).kill()
        self.ports = tuple(self._webs)
        self._starting.append(self._web())
        self.kill_worker(chance.randrange(len(self._workers)))
        self._workers.append(self._worker())

    def _wait(self, *, still_starting: int) -> None:
        def are_serving() -> bool:
            for web in list(self._starting):
                if port := web.port():
                    self._starting.remove(web)
                    self._webs[port] = web
                    self.ports = tuple(self._webs)
            return len(self._starting) <= still_starting

        until(are_serving, PATIENCE)

    def kill_worker(self, place: int) -> None:
        """Kill a worker."""
        fallen = self._workers.pop(place)
        fallen.kill()
        self.killed_workers += 1
        self._post.close_door(fallen.door)

    def close(self) -> list[str]:
        """Ask everybody to end; return the code of whoever did not as asked."""
        self._wait(still_starting=0)
        programs = [*self._webs.values(), *self._workers]
        for program in programs:
            program.process.send_signal(signal.SIGTERM)
        return [f"{p.log.name} ended with {code}" for p in programs if (code := p.process.wait(PATIENCE))]

    def kill_all(self) -> None:
        """Kill whoever is left."""
        for program in [*self._webs.values(), *self._starting, *self._workers]:
            program.kill()

    def _web(self) -> Program:
        return self._run(*PROGRAM, "serve", "--port", "0")

    def _worker(self) -> Program:
        door = self._post.open_door()
        program = self._run(sys.executable, str(Path(worker.__file__)), str(LEASE), door=door)
        return attrs.evolve(program, door=door)

    def _run(self, *command: str, door: int = 0) -> Program:
        self._count += 1
        log = self._terminal.folder / f"{'worker' if door else 'web'}{self._count}.log"
        there = self._terminal.but(OFFBRAND_SMTP_URL=f"smtp+plain://127.0.0.1:{door or 25}")
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - nothing in it comes from outside
                command,
                cwd=there.folder,
                env=there.program_environ(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        return Program(process, log)

    def complaints(self) -> list[str]:
        """Return the lines of all logs that tell of a defect."""
        logs = sorted(self._terminal.folder.glob("*.log"))
        lines = [f"{log.name}: {line}" for log in logs for line in log.read_text().splitlines()]
        return [line for line in lines if re.search(r"ERROR|Traceback|defect", line)]


@contextmanager
def running(terminal: Terminal, post: Post, *, webs: int, workers: int) -> Iterator[Fleet]:
    """Lend a fleet, and leave nothing of it behind."""
    with ExitStack() as stack:
        fleet = Fleet(terminal, post)
        stack.callback(fleet.kill_all)
        fleet.start(webs=webs, workers=workers)
        yield fleet
