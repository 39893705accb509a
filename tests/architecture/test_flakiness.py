"""Tests wait for events and choose no ports: what a busy machine changes decides no test.

The tables count what each file still has. Lower a count with each that goes; nothing is added.
"""

import ast
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from demo.bootstrap import ROOT
from tests.architecture.source import get_called_name, get_dotted_name, list_nodes, list_test_files

SLEEPS: dict[str, int] = {
    "mocklake/tests/server/test_kills.py": 2,
    "mocklake/tests/server/test_snapshot.py": 1,
    "mocklake/tests/server/test_snapshot_failures.py": 1,
    "tests/brokers/celery_app.py": 1,
    "tests/marketplace/http_server/small_site.py": 1,
    "tests/marketplace/http_server/test_request_bodies.py": 1,
    "tests/marketplace/http_server/test_slow_clients.py": 3,
    "tests/requests_app/notifications/test_projection.py": 1,
    "tests/requests_app/review/test_bulk_execution.py": 1,
    "tests/workers/accounts/test_role_queries.py": 1,
    "tests/workers/aws/test_rate_limit.py": 1,
    "tests/workers/database_grants.py": 1,
    "tests/workers/engine/drift/test_findings.py": 1,
    "tests/workers/engine/test_backoff_of_scopes.py": 1,
    "tests/workers/engine_rounds.py": 1,
    "tests/workers/mesh.py": 1,
    "tests/workers/sync/test_concurrent_runs.py": 2,
}
PORTS: dict[str, int] = {
    "tests/brokers/servers.py": 3,
    "tests/compose/local_services.py": 2,
    "tests/demo/embedded/test_ports.py": 1,
    "tests/demo/test_local_site.py": 1,
    "tests/demo_process.py": 1,
    "tests/docs/test_first_mesh.py": 1,
    "tests/requests_app/notifications/test_mail.py": 1,
    "tests/workers/test_celery_workers.py": 1,
}
CLOCKS: dict[str, int] = {
    "mocklake/tests/server/test_control.py": 1,
    "tests/catalog/sync/test_registered_databases.py": 3,
    "tests/database.py": 1,
    "tests/background/test_parts.py": 1,
    "tests/journey/test_broken_on_the_way.py": 1,
    "tests/requests_app/notifications/test_projection.py": 1,
    "tests/requests_app/review/test_bulk_execution.py": 1,
    "tests/tools/environment/test_worker_fork.py": 1,
    "tests/workers/accounts/test_role_queries.py": 1,
    "tests/workers/engine/drift/test_findings.py": 1,
    "tests/workers/engine/test_named_expressions.py": 1,
    "tests/workers/engine/test_database_retry.py": 2,
    "tests/workers/engine/test_subgrants.py": 1,
    "tests/workers/engine_rounds.py": 1,
    "tests/workers/test_sweep.py": 1,
}
CLOCK_NAMES = {
    "time.time",
    "time.monotonic",
    "time.perf_counter",
    "datetime.now",
    "datetime.utcnow",
    "timezone.now",
}
PORT_NAMES = {"port", "EMAIL_PORT"}
LOWEST_PORT = 1024


def is_sleep(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and get_called_name(node) == "sleep"


def is_chosen_port(node: ast.AST) -> bool:
    """A port that was free a moment ago, or a fixed one."""
    if not isinstance(node, ast.Call):
        return False
    return get_called_name(node) == "find_free_port" or any(
        keyword.arg in PORT_NAMES
        and isinstance(keyword.value, ast.Constant)
        and isinstance(keyword.value.value, int)
        and keyword.value.value >= LOWEST_PORT
        for keyword in node.keywords
    )


def is_clock_comparison(node: ast.AST) -> bool:
    """A moment or a duration by the real clock is compared with something."""
    return isinstance(node, ast.Compare) and any(
        isinstance(part, ast.Call) and get_dotted_name(part.func).endswith(tuple(CLOCK_NAMES))
        for part in ast.walk(node)
    )


RULES: dict[str, tuple[Callable[[ast.AST], bool], dict[str, int], str]] = {
    "sleeps": (is_sleep, SLEEPS, "wait for an event: wait_until"),
    "chosen ports": (is_chosen_port, PORTS, "let the server listen on port 0, or on a socket file"),
    "comparisons with the real clock": (is_clock_comparison, CLOCKS, "move the clock, or wait for an event"),
}


def count_by_file(matches: Callable[[ast.AST], bool]) -> Iterator[tuple[str, int]]:
    for file in list_test_files():
        if count := sum(map(matches, list_nodes(file))):
            yield file.relative_to(ROOT).as_posix(), count


@pytest.mark.parametrize("rule", RULES)
def test_no_test_has_more(rule: str) -> None:
    matches, known, advice = RULES[rule]
    found = Counter(dict(count_by_file(matches)))
    wrong = [
        f"{name}: {found[name]} {rule}, known are {known.get(name, 0)}"
        for name in sorted(found | known)
        if found[name] != known.get(name, 0)
    ]
    assert not wrong, "\n".join([f"Instead: {advice}. What is fewer than known: lower the number.", *wrong])


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("time.sleep(1)", "sleeps"),
        ("sleep(0.1)", "sleeps"),
        ("server = Server(port=8123)", "chosen ports"),
        ("port = find_free_port()", "chosen ports"),
        ("assert time.monotonic() - began < 5", "comparisons with the real clock"),
        ("assert row.at > datetime.now(UTC)", "comparisons with the real clock"),
        ("server = Server(port=0); assert row.at > clock.now(); wait_until(done, 30)", None),
    ],
)
def test_what_a_busy_machine_changes_is_found(code: str, rule: str | None) -> None:
    nodes = list(ast.walk(ast.parse(code)))
    assert [name for name, (matches, _known, _advice) in RULES.items() if any(map(matches, nodes))] == (
        [rule] if rule else []
    )


def test_the_known_ones_are_in_files_that_exist() -> None:
    gone = [name for _, known, _ in RULES.values() for name in known if not (ROOT / name).is_file()]
    assert not gone, "\n".join(gone)
