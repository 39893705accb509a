"""`python -m mocklake.clients [NAME …]`: run foreign clients against mocklake; exit code 1 when one falls below its floor."""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from mocklake.clients import runs
from mocklake.clients.registry import BY_NAME, CLIENTS, Client, EnvironmentFailedError
from mocklake.clients.runs import Result, is_below_floor, read_floors, read_results, write_results


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="manage.py test --clients", description="Foreign clients against mocklake."
    )
    parser.add_argument("names", nargs="*", choices=[[], *BY_NAME], metavar="NAME", help=", ".join(BY_NAME))
    names = parser.parse_args(arguments).names
    below = []
    for client in [BY_NAME[name] for name in names] or CLIENTS:
        if client.source_variable and not os.environ.get(client.source_variable):
            write_line(f"{client.name}: skipped, {client.source_variable} does not say where its source lies")
            continue
        result = measure(client)
        results = read_results() | {client.name: result}
        below += [client.name] if is_below_floor(client.name, result, read_floors()) else []
        write_results(results)
        runs.write_page(results)
    return tell(below)


def measure(client: Client) -> Result:
    write_line(f"{client.name} {client.version()}: installing unless it is there, then running")
    with tempfile.TemporaryDirectory(prefix=f"mocklake-{client.name}-") as folder:
        try:
            result = Result.of(client.version(), runs.run_client(client, Path(folder)))
        except EnvironmentFailedError as error:
            result = Result.of(
                client.version(), [{"name": "environment", "passed": False, "reason": str(error)}]
            )
    write_line(f"{client.name} {result.version}: {result.passed} of {result.total} passed")
    for name, reason in result.failures.items():
        write_line(f"  {name}: {reason}")
    return result


def tell(below: list[str]) -> int:
    for name in below:
        sys.stderr.write(f"{name} passes fewer checks than its floor, {read_floors().get(name, 1)}\n")
    return 1 if below else 0


def write_line(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
