"""Makes `.venv` from a locked requirement file and goes on inside it. Standard library only.

Every failure is one line that says what to do, on standard error, with exit code 2.
"""

import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENT_FILES = {
    **dict.fromkeys(("demo", "local"), "demo"),
    **dict.fromkeys(("test", "bench", "chaos", "fuzz", "mutants", "trace"), "test"),
}
SCREENSHOT_OPTION = "--screenshots"
"""Of `demo`; it drives a browser with a package that only tests need otherwise."""
MEASURE_OPTION = "--measure-pages"
BUTTONS_OPTION = "--press-buttons"
"""Likewise."""
INCLUDED_FILES = {"demo": ("demo",), "test": ("test", "demo")}
LATER_PACKAGES = {"demo": frozenset({"pyarrow", "pycurl"}), "test": frozenset()}
"""Packages of a file that its commands need only after their first minute: `install_later` installs them beside it."""
REQUIRED_MEGABYTES = {"demo": 400, "test": 1050}
PARALLEL_INSTALLERS = 3
"""Installers at a time, each with its part of the file: one waits for the network while another unpacks."""
MIN_PIP_VERSION = (22, 3)
NO_NETWORK = r"NewConnectionError|Max retries|name resolution|ReadTimeout|ConnectTimeout|ProxyError|SSLError|ConnectionError|Connection (?:refused|reset|broken)"
FAILURE_MESSAGES = (
    (
        r"No space left on device|Errno 28",
        "The disk is full: free about {megabytes} MB in {root} and run again.",
    ),
    (NO_NETWORK, "The package index cannot be reached: check the network (or proxy) and run again."),
    (
        r"DO NOT MATCH THE HASHES",
        "A downloaded package is not the locked one: empty pip's cache (pip cache purge) and run again.",
    ),
    (
        r"No matching distribution|Could not find a version",
        "A locked package is not on the package index for this machine (Linux with glibc 2.28 or macOS is needed): see {log}.",
    ),
    (r"Permission denied|Errno 13", "The folder {root} cannot be written: run as its owner."),
)


class BootstrapError(Exception):
    """The message is shown to the user as one line."""


def ensure_environment(command: str) -> None:
    """Goes on inside `.venv` with what `command` needs: returns there, replaces the process elsewhere."""
    wanted = get_requirement_file(command, sys.argv[2:])
    try:
        if is_inside_venv() and is_ready(wanted):
            return
        make_environment(wanted)
    except BootstrapError as error:
        exit_with_message(str(error))
    except KeyboardInterrupt:
        exit_with_message("Stopped. What was installed so far is kept; run again to go on.")
    except OSError as error:
        exit_with_message(
            f"The environment in {ROOT / '.venv'} cannot be made: {error.strerror or error}. Remove it and run again."
        )
    arguments = [str(venv_python()), str(ROOT / "manage.py"), *sys.argv[1:]]
    sys.stdout.flush()
    found = {**os.environ, **bytecode_variables(os.environ)}
    os.execve(arguments[0], arguments, found)  # noqa: S606 - the same program in its own environment


def bytecode_variables(environment: "Mapping[str, str]") -> "dict[str, str]":
    """Where Python may not write beside the sources, what it compiled is kept beside the installed packages: each process
    would compile all of it again.
    """
    if not environment.get("PYTHONDONTWRITEBYTECODE") or environment.get("PYTHONPYCACHEPREFIX"):
        return {}
    return {
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(ROOT / ".venv" / "var" / "meshmarket" / "bytecode"),
    }


def get_requirement_file(command: str, arguments: "list[str]") -> str:
    """The name of the file in `requirements/`, without its suffix."""
    drives_browser = any(
        argument.split("=")[0] in (SCREENSHOT_OPTION, MEASURE_OPTION, BUTTONS_OPTION)
        for argument in arguments
    )
    return "test" if drives_browser else REQUIREMENT_FILES[command]


def exit_with_message(message: str) -> None:
    print(message, file=sys.stderr)
    sys.exit(2)


def venv_python() -> Path:
    return ROOT / ".venv" / "bin" / "python"


def is_inside_venv() -> bool:
    return Path(sys.prefix).resolve() == (ROOT / ".venv").resolve()


def requirement_file(wanted: str) -> Path:
    return ROOT / "requirements" / f"{wanted}.txt"


def stamp_file(wanted: str) -> Path:
    """The file whose presence says that `requirements/<wanted>.txt`, as it is now, is installed but for its later packages."""
    content = requirement_file(wanted).read_bytes()
    return ROOT / ".venv" / f"meshmarket-{hashlib.sha256(content).hexdigest()[:16]}"


def later_stamp_file(wanted: str) -> Path:
    """The file whose presence says that the later packages are installed, too."""
    return stamp_file(wanted).with_suffix(".later")


def is_ready(wanted: str) -> bool:
    return stamp_file(wanted).exists() and (is_inside_venv() or has_packages(venv_python()))


