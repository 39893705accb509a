"""docs/clients.md, made from the last results."""

from pathlib import Path

from mocklake.clients.registry import CLIENTS, Client
from mocklake.clients.results import Result

PAGE = Path(__file__).parents[1] / "docs" / "clients.md"
INTRODUCTION = """# Foreign clients

Programs that were written for AWS, run unmodified against mocklake by `python3 manage.py test --clients`. This page is made
by that command. Each client has an environment of its own with locked versions, a server and a seed; its checks are in
`clients/checks/`. A client that passes fewer checks than its entry in `clients/floors.json` makes the command fail.

| Client | Version | Passed | Failed |
| --- | --- | --- | --- |
"""


def render(results: dict[str, Result]) -> str:
    rows = [row(client, results[client.name]) for client in CLIENTS if client.name in results]
    parts = [failures(client, results[client.name]) for client in CLIENTS if client.name in results]
    return INTRODUCTION + "".join(rows) + "".join(parts)


def row(client: Client, result: Result) -> str:
    failed = len(result.failures)
    version = f"{client.package} {result.version}"
    return f"| {client.title} | {version} | {result.passed} of {result.total} | {failed or ''} |\n"


def failures(client: Client, result: Result) -> str:
    if not result.failures:
        return ""
    rows = (f"| `{name}` | {cell(reason)} |\n" for name, reason in result.failures.items())
    return f"\n## {client.title}: what fails\n\n| Check | Reason |\n| --- | --- |\n" + "".join(rows)


def cell(text: str) -> str:
    """Words in angle brackets or with pipes would be markup in a table."""
    return text.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*").replace("_", "\\_")


def write(results: dict[str, Result]) -> None:
    PAGE.write_text(render(results))
