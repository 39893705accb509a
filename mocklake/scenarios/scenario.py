"""A scenario file as values, and its reading: what is unknown or missing is refused with file and step."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
from botocore.model import OperationModel, ServiceModel

from mocklake.seeds import yaml_text

FOLDER = Path(__file__).parent
SEEDS = FOLDER / "seeds"
CHECKS = {"gives", "finds", "lacks", "fails", "save"}
STEPS: dict[str, set[str]] = {
    "call": {"as", "with", "region", "pages", *CHECKS},
    "query": {"as", "with", "region", "database", "columns", "rows", "fails", "save"},
    "oracle": {"can", "because"},
    "clock": set(),
    "change": {"fails"},
    "fault": set(),
    "switches": set(),
    "manners": set(),
}
"""What a step may have beside the member that says its kind."""
QUERYING = ("StartQueryExecution", "GetQueryExecution", "GetQueryResults")
NEEDED = {"call": {"as"}, "query": {"as"}, "oracle": {"can"}}
_MEMBERS = {"shows", "source", "seed", "switches", "manners", "steps"}
_SOURCES = ("AWS ", "botocore model: ", "field report: ", "mocklake: ", "assumed")
CLIENTS = {"servicequotas": "service-quotas"}
"""Services whose client has another name than the one that requests are signed for."""


class MalformedError(ValueError):
    """One line: which file, which step if it is a step's fault, and what is wrong."""

    def __init__(self, path: Path, problem: str, step: int = 0) -> None:
        super().__init__(f"{path}: {f'step {step}: ' if step else ''}{problem}")


@dataclass(frozen=True)
class Step:
    """`kind` is a key of `STEPS`, `subject` what stands behind it; `members` are the others as written."""

    number: int
    kind: str
    subject: Any
    members: Mapping[str, Any]

    @property
    def service(self) -> str:
        return str(self.subject).partition(".")[0]

    @property
    def operation(self) -> str:
        return str(self.subject).partition(".")[2]


@dataclass(frozen=True)
class Scenario:
    """`accounts` are the seed's account ids by name; `sources` is never empty."""

    path: Path
    shows: str
    sources: list[str]
    seed: Path
    accounts: Mapping[str, str]
    steps: list[Step]
    switches: Mapping[str, Any] = field(default_factory=dict)
    manners: Mapping[str, Any] = field(default_factory=dict)
    """As for the control API's `manners`; a scenario begins with polite ones."""

    @property
    def name(self) -> str:
        """The place in the table of contents: service and words, for a file elsewhere its path."""
        inside = self.path.is_relative_to(FOLDER)
        return str(self.path.relative_to(FOLDER) if inside else self.path)

    @property
    def folder(self) -> str:
        """The first word of the name: a service, or what else it is about."""
        return self.name.partition("/")[0]

    @property
    def operations(self) -> set[str]:
        """`service.Operation` of every call, with those that a query makes."""
        called = {str(step.subject) for step in self.steps if step.kind == "call"}
        asks = any(step.kind == "query" for step in self.steps)
        return called | {f"athena.{name}" for name in QUERYING} if asks else called


def list_files(places: list[Path]) -> list[Path]:
    """Scenario files at the places, folders searched through, in order; `s3` is mocklake's own folder, even beside another one of this name.

    Raises MalformedError for what is not there.
    """
    found: list[Path] = []
    for said in places or [FOLDER]:
        own = FOLDER / said
        place = own if own.exists() else said
        inside = sorted(place.rglob("*.yaml")) if place.is_dir() else [place]
        if not (inside and place.exists()):
            raise MalformedError(said, "there is no such file, or no scenario in this folder")
        found += [one for one in inside if "seeds" not in one.parts or one == place]
    return list(dict.fromkeys(found))


