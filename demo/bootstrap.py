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
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENT_FILES = {
    **dict.fromkeys(("demo", "local"), "demo"),
    **dict.fromkeys(("test", "bench", "chaos", "mutants"), "test"),
}
SCREENSHOT_OPTION = "--screenshots"
"""Of `demo`; it drives a browser with a package that only tests need otherwise."""
INCLUDED_FILES = {"demo": ("demo",), "test": ("test", "demo")}
REQUIRED_MEGABYTES = {"demo": 650, "test": 1050}
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
    os.execv(arguments[0], arguments)  # noqa: S606 - the same program in its own environment


def get_requirement_file(command: str, arguments: "list[str]") -> str:
    """The name of the file in `requirements/`, without its suffix."""
    takes_screenshots = any(argument.split("=")[0] == SCREENSHOT_OPTION for argument in arguments)
    return "test" if takes_screenshots else REQUIREMENT_FILES[command]


def exit_with_message(message: str) -> None:
    print(message, file=sys.stderr)
    sys.exit(2)


def venv_python() -> Path:
    return ROOT / ".venv" / "bin" / "python"


def is_inside_venv() -> bool:
    return Path(sys.prefix).resolve() == (ROOT / ".venv").resolve()


def stamp_file(wanted: str) -> Path:
    """The file whose presence says that `requirements/<wanted>.txt`, as it is now, is installed."""
    content = (ROOT / "requirements" / f"{wanted}.txt").read_bytes()
    return ROOT / ".venv" / f"meshmarket-{hashlib.sha256(content).hexdigest()[:16]}"


def is_ready(wanted: str) -> bool:
    return stamp_file(wanted).exists() and (is_inside_venv() or has_packages(venv_python()))


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
        install(pip, wanted)
        for name in INCLUDED_FILES[wanted]:
            stamp_file(name).touch()


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
    return (
        [base_python(), "-m", "pip", "--python", str(venv_python())]
        if outside
        else [str(venv_python()), "-m", "pip"]
    )


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


def install(pip: "list[str]", wanted: str) -> None:
    """Installs the locked file, printing how far it is; pip's own words go to `.venv/install.log`."""
    source = ROOT / "requirements" / f"{wanted}.txt"
    total = len(re.findall(r"^[\w.\[\]-]+==", source.read_text(), re.MULTILINE))
    write_line(
        f"Installing {total} locked packages into .venv (the first time only; some {REQUIRED_MEGABYTES[wanted]} MB)"
    )
    options = ["--require-hashes", "--only-binary", ":all:", "--no-deps", "--retries", "2", "--timeout", "20"]
    log = ROOT / ".venv" / "install.log"
    started = time.monotonic()
    with subprocess.Popen(
        [*pip, "install", *options, "-r", str(source)],
        env=pip_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as child:
        output = report_progress(child, total)
    with contextlib.suppress(OSError):
        log.write_text(output)
    if child.returncode:
        raise BootstrapError(explain_failure(output, wanted, log))
    write_line(f"Installed in {time.monotonic() - started:.0f} s")


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


def report_progress(child: "subprocess.Popen[str]", total: int) -> str:
    """All that the installer says; every three seconds a line on how far it is."""
    lines: list[str] = []
    seen, spoken = 0, time.monotonic()
    assert child.stdout is not None
    for line in child.stdout:
        lines.append(line)
        seen += line.startswith(("Collecting ", "Processing ", "Requirement already"))
        if line.startswith("Installing collected"):
            write_line("  all are here, unpacking")
            spoken = float("inf")
        elif time.monotonic() - spoken > 3:  # noqa: PLR2004 - seconds between two lines
            spoken = time.monotonic()
            write_line(f"  {min(seen, total)} of {total}")
    return "".join(lines)


def explain_failure(output: str, wanted: str, log: Path) -> str:
    for pattern, message in FAILURE_MESSAGES:
        if re.search(pattern, output):
            return message.format(megabytes=REQUIRED_MEGABYTES[wanted], root=ROOT, log=log)
    return f"The installation failed: see {log}, then run again."


def write_line(message: str) -> None:
    print(message, flush=True)
