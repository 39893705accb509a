#!/usr/bin/env python3
"""Runs Meshmarket's commands; `demo`, `local`, `test`, `bench`, `chaos`, `fuzz`, `mutants` and `trace` first make their environment."""

import os
import sys

COMMAND = sys.argv[1] if len(sys.argv) > 1 else "help"

if sys.version_info < (3, 11):  # noqa: UP036 - an older Python must hear it in one line
    sys.exit(f"Meshmarket needs Python 3.11 or newer, this is older. Try: python3.11 manage.py {COMMAND}")
DEMO = COMMAND in {"demo", "local", "test", "bench", "chaos", "fuzz", "mutants", "trace"}
if DEMO:
    import demo.bootstrap as environment

    environment.ensure_environment(COMMAND)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"{'demo' if DEMO else 'marketplace'}.settings")
try:
    from django.core.management import execute_from_command_line
except ImportError:
    sys.exit(
        f"Django is not here: run .venv/bin/python manage.py {COMMAND} (python3 manage.py demo makes .venv)."
    )
if __name__ == "__main__":
    execute_from_command_line(sys.argv)
