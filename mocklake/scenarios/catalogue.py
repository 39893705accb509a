"""What mocklake does, operation by operation: `python -m mocklake.scenarios.catalogue` writes docs/behaviours.md.

An operation says what its handler's docstring says of it; its behaviours are the scenarios that are about it, each with
its source. What AWS's model has and mocklake has not is listed by name.
"""

import inspect
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from mocklake.scenarios import scenario
from mocklake.scenarios.scenario import FOLDER, Scenario, list_files, read_scenario
from mocklake.server.operations import HANDLERS

PAGE = FOLDER.parent / "docs" / "behaviours.md"
HEADING = """# Behaviours of mocklake

<!-- Written by `python -m mocklake.scenarios.catalogue`. -->

By service and operation, from the operations' docstrings and the files in [scenarios](../scenarios/README.md). Each
behaviour is followed by its source: a page of AWS's documents, botocore's model, a report from the field, *mocklake* for
what is no claim on AWS, or *assumed*, which is what no document says. Each line is a file that can be run.
"""
TITLES = {
    "lakeformation": "Lake Formation", "ram": "Resource Access Manager", "glue": "Glue", "athena": "Athena", "sts": "STS",
    "s3": "S3", "events": "EventBridge", "cloudtrail": "CloudTrail", "servicequotas": "Service Quotas",
    "oracle": "The oracle", "faults": "Ill manners", "changes": "Out-of-band changes",
}  # fmt: skip
_SPACES = re.compile(r"\s+")


def scenarios() -> list[Scenario]:
    """All files that mocklake comes with."""
    return [read_scenario(path) for path in list_files([FOLDER])]


def unshown(known: list[Scenario]) -> set[str]:
    """`service.Operation` of what mocklake implements and no scenario calls."""
    called = {name for one in known for name in one.operations}
    implemented = {f"{service}.{name}" for service, handlers in HANDLERS.items() for name in handlers}
    return implemented - called


def page(known: list[Scenario]) -> str:
    """docs/behaviours.md."""
    parts = [HEADING, *_contents(known)]
    subjects = _subjects(known)
    for service in HANDLERS:
        parts += _service(service, known, subjects)
    for folder in dict.fromkeys(one.folder for one in known):
        if folder not in HANDLERS:
            inside = [one for one in known if one.folder == folder]
            parts += [f"## {_title(folder)}", "\n".join(_line(one) for one in inside)]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _contents(known: list[Scenario]) -> Iterator[str]:
    rows = ["| Service | Operations | not implemented | scenarios |", "| --- | --- | --- | --- |"]
    for service, handlers in HANDLERS.items():
        inside = sum(one.folder == service for one in known)
        rows.append(f"| {_title(service)} | {len(handlers)} | {len(_missing(service))} | {inside} |")
    assumed = sum(any(source.startswith("assumed") for source in one.sources) for one in known)
    yield "\n".join(rows)
    yield f"{len(known)} scenarios, of which {assumed} rest on something assumed."


def _subjects(known: list[Scenario]) -> dict[str, str]:
    """The operation that each file is about, by its name: of those of its own service the one that fewest call."""
    calls = Counter(name for one in known for name in one.operations)
    found: dict[str, str] = {}
    for one in known:
        own = [name for name in one.operations if name.startswith(f"{one.folder}.")]
        if own:
            found[one.name] = min(own, key=lambda name: (calls[name], name))
    return found


def _service(service: str, known: list[Scenario], subjects: dict[str, str]) -> Iterator[str]:
    yield f"## {_title(service)}"
    for name, handler in sorted(HANDLERS[service].items()):
        about = [one for one in known if subjects.get(one.name) == f"{service}.{name}"]
        yield "\n".join([f"### {service}: {name}", "", *_docstring(handler), *(_line(one) for one in about)])
    rest = [one for one in known if one.folder == service and one.name not in subjects]
    if rest:
        yield f"### {_title(service)}, besides\n\n" + "\n".join(_line(one) for one in rest)
    missing = _missing(service)
    if missing:
        yield f"Not implemented ({len(missing)}): {', '.join(missing)}."


def _docstring(handler: Callable[..., Any]) -> list[str]:
    said = inspect.getdoc(handler)
    return [_SPACES.sub(" ", said), ""] if said else []


def _line(one: Scenario) -> str:
    return f"* {one.shows}. *{'; '.join(one.sources)}* ([file](../scenarios/{one.name}))"


def _title(service: str) -> str:
    return TITLES.get(service, service)


def _missing(service: str) -> list[str]:
    model = scenario.get_model(service)
    return sorted(set(model.operation_names) - HANDLERS[service].keys()) if model else []


if __name__ == "__main__":
    PAGE.write_text(page(scenarios()), encoding="utf-8")
