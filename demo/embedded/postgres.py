"""PostgreSQL as a direct child, on a unix socket, with a password for each role."""

import signal
import subprocess
import time
from collections.abc import Mapping
from urllib.parse import quote, urlencode

import psycopg

from demo.embedded import database_roles
from demo.embedded.child_process import Child, wait_until, wait_until_ready
from demo.embedded.errors import EmbeddedError
from demo.embedded.postgres_binaries import find_binaries
from demo.embedded.postgres_user import RunMethod, choose_run_method
from demo.embedded.progress import SILENCE_SECONDS
from demo.embedded.state_folder import StateFolder, write_private_file

DATABASE = "meshmarket"
SUPERUSER = "meshmarket_superuser"
URL_VARIABLES = {
    "MIGRATE_DATABASE_URL": database_roles.OWNER,
    "DATABASE_URL": database_roles.WEB,
    "WORKER_DATABASE_URL": database_roles.WORKER,
    "SEALER_DATABASE_URL": database_roles.SEALER,
}
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "120",
    "shared_buffers": "64MB",
    "dynamic_shared_memory_type": "posix",
    "log_min_messages": "warning",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# For state that is thrown away: a crash of the machine may lose it, a crash of the server does not.
THROWAWAY_SETTINGS = {"fsync": "off", "full_page_writes": "off"}
CONNECT_SECONDS = 10
STATUS_LINE = 7
"""Of postmaster.pid, from 0; pg_ctl reads it, too."""
# While an earlier server still shuts down, a start fails on its lock file or its shared memory.
LOCKED_MESSAGES = ("postmaster.pid", "shared memory block", "lock file")


class Postgres:
    """The server of one state folder, which must have been taken before.

    `durable=False` is for throw-away state.
    """

    name = "postgres"

    def __init__(self, folder: StateFolder, *, durable: bool = True) -> None:
        self.folder = folder
        self.settings = SETTINGS if durable else {**SETTINGS, **THROWAWAY_SETTINGS}
        self._run_method: RunMethod | None = None
        self._child: Child | None = None

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    @property
    def is_running(self) -> bool:
        return self._child is not None and self._child.is_running

    def start(self) -> None:
        """Runs the server and waits until it answers; makes cluster, roles and database the first time."""
        if not self.folder.is_acquired:
            raise RuntimeError("take the state folder before a service starts in it")
        how = self._run_method = self._run_method or choose_run_method(self.folder, find_binaries())
        if not (how.data / "PG_VERSION").exists():
            self._create_cluster(how)
        self._start_server(how)
        if not (self.folder.path / "roles-made").exists():
            self._create_roles()

    def stop(self) -> None:
        """Fast shutdown: sessions are ended, everything committed is kept."""
        if self._child:
            self._child.stop()

    def kill(self) -> None:
        if self._child:
            self._child.kill()

    def url(self, role: str = database_roles.WEB, database: str = DATABASE) -> str:
        """The address at which `role` logs in by its own password."""
        return self._build_url(role, self.folder.get_secret(role), database, {})

    def urls(self, database: str = DATABASE) -> Mapping[str, str]:
        """The four addresses by their variable's name."""
        return {variable: self.url(role, database) for variable, role in URL_VARIABLES.items()}

    def superuser_url(self, database: str = "postgres", role: str | None = None) -> str:
        """The launcher's own address; with `role`, a session that begins as that role and can change it."""
        options = {"options": f"-c role={role}"} if role else {}
        return self._build_url(SUPERUSER, self.folder.get_secret(SUPERUSER), database, options)

    def _build_url(self, user: str, password: str, database: str, more: Mapping[str, str]) -> str:
        assert self._run_method is not None, "start it first"
        query = urlencode({"host": str(self._run_method.sockets), **more}, quote_via=quote)
        return f"postgresql://{user}:{quote(password, safe='')}@/{database}?{query}"

    def _start_server(self, how: RunMethod) -> None:
        locked_until = time.monotonic() + SILENCE_SECONDS
        while True:
            self._child = self._make_child(how)
            self._child.log.unlink(missing_ok=True)
            self._child.start()
            try:
                wait_until_ready(self._child, self._is_answering)
            except EmbeddedError:
                self._child.kill()
                words = self._child.log.read_text(errors="replace")
                if time.monotonic() > locked_until or not any(sign in words for sign in LOCKED_MESSAGES):
                    raise
                time.sleep(0.2)
            else:
                return

    def _make_child(self, how: RunMethod) -> Child:
        options = [part for name, value in self.settings.items() for part in ("-c", f"{name}={value}")]
        return Child(
            self.name,
            [how.binaries / "postgres", "-D", how.data, "-k", how.sockets, *options],
            log=self.folder.log_file(self.name),
            pid_file=self.folder.path / "pids" / self.name,
            stop_signal=signal.SIGINT,
            before_exec=how.before_exec,
            folder=how.data,
        )

    def _is_answering(self) -> bool:
        """Asked only once the server says that it is ready: it logs an earlier connection as an error."""
        if not self._says_ready():
            return False
        try:
            psycopg.connect(self.superuser_url(), connect_timeout=CONNECT_SECONDS).close()
        except psycopg.OperationalError:
            return False
        return True

    def _says_ready(self) -> bool:
        assert self._run_method is not None
        try:
            lines = (self._run_method.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > STATUS_LINE and lines[STATUS_LINE].strip() == "ready"

    def _create_cluster(self, how: RunMethod) -> None:
        """A cluster with SCRAM from the start: trust would let *web* log in as *owner*."""
        how.data.mkdir(mode=0o700, exist_ok=True)
        how.hand_over(how.data)
        password = how.data.with_name("initial-password")
        write_private_file(password, self.folder.get_secret(SUPERUSER))
        how.hand_over(password)
        locale = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        arguments = ("--auth=scram-sha-256", f"--pwfile={password}", "-U", SUPERUSER, *locale)
        done = subprocess.run(
            [how.binaries / "initdb", "-D", how.data, "--no-sync", *arguments],
            check=False,
            capture_output=True,
            text=True,
            preexec_fn=how.before_exec,
        )
        password.unlink()
        if done.returncode:
            last = " ".join(done.stderr.strip().splitlines()[-1:])
            raise EmbeddedError(f"PostgreSQL cannot make its folder {how.data}: {last}")

    def _create_roles(self) -> None:
        address = self.superuser_url()
        database_roles.create_roles(
            address, {role: self.folder.get_secret(role) for role in database_roles.ROLES}
        )
        database_roles.ensure_database(address, DATABASE)
        (self.folder.path / "roles-made").touch()


def is_reachable(address: str, seconds: float = 60.0) -> bool:
    """Whether a server given by address answers, for a DATABASE_URL of the user's own."""

    def answers() -> bool:
        try:
            psycopg.connect(address, connect_timeout=CONNECT_SECONDS).close()
        except psycopg.OperationalError:
            return False
        return True

    return wait_until(answers, seconds, step=0.2)
