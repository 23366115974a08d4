"""A silent loudspeaker for machines without one: otherwise Firefox starts no sound, and so no microphone."""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .programs import find_program, running_program


@contextmanager
def silent_loudspeaker() -> Iterator[dict[str, str]]:
    """Yields the environment in which programs find it. Raises NotInstalled."""
    program = find_program("pulseaudio", package="pulseaudio")
    with tempfile.TemporaryDirectory(prefix="paadas-sound-") as folder:
        socket = Path(folder, "socket")
        command = [
            program,
            "-n",
            "--daemonize=no",
            "--use-pid-file=no",
            "--exit-idle-time=-1",
            "--log-level=error",
            "-L",
            "module-null-sink",
            "-L",
            f"module-native-protocol-unix auth-anonymous=1 socket={socket}",
        ]
        own = os.environ | {"HOME": folder, "XDG_RUNTIME_DIR": folder}
        with running_program(command, env=own, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            deadline_s = time.monotonic() + 30
            while not socket.exists():
                if process.poll() is not None or time.monotonic() > deadline_s:
                    raise RuntimeError(f"{program} did not start")
                time.sleep(0.05)
            yield {"PULSE_SERVER": f"unix:{socket}"}