def read_scenario(path: Path) -> Scenario:
    """Raises MalformedError for what is not YAML, or does not have the format."""
    path = path.resolve()
    content = _read_mapping(path, _load_file(path))
    for name in ("shows", "source", "seed", "steps"):
        if not content.get(name):
            raise MalformedError(path, f"{name} is missing")
    _require_known(path, content, _MEMBERS)
    seed = SEEDS / f"{content['seed']}.yaml"
    if not isinstance(content["steps"], list):
        raise MalformedError(path, "steps is a list")
    return Scenario(
        path=path,
        shows=_read_text(path, "shows", content["shows"]),
        sources=_read_sources(path, content["source"]),
        seed=seed,
        accounts=_read_accounts(path, seed),
        steps=[_read_step(path, number, one) for number, one in enumerate(content["steps"], 1)],
        switches=_read_mapping(path, content.get("switches", {}), "switches"),
        manners=_read_mapping(path, content.get("manners", {}), "manners"),
    )


def _load_file(path: Path) -> Any:
    try:
        return yaml_text.read(path.read_text(encoding="utf-8")).value
    except (OSError, ValueError) as error:
        raise MalformedError(path, str(error)) from error


def _read_mapping(path: Path, value: Any, name: str = "the file", step: int = 0) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise MalformedError(path, f"{name} is a mapping", step)
    return value


def _read_text(path: Path, name: str, value: Any) -> str:
    if not isinstance(value, str) or "\n" in value:
        raise MalformedError(path, f"{name} is one line of text")
    return value


def _require_known(path: Path, content: Mapping[str, Any], known: set[str], step: int = 0) -> None:
    unknown = sorted(str(one) for one in content.keys() - known)
    if unknown:
        raise MalformedError(path, f"{unknown[0]} is not known", step)


def _read_sources(path: Path, value: Any) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    sources = [_read_text(path, "source", one) for one in listed]
    for source in sources:
        if not source.startswith(_SOURCES):
            begin = ", ".join(f'"{known}…"' for known in _SOURCES)
            raise MalformedError(path, f"a source begins with {begin}, not {source!r}")
        if source.startswith("botocore model: "):
            service, _, operation = source.removeprefix("botocore model: ").partition(" ")
            _check_operation(path, service, operation, 0)
    return sources


def _read_accounts(path: Path, seed: Path) -> dict[str, str]:
    if not seed.exists():
        raise MalformedError(path, f"there is no seed {seed.stem}")
    return _read_seed_accounts(seed)


@cache
def _read_seed_accounts(seed: Path) -> dict[str, str]:
    return {account["name"]: account["id"] for account in _load_file(seed)["accounts"]}


def _read_step(path: Path, number: int, value: Any) -> Step:
    content = _read_mapping(path, value, "a step", number)
    kinds = [kind for kind in STEPS if kind in content]
    if len(kinds) != 1:
        raise MalformedError(path, f"a step has one of {', '.join(STEPS)}", number)
    (kind,) = kinds
    members = {name: one for name, one in content.items() if name != kind}
    _require_known(path, members, STEPS[kind], number)
    missing = sorted(NEEDED.get(kind, set()) - members.keys())
    if missing:
        raise MalformedError(path, f"{missing[0]} is missing", number)
    step = Step(number, kind, content[kind], members)
    if kind == "call":
        _check_operation(path, step.service, step.operation, number)
    return step


def _check_operation(path: Path, service: str, operation: str, step: int) -> None:
    if get_operation(service, operation) is None:
        raise MalformedError(path, f"AWS has no operation {service}.{operation}", step)


@cache
def _get_session() -> botocore.session.Session:
    return botocore.session.Session()


@cache
def get_model(service: str) -> ServiceModel | None:
    """None for a service that AWS does not have."""
    name = get_client_name(service)
    return _get_session().get_service_model(name) if name in _get_session().get_available_services() else None


def get_client_name(service: str) -> str:
    """The service's name in boto3 and on the command line."""
    return CLIENTS.get(service, service)


def get_operation(service: str, name: str) -> OperationModel | None:
    """None for an operation that the service does not have."""
    model = get_model(service)
    return model.operation_model(name) if model and name in model.operation_names else None