def is_complete(wanted: str) -> bool:
    """Whether the later packages are there as well."""
    return later_stamp_file(wanted).exists()


def read_locked_packages(wanted: str) -> "dict[str, str]":
    """Each package of the file with its lines: the pin and the hashes."""
    pins = re.split(r"^(?=[\w.-])", requirement_file(wanted).read_text(), flags=re.MULTILINE)
    return {re.match(r"[\w.-]+", pin)[0].lower(): pin for pin in pins if pin}  # type: ignore[index]


def has_packages(interpreter: Path) -> bool:
    """Whether `interpreter` still finds its packages: a distribution's upgrade can take them from under it."""
    if not os.access(interpreter, os.X_OK):
        return False
    probe = "import importlib.util,sys;sys.exit(importlib.util.find_spec('django') is None)"
    return subprocess.run([interpreter, "-c", probe], check=False, cwd=ROOT / ".venv").returncode == 0


def make_environment(wanted: str) -> None:
    """Installs `requirements/<wanted>.txt` into `.venv` unless its stamp is there; one at a time on a machine."""
    with installation_lock():
        if is_ready(wanted):
            return
        check_space(wanted)
        for old in (ROOT / ".venv").glob("meshmarket-*"):
            old.unlink()
        pip = create_venv(find_pip())
        later = LATER_PACKAGES[wanted]
        install(
            pip,
            wanted,
            {name: pin for name, pin in read_locked_packages(wanted).items() if name not in later},
        )
        for name in INCLUDED_FILES[wanted]:
            stamp_file(name).touch()
            if not later:
                later_stamp_file(name).touch()


def install_later(wanted: str) -> None:
    """Installs what the first minute does not need, unless its stamp is there. Raises BootstrapError."""
    with installation_lock():
        if is_complete(wanted) or not is_ready(wanted):
            return
        locked_packages = read_locked_packages(wanted)
        version = find_pip()
        install(
            get_pip_command(is_outside=version is not None and version >= MIN_PIP_VERSION),
            wanted,
            {name: locked_packages[name] for name in LATER_PACKAGES[wanted]},
            quiet=True,
        )
        later_stamp_file(wanted).touch()


@contextlib.contextmanager
def installation_lock() -> Iterator[None]:
    try:
        import fcntl
    except ImportError:
        raise BootstrapError(
            "Meshmarket's demo and tests run on Linux and macOS; on Windows use WSL."
        ) from None
    with (ROOT / ".venv.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            write_line("Waiting for another installation into .venv to end")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def check_space(wanted: str) -> None:
    megabytes = REQUIRED_MEGABYTES[wanted]
    if (ROOT / ".venv").exists() or shutil.disk_usage(ROOT).free > megabytes * 1_000_000:
        return
    raise BootstrapError(f"Too little disk space: free about {megabytes} MB in {ROOT} and run again.")


def base_python() -> str:
    """The interpreter outside every virtual environment: it is the one that may have pip."""
    return str(getattr(sys, "_base_executable", None) or sys.executable)


def find_pip() -> "tuple[int, ...] | None":
    """The version of the base interpreter's pip, or None without one."""
    asked = subprocess.run(
        [base_python(), "-m", "pip", "--version"], check=False, capture_output=True, text=True
    )
    found = re.match(r"pip (\d+)\.(\d+)", asked.stdout)
    return tuple(int(part) for part in found.groups()) if found else None


def has_ensurepip() -> bool:
    probe = [base_python(), "-c", "import ensurepip"]
    return subprocess.run(probe, check=False, capture_output=True).returncode == 0


def create_venv(version: "tuple[int, ...] | None") -> "list[str]":
    """Makes `.venv` where it lacks, and returns the command line of a pip that installs into it."""
    outside = version is not None and version >= MIN_PIP_VERSION
    if not outside and not has_ensurepip():
        found = "there is none" if version is None else f"this one is {version[0]}.{version[1]}"
        raise BootstrapError(
            f"Meshmarket needs pip 22.3 or newer ({found}). Debian and Ubuntu: sudo apt install python3-pip python3-venv; then run again.",
        )
    broken = not is_venv_usable() or (not outside and not (ROOT / ".venv" / "bin" / "pip").exists())
    if broken:
        write_line("Making the environment .venv")
        flags = ["--clear", *(["--without-pip"] if outside else [])]
        run_command([base_python(), "-m", "venv", *flags, str(ROOT / ".venv")])
    return get_pip_command(is_outside=outside)


def get_pip_command(*, is_outside: bool) -> "list[str]":
    """The command line of a pip that installs into `.venv`: the base interpreter's, or the environment's own."""
    if is_outside:
        return [base_python(), "-m", "pip", "--python", str(venv_python())]
    return [str(venv_python()), "-m", "pip"]


def is_venv_usable() -> bool:
    """Whether `.venv` holds an interpreter of the version that made its folders and that runs this."""
    if not os.access(venv_python(), os.X_OK):
        return False
    wanted = "{}.{}".format(*sys.version_info[:2])
    probe = "import sys,os;v='{}.{}'.format(*sys.version_info[:2]);print(v if os.path.isdir(sys.prefix+'/lib/python'+v) else '')"
    asked = subprocess.run([venv_python(), "-c", probe], check=False, capture_output=True, text=True)
    return asked.stdout.strip() == wanted


def run_command(arguments: "list[str]") -> None:
    done = subprocess.run(arguments, check=False, capture_output=True, text=True)
    if done.returncode:
        last = (done.stdout + done.stderr).strip().splitlines()[-1:]
        raise BootstrapError(f"The environment .venv cannot be made: {' '.join(last)}")


def install(pip: "list[str]", wanted: str, pins: "Mapping[str, str]", *, quiet: bool = False) -> None:
    """Installs the locked packages, printing how far it is; pip's own words go to `.venv/install.log`.

    Nothing is compiled: Python compiles what is imported, which is a small part.
    """
    if not quiet:
        write_line(
            f"Installing {len(pins)} locked packages into .venv (the first time only; some {REQUIRED_MEGABYTES[wanted]} MB)"
        )
    log = ROOT / ".venv" / "install.log"
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="parts-", dir=ROOT / ".venv") as folder:
        parts = write_parts(pins, Path(folder))
        children = [start_installer(pip, part) for part in parts]
        try:
            outputs = report_progress(children, len(pins), quiet=quiet)
        except BaseException:
            for child in children:
                child.terminate()
            raise
    output = "".join(outputs)
    with contextlib.suppress(OSError):
        log.write_text(output)
    if any(child.returncode for child in children):
        raise BootstrapError(explain_failure(output, wanted, log))
    if not quiet:
        write_line(f"Installed in {time.monotonic() - started:.0f} s")


