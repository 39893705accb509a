"""How root runs PostgreSQL, which refuses uid 0, without a new user on the machine.

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

from demo.embedded.errors import EmbeddedError
from demo.embedded.folder import StateFolder, private
from demo.embedded.process import LIBC

CLONE_NEWUSER = 0x10000000


@dataclass(frozen=True)
class Manner:
    """How PostgreSQL is run: what happens in the child first, and where its folders lie."""

    binaries: Path
    data: Path
    sockets: Path
    before_exec: Callable[[], None] | None = None
    owner: int | None = None

    def give(self, path: Path) -> Path:
        """Hands a file over to the user that the server runs as."""
        if self.owner is not None:
            os.chown(path, self.owner, -1)
        return path


def manner(folder: StateFolder, binaries: Path) -> Manner:
    """The first way that works here: as we are, in a user namespace, as `nobody`."""
    plain = Manner(binaries, folder.path / "postgres", folder.sockets)
    if os.geteuid() != 0:
        return plain
    nobody = pwd.getpwnam("nobody")
    if sys.platform == "linux" and namespaces_work(nobody):
        return Manner(binaries, plain.data, plain.sockets, into_namespace(nobody))
    return dropped(folder, binaries, nobody)


def into_namespace(user: pwd.struct_passwd) -> Callable[[], None]:
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


def namespaces_work(user: pwd.struct_passwd) -> bool:
    """Tries it in a child, as sandboxes forbid it in many ways."""
    enter = into_namespace(user)
    pid = os.fork()
    if pid == 0:
        try:
            enter()
            os._exit(0 if os.geteuid() == user.pw_uid else 1)
        except OSError:
            os._exit(1)
    return os.waitpid(pid, 0)[1] == 0


def dropped(folder: StateFolder, binaries: Path, user: pwd.struct_passwd) -> Manner:
    """`nobody`'s own copy and folders, under a parent that everybody can pass."""
    home = folder.served_elsewhere
    try:
        home.mkdir(mode=0o755, exist_ok=True)
        copied = copy_of(binaries, home)
        for name in ("postgres", "run"):
            os.chown(private_or_owned(home / name, user.pw_uid), user.pw_uid, user.pw_gid)
    except OSError as error:
        raise EmbeddedError(
            f"PostgreSQL cannot run as root here ({error}): run as an ordinary user."
        ) from None

    def drop() -> None:
        os.setgroups([])
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)

    return Manner(copied, home / "postgres", home / "run", drop, user.pw_uid)


def private_or_owned(path: Path, owner: int) -> Path:
    if path.exists() and path.stat().st_uid == owner:
        return path
    return private(path)


def copy_of(binaries: Path, home: Path) -> Path:
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
