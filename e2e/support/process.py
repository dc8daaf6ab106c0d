"""A process of the `usher` binary: started in a directory of its own, ended by its process id."""

import os
import queue
import re
import signal
import socket
import subprocess
import threading
from pathlib import Path

# How long anything that a process is expected to say or do may take. Nothing is slept through: it is a bound.
PATIENCE_SECONDS = 45


def free_port() -> int:
    """A port of the loopback interface that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Usher:
    """`usher` with these arguments, until the `with` block ends."""

    def __init__(self, binary: Path, directory: Path, *arguments: str):
        self.directory = directory
        self.said: list[str] = []
        self._lines: queue.Queue[str | None] = queue.Queue()
        # Nothing of this machine's own configuration reaches it.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("USHER_")}
        self._process = subprocess.Popen(
            [binary, *arguments],
            cwd=directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self._process.stdout:
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def says(self, pattern: str) -> re.Match[str]:
        """What the next line that has the pattern in it says. Lines before it are passed over."""
        while True:
            try:
                line = self._lines.get(timeout=PATIENCE_SECONDS)
            except queue.Empty:
                raise AssertionError(f"usher did not say {pattern!r} but:\n{self._shown()}") from None
            if line is None:
                raise AssertionError(f"usher ended before it said {pattern!r}:\n{self._shown()}")
            self.said.append(line)
            if found := re.search(pattern, line):
                return found

    def _shown(self) -> str:
        return "\n".join(self.said)

    def __enter__(self) -> "Usher":
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            os.kill(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            os.kill(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._reader.join(PATIENCE_SECONDS)
        self._process.stdout.close()


def run(binary: Path, directory: Path, *arguments: str) -> str:
    """Runs a command to its end, which has to be a good one, and gives what it prints."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("USHER_")}
    ended = subprocess.run(
        [binary, *arguments],
        cwd=directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=PATIENCE_SECONDS,
    )
    assert ended.returncode == 0, f"usher {' '.join(arguments)} ended with {ended.returncode}:\n{ended.stderr}"
    return ended.stdout
