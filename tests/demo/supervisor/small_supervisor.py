"""A supervisor over PostgreSQL and a program that only sleeps, for the tests: `small_supervisor.py FOLDER`."""

import os
import sys
from pathlib import Path

from demo.embedded.child_process import EmbeddedError
from demo.embedded.postgres import Postgres
from demo.embedded.state_folder import StateFolder
from demo.supervisor.programs import make_program
from demo.supervisor.supervisor import Supervisor, stop_on_signals

SLEEPER = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); time.sleep(600)"


def write_line(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(folder: StateFolder) -> None:
    supervisor = Supervisor(folder, port=0, write_line=write_line)
    stop_on_signals()
    try:
        supervisor.start_part(Postgres(folder, durable=False), "PostgreSQL")
        supervisor.start_part(make_program(folder, "worker", ["-c", SLEEPER], os.environ), "a worker")
        supervisor.open_socket()
        supervisor.serve()
    except KeyboardInterrupt:
        write_line("interrupted")
    finally:
        supervisor.stop()


if __name__ == "__main__":
    taken = StateFolder(Path(sys.argv[1]))
    try:
        taken.acquire()
    except EmbeddedError as error:
        sys.exit(str(error))
    main(taken)