def write_parts(pins: "Mapping[str, str]", folder: Path) -> "list[Path]":
    """Requirement files that hold all pins between them. More hashes are more platforms, and so a larger package: the
    parts get about as many of those.
    """
    ordered = sorted(pins.values(), key=len, reverse=True)
    parts = []
    for number in range(min(PARALLEL_INSTALLERS, len(ordered))):
        part = folder / f"{number}.txt"
        part.write_text("".join(ordered[number::PARALLEL_INSTALLERS]))
        parts.append(part)
    return parts


def start_installer(pip: "list[str]", part: Path) -> "subprocess.Popen[str]":
    options = [
        "--require-hashes",
        "--only-binary",
        ":all:",
        "--no-deps",
        "--no-compile",
        "--retries",
        "2",
        "--timeout",
        "20",
    ]
    return subprocess.Popen(
        [*pip, "install", *options, "-r", str(part)],
        env=pip_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def pip_environment() -> "dict[str, str]":
    """The caller's environment (index, proxy) without what would send the packages elsewhere."""
    elsewhere = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PYTHONHOME", "PYTHONPATH", "PIP_REQUIRE_VIRTUALENV")
    kept = {name: value for name, value in os.environ.items() if name not in elsewhere}
    return {
        **kept,
        "PIP_USER": "0",
        "PIP_NO_INPUT": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PYTHONUNBUFFERED": "1",
    }


def report_progress(
    children: "Sequence[subprocess.Popen[str]]", total: int, *, quiet: bool = False
) -> "list[str]":
    """All that each installer says, once all have ended; every three seconds a line on how far they are."""
    lines: list[list[str]] = [[] for _ in children]
    readers = [
        threading.Thread(target=kept.extend, args=(child.stdout,), daemon=True)
        for child, kept in zip(children, lines, strict=True)
    ]
    for reader in readers:
        reader.start()
    spoken = time.monotonic()
    for reader in readers:
        while reader.is_alive():
            reader.join(0.2)
            if not quiet and time.monotonic() - spoken > 3:  # noqa: PLR2004 - seconds between two lines
                spoken = time.monotonic()
                write_line(describe_progress([line for kept in lines for line in kept], total))
    for child in children:
        child.wait()
    return ["".join(kept) for kept in lines]


def describe_progress(lines: "Sequence[str]", total: int) -> str:
    seen = sum(
        line.startswith(("Collecting ", "Processing ", "Requirement already", "Ignoring ")) for line in lines
    )
    return "  all are here, unpacking" if seen >= total else f"  {seen} of {total}"


def explain_failure(output: str, wanted: str, log: Path) -> str:
    for pattern, message in FAILURE_MESSAGES:
        if re.search(pattern, output):
            return message.format(megabytes=REQUIRED_MEGABYTES[wanted], root=ROOT, log=log)
    return f"The installation failed: see {log}, then run again."


def write_line(message: str) -> None:
    print(message, flush=True)


if __name__ == "__main__":
    try:
        install_later(sys.argv[1])
    except (BootstrapError, OSError) as failure:
        exit_with_message(str(failure))
