"""What the demo's pages may ask of the supervisor: newline-delimited JSON over a private unix socket.

`{"do": "kill", "name": "worker"}` is answered by `{"ok": true, ...}` or `{"ok": false, "error": "..."}`.
Other modules add to `OPERATIONS`; an operation runs in the socket's thread and must start children only
through `Supervisor.run_on_main_thread`.
"""

import json
import socket
import socketserver
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

MAX_REQUEST_BYTES = 1_000_000


class ControlledSupervisor(Protocol):
    """What the operations of this module need of a supervisor."""

    @property
    def url(self) -> str: ...
    def status(self) -> list[dict[str, Any]]: ...
    def kill(self, name: str) -> int | None: ...
    def restart(self, name: str) -> None: ...
    def run_on_main_thread(self, work: Callable[[], Any]) -> Any: ...


Operation = Callable[[Any, dict[str, Any]], dict[str, Any]]
"""The supervisor and the request; `demo.try_to_break_operations` adds some that need the whole of a `Supervisor`."""


class OperationError(Exception):
    """An operation cannot be done; the text is for the person who asked."""


def ping(_supervisor: ControlledSupervisor, _request: dict[str, Any]) -> dict[str, Any]:
    return {"pong": True}


def status(supervisor: ControlledSupervisor, _request: dict[str, Any]) -> dict[str, Any]:
    """`parts`: name, pid, running, restarts, trouble; `url`: where the portal answers."""
    return {"url": supervisor.url, "parts": supervisor.status()}


def kill(supervisor: ControlledSupervisor, request: dict[str, Any]) -> dict[str, Any]:
    """SIGKILL for the part `name`; the supervisor starts it again."""
    try:
        return {"killed": supervisor.kill(str(request.get("name", "")))}
    except KeyError:
        raise OperationError(f"there is no part {request.get('name')!r}") from None


def kill_worker(supervisor: ControlledSupervisor, _request: dict[str, Any]) -> dict[str, Any]:
    return kill(supervisor, {"name": "worker"})


def restart(supervisor: ControlledSupervisor, request: dict[str, Any]) -> dict[str, Any]:
    """Stops and starts the part `name`, and answers once it is up."""
    try:
        supervisor.run_on_main_thread(lambda: supervisor.restart(str(request.get("name", ""))))
    except KeyError:
        raise OperationError(f"there is no part {request.get('name')!r}") from None
    return {"restarted": request["name"]}


OPERATIONS: dict[str, Operation] = {
    "ping": ping,
    "status": status,
    "kill": kill,
    "kill_worker": kill_worker,
    "restart": restart,
}


class SupervisorSocket:
    """Serves `OPERATIONS` on `path` (0600) from a thread of its own until closed."""

    def __init__(self, supervisor: ControlledSupervisor, path: Path) -> None:
        path.unlink(missing_ok=True)
        self._server = ControlServer(str(path), ControlHandler)
        self._server.supervisor = supervisor
        path.chmod(0o600)
        self._path = path
        threading.Thread(target=self._server.serve_forever, args=(0.1,), name="socket", daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._path.unlink(missing_ok=True)


class ControlServer(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    request_queue_size = 128  # a full queue of a unix socket refuses at once, it does not wait
    supervisor: ControlledSupervisor


class ControlHandler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, ControlServer)
        while line := self.rfile.readline(MAX_REQUEST_BYTES):
            reply = handle_request(self.server.supervisor, line)
            self.wfile.write(json.dumps(reply, default=str).encode() + b"\n")


def handle_request(supervisor: ControlledSupervisor, line: bytes) -> dict[str, Any]:
    """Never raises; errors are part of the response."""
    try:
        request = json.loads(line)
        operation = OPERATIONS.get(request.get("do", ""))
        if operation is None:
            return {"ok": False, "error": f"unknown operation; known: {', '.join(sorted(OPERATIONS))}"}
        return {"ok": True, **operation(supervisor, request)}
    except (ValueError, AttributeError):
        return {"ok": False, "error": "a request is one JSON object on one line"}
    except OperationError as error:
        return {"ok": False, "error": str(error)}
    except Exception as error:  # noqa: BLE001 - an operation's bug must not end the supervisor
        return {"ok": False, "error": f"{type(error).__name__}: {error}"}


def send_request(path: Path | str, request: dict[str, Any], seconds: float = 15.0) -> dict[str, Any]:
    """One request, its answer; raises OSError when nobody listens. For the demo's views and tests."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(seconds)
        client.connect(str(path))
        client.sendall(json.dumps(request).encode() + b"\n")
        with client.makefile("rb") as stream:
            found: dict[str, Any] = json.loads(stream.readline() or b'{"ok": false, "error": "no answer"}')
    return found
