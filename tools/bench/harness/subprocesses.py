"""Programs that a bench runs, with no more of this machine's environment than they need; and their memory."""

import os
import subprocess
from pathlib import Path

from demo.bootstrap import ROOT
from demo.embedded.child_process import EmbeddedError


def build_environment(**given: str) -> dict[str, str]:
    """What `given` says, and where programs and their files are found."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ} | given


def run_program(program: list[str], environment: dict[str, str]) -> str:
    """What the program printed. EmbeddedError when it failed."""
    done = subprocess.run(program, cwd=ROOT, env=environment, check=False, capture_output=True, text=True)
    if done.returncode:
        raise EmbeddedError(f"{' '.join(program[1:4])} failed: {done.stderr[-2000:]}")
    return done.stdout


def read_memory(kind: str, process: int | str | None = "self") -> float:
    """Megabytes of a process: `VmRSS` has it now, `VmHWM` had it at most; 0 where the system does not tell."""
    status = Path(f"/proc/{process}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1000 for line in lines if line.startswith(f"{kind}:")), 0.0)
