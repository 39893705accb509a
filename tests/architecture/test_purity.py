"""The pure core: values in, values out. No framework, no input or output, and no clock: `now` is an argument."""

import ast
import sys
from pathlib import Path

from demo.bootstrap import ROOT
from tests.architecture.source import (
    SHIPPED,
    format_location,
    get_dotted_name,
    list_files,
    list_imports,
    list_nodes,
)

IMPURE = {
    "asyncio", "io", "logging", "multiprocessing", "os", "pathlib", "random", "secrets", "shutil", "signal",
    "socket", "sqlite3", "ssl", "subprocess", "tempfile", "threading", "time", "urllib.request", "uuid",
}  # fmt: skip
CLOCKS = {"now", "utcnow", "today", "time", "monotonic", "perf_counter", "localtime"}
IO = {"open", "print", "input"}
# An enumeration with words for people, which brings neither tables nor queries; words to be translated when shown; JSON.
FROM_OTHERS = {
    "django.utils.translation.gettext_noop",
    "django.db.models.TextChoices",
    "django.utils.translation.gettext_lazy",
    "orjson",
}
PURE = (
    "lakeformation.",
    "requests_app.policy_engine.",
    "requests_app.display_states.",
    "kernel.iso_times.",
    "catalog.mirror.glue_parser.",
    "catalog.mirror.snapshot.",
    "kernel.storable_text.",
    "fulfilment.intents.failures.",
    "kernel.errors.",
    "kernel.state_transitions.",
    "kernel.verdicts.",
)


def pure_files() -> list[Path]:
    """The package `lakeformation`, some modules of other packages, policies, display states, and every `states.py`."""
    states = [file for file in list_files(*SHIPPED) if file.name == "states.py"]
    rooms = ("policy_engine", "display_states")
    requests = [file for file in list_files("requests_app") if file.parent.name in rooms]
    modules = [
        ROOT / "kernel" / "iso_times.py",
        ROOT / "catalog" / "mirror" / "glue_parser.py",
        ROOT / "catalog" / "mirror" / "snapshot.py",
        ROOT / "catalog" / "products" / "offers" / "bounds.py",
        ROOT / "kernel" / "storable_text.py",
        ROOT / "fulfilment" / "intents" / "failures.py",
        ROOT / "kernel" / "errors.py",
        ROOT / "kernel" / "state_transitions.py",
        ROOT / "kernel" / "verdicts.py",
    ]
    return [*list_files("lakeformation"), *modules, *states, *requests]


def is_pure(name: str) -> bool:
    if name in FROM_OTHERS or name.startswith(PURE):
        return True
    first = name.split(".", maxsplit=1)[0]
    return first in sys.stdlib_module_names and not any(
        name == impure or name.startswith(f"{impure}.") for impure in IMPURE
    )


def test_the_pure_core_imports_values_only() -> None:
    wrong = [
        f"{format_location(file, node)} imports {name}"
        for file in pure_files()
        for node, name in list_imports(file)
        if not is_pure(name)
    ]
    assert not wrong, "\n".join(wrong)


def test_the_pure_core_reads_no_clock_and_no_file() -> None:
    wrong = [
        f"{format_location(file, node)} calls {get_dotted_name(node.func)}()"
        for file in pure_files()
        for node in list_nodes(file)
        if isinstance(node, ast.Call)
        and (
            get_dotted_name(node.func) in IO
            or (get_dotted_name(node.func).split(".")[-1] in CLOCKS and "." in get_dotted_name(node.func))
        )
    ]
    assert not wrong, "\n".join(wrong)


def test_the_pure_core_is_not_empty() -> None:
    assert len(pure_files()) > 10


def test_only_the_edge_to_aws_reads_a_clock_of_its_own() -> None:
    """Every other `now` comes from the database: no worker's clock decides anything."""
    wrong = [
        f"{format_location(file, node)} calls {get_dotted_name(node.func)}()"
        for file in list_files(*SHIPPED)
        if not file.is_relative_to(ROOT / "workers" / "aws")
        for node in list_nodes(file)
        if isinstance(node, ast.Call)
        and get_dotted_name(node.func).removeprefix("datetime.")
        in {"datetime.now", "datetime.utcnow", "date.today", "time.time", "timezone.now"}
    ]
    assert not wrong, "\n".join(wrong)
