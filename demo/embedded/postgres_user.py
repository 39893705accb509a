"""Runs PostgreSQL, which refuses uid 0, when the demo is started by root.

First choice: a user namespace in which root is `nobody`; files stay root's outside. Where namespaces are
forbidden: a copy of the binaries and the data in a folder that `nobody` can reach, and a real change of user.
"""

import ctypes
import os
import pwd
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from demo.embedded.child_process import LIBC
from demo.embedded.errors import EmbeddedError
from demo.embedded.state_folder import StateFolder, make_private_folder

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
