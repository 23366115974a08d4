"""The process that looks after several others which serve one port together (`--workers`).

It does for the workers what systemd does for a server: each tells that it is ready and alive, one that ends or hangs is
started again, and all are told to stop. It loads nothing that serving needs, so it takes little memory.
"""

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from select import select

import click

from . import systemd
from .files import FolderInUse, share_folder
from .live.serving.listening import reserve
from .ports import hold_data_dir, open_ports
from .settings import Settings, SettingsError

logger = logging.getLogger(__name__)

COMMAND = (sys.executable, "-m", "server.worker")
ROOT = Path(__file__).parents[1]
LOOK_S, ALIVE_S = 0.2, 1.0
# As deploy/systemd/paadas.service has them for a server without workers.
READY_WITHIN_S, SILENT_S = 600.0, 30.0
# A worker that hangs is killed before systemd or a container kills all.
STOP_WITHIN_S = 15.0
# A worker that ends sooner is started again later each time: at once, after these times, and then after the last one.
LONG_RUN_S = 60.0
WAITS_S = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0)


def supervise(settings: Settings) -> None:
    """Serve until stopped, then exit. Raises ClickException with advice if that cannot begin."""
    reserved = open_ports(settings, reserve)
    try:
        lock, is_first = hold_data_dir(settings)
    except (SettingsError, FolderInUse) as error:
        raise click.ClickException(str(error)) from None
    with tempfile.TemporaryDirectory(prefix="paadas-") as folder:
        try:
            code = Supervisor(settings, Path(folder), lock, is_first).run()
        except OSError as error:
            raise click.ClickException(f"the workers cannot be started ({error.strerror})") from None
    for port in reserved:
        port.close()
    sys.exit(code)


class Worker:
    """One process. It ends when the supervisor ends.

    `number`: its place, which its successor takes. `prepares`: it does what has to be done once, before it serves.
    Raises OSError if the system starts no further process.
    """

    def __init__(
        self, number: int, settings: Settings, folder: Path, lock: TextIOWrapper, prepares: bool = False
    ) -> None:
        self.number = number
        self.is_prepared = self.is_ready = False
        self.is_dismissed = False
        self.began_s = self.heard_s = time.monotonic()
        self._kill_at_s: float | None = None
        self._address = Path(tempfile.mktemp(dir=folder))  # only this user may write there
        self.ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.ear.bind(str(self._address))
        self.ear.setblocking(False)
        paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        try:
            self.process = subprocess.Popen(
                COMMAND,
                env={
                    **os.environ,
                    "NOTIFY_SOCKET": str(self._address),
                    "PROMETHEUS_MULTIPROC_DIR": str(folder),
                    "PYTHONPATH": os.pathsep.join(paths),
                },
                stdin=subprocess.PIPE,
                # The data folder stays locked until the last process has ended.
                pass_fds=[lock.fileno()],
                # Ctrl-C reaches the supervisor alone, which stops the workers.
                process_group=0,
            )
        except OSError:
            self._close_ear()
            raise
        order = {"prepares": prepares, "name": str(number), "settings": settings.model_dump(mode="json")}
        assert self.process.stdin
        with suppress(OSError):  # the process has ended already
            self.process.stdin.write(json.dumps(order).encode() + b"\n")
            self.process.stdin.flush()

    def listen(self) -> None:
        """Read what the worker told."""
        with suppress(BlockingIOError):
            while states := self.ear.recv(4096).decode().splitlines():
                self.heard_s = time.monotonic()
                self.is_prepared = self.is_prepared or systemd.PREPARED in states
                self.is_ready = self.is_ready or systemd.READY in states

    def look(self, now_s: float) -> None:
        """Stop the worker if it hangs."""
        if self._kill_at_s is not None:
            if now_s > self._kill_at_s:
                self.process.kill()
        elif now_s - self.heard_s > (SILENT_S if self.is_ready else READY_WITHIN_S):
            logger.error("worker %d (process %d) hangs and is stopped", self.number, self.process.pid)
            self.stop()

    def dismiss(self) -> None:
        """Stop the worker for good."""
        self.is_dismissed = True
        self.stop()

    def stop(self) -> None:
        """Let the worker drain; kill it if that takes too long."""
        if self._kill_at_s is None:
            self._kill_at_s = time.monotonic() + STOP_WITHIN_S
            self.process.terminate()

    @property
    def has_ended(self) -> bool:
        """Whether the process is gone."""
        return self.process.poll() is not None

    @property
    def end(self) -> str:
        """How it ended, for the log."""
        code = self.process.returncode
        return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"

    def bury(self, folder: Path) -> None:
        """Remove all traces but the counters of one that has served: files without counts only slow down /metrics."""
        assert self.process.stdin
        with suppress(OSError):
            self.process.stdin.close()
        self._close_ear()
        # As prometheus_client.multiprocess.mark_process_dead does, without loading it.
        for left in folder.glob(f"{'gauge_live' if self.is_ready else ''}*_{self.process.pid}.db"):
            left.unlink()

    def _close_ear(self) -> None:
        self.ear.close()
        self._address.unlink(missing_ok=True)


class Supervisor:
    """Starts, watches and stops the workers.

    `folder`: for files that the processes share while they run. `lock`: the data folder's. `is_first`: no
    other server has prepared it.
    """

    def __init__(self, settings: Settings, folder: Path, lock: TextIOWrapper, is_first: bool) -> None:
        self._settings, self._folder, self._lock, self._is_first = settings, folder, lock, is_first
        self._workers: list[Worker] = []
        # By number: when the worker is started again, and how often in a row it ended soon.
        self._due_s: dict[int, float] = {}
        self._failures: dict[int, int] = {}
        self._codes: list[int] = []
        self._told_s = 0.0
        self._is_ready = False
        self._is_stopping = False
        self._is_renewal_wanted = False

    def run(self) -> int:
        """Serve until stopped. Returns the exit status. Raises OSError if it cannot begin."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._wish_to_stop)
        signal.signal(signal.SIGHUP, self._wish_to_renew)
        try:
            if not self._begin():
                return self._stop()
            while not self._is_stopping:
                if self._is_renewal_wanted:
                    self._is_renewal_wanted = False
                    self._renew()
                self._turn()
            return self._stop()
        finally:
            for worker in self._workers:
                worker.process.kill()

    def _wish_to_stop(self, *_: object) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)  # a second signal ends the process at once
        self._is_stopping = True

    def _wish_to_renew(self, *_: object) -> None:
        self._is_renewal_wanted = True

    def _begin(self) -> bool:
        """Start all workers. Returns whether all are ready; one that cannot begin has said why."""
        first = self._start(1, prepares=self._is_first)
        if self._is_first and (not self._wait(lambda: first.is_prepared or bool(self._codes)) or self._codes):
            return False
        if self._settings.shares_data_dir:
            share_folder(self._lock)
        workers = [first, *(self._start(number) for number in range(2, self._settings.workers + 1))]
        if not self._wait(lambda: all(worker.is_ready for worker in workers) or bool(self._codes)) or self._codes:
            return False
        self._is_ready = True
        if not self._settings.lan:
            click.echo(f"Paadas is ready: {self._settings.url} ({self._settings.workers} workers)")
        return True

    def _start(self, number: int, prepares: bool = False) -> Worker:
        """Start a worker. Raises OSError."""
        worker = Worker(number, self._settings, self._folder, self._lock, prepares)
        self._workers.append(worker)
        return worker

    def _wait(self, is_over: Callable[[], bool]) -> bool:
        """Wait for a condition. Returns False if a signal to stop comes first."""
        while not self._is_stopping and not is_over():
            self._turn()
        return not self._is_stopping

    def _turn(self) -> None:
        """Listen to the workers for a moment, and act on what happened."""
        heard, _, _ = select([worker.ear for worker in self._workers], [], [], LOOK_S)
        now_s = time.monotonic()
        for worker in list(self._workers):
            if worker.ear in heard:
                worker.listen()
            if worker.has_ended:
                self._ended(worker, now_s)
            else:
                worker.look(now_s)
        for number, due_s in list(self._due_s.items()):
            if now_s >= due_s and not self._is_stopping:
                self._start_again(number, now_s)
        if self._is_ready and now_s - self._told_s > ALIVE_S:
            self._told_s = now_s
            systemd.notify(systemd.READY, systemd.ALIVE)

    def _ended(self, worker: Worker, now_s: float) -> None:
        self._workers.remove(worker)
        worker.bury(self._folder)
        is_wished = worker.is_dismissed or self._is_stopping
        if is_wished or not self._is_ready:
            code = worker.process.returncode
            # One that is stopped while it loads ends by the signal.
            self._codes.append(0 if is_wished and code == -signal.SIGTERM else abs(code))
            return
        if any(other.number == worker.number for other in self._workers):
            return  # its successor is there
        is_long = now_s - worker.began_s > LONG_RUN_S
        failures = self._failures[worker.number] = 0 if is_long else self._failures.get(worker.number, -1) + 1
        wait_s = WAITS_S[min(failures, len(WAITS_S) - 1)]
        self._due_s[worker.number] = now_s + wait_s
        logger.error(
            "worker %d (process %d) %s and is started again%s",
            worker.number,
            worker.process.pid,
            worker.end,
            f" in {wait_s:g} s" if wait_s else "",
        )

    def _start_again(self, number: int, now_s: float) -> None:
        del self._due_s[number]
        try:
            self._start(number)
        except OSError as error:
            self._due_s[number] = now_s + WAITS_S[-1]
            logger.error("worker %d cannot be started now (%s); it is tried again", number, error.strerror)

    def _renew(self) -> None:
        """Replace the workers one after the other. Each old one stops when the new one is ready."""
        for number in range(1, self._settings.workers + 1):
            old = [worker for worker in self._workers if worker.number == number]
            try:
                new = self._start(number)
            except OSError as error:
                logger.error("worker %d cannot be renewed (%s): the others stay", number, error.strerror)
                return
            self._due_s.pop(number, None)
            if not self._wait(lambda new=new: new.is_ready or new not in self._workers):  # type: ignore[misc]
                return
            if new not in self._workers:
                logger.error("worker %d cannot be renewed (its successor %s): the others stay", number, new.end)
                return
            for worker in old:
                worker.dismiss()
            if not self._wait(lambda old=old: not set(old) & set(self._workers)):  # type: ignore[misc]
                return
        logger.info("all workers are renewed")

    def _stop(self) -> int:
        systemd.notify(systemd.STOPPING)
        self._is_stopping = True
        for worker in self._workers:
            worker.dismiss()
        while self._workers:
            self._turn()
        return 1 if any(self._codes) else 0
