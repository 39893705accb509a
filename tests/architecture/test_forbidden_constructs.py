"""What hides an effect or a fault: signals, broad handlers, cascades of the admin, messages sent by actions."""

import ast
import re
from pathlib import Path

from tests.architecture.source import (
    SHIPPED,
    format_location,
    get_called_name,
    get_package,
    list_files,
    list_imports,
    list_nodes,
    read_lines,
)

SIGNALS = (
    "django.dispatch",
    "django.db.models.signals",
    "django.core.signals",
    "django.contrib.auth.signals",
)
BROAD = {"Exception", "BaseException"}
REASON = re.compile(r"# noqa: BLE001 - \w+")
PUBLISH = {"delay", "apply_async", "send_task"}


def test_nothing_happens_by_signal() -> None:
    wrong = [
        f"{format_location(file, node)} imports {name}"
        for file in list_files()
        for node, name in list_imports(file)
        if name.startswith(SIGNALS)
    ]
    assert not wrong, "\n".join(wrong)


def is_broad(node: ast.ExceptHandler) -> bool:
    caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
    return any(part is None or getattr(part, "id", "") in BROAD for part in caught)


def is_loud(node: ast.ExceptHandler) -> bool:
    """Logs the whole traceback, or raises again."""
    return any(
        isinstance(part, ast.Raise) or (isinstance(part, ast.Call) and get_called_name(part) == "exception")
        for part in ast.walk(node)
    )


def test_a_broad_handler_gives_its_reason_or_is_loud() -> None:
    wrong = [
        format_location(file, node)
        for file in list_files()
        for node in list_nodes(file)
        if isinstance(node, ast.ExceptHandler)
        and is_broad(node)
        and not is_loud(node)
        and not REASON.search(read_lines(file)[node.lineno - 1])
    ]
    assert not wrong, "\n".join(wrong)


PUBLISHERS = {Path("marketplace/worker_wakeup.py"), Path("workers/tasks.py")}


def test_only_the_wakeup_and_the_dispatchers_publish() -> None:
    """The row is the message: no verb sends one."""
    wrong = [
        format_location(file, node)
        for file in list_files(*SHIPPED)
        if file.relative_to(file.parents[1]) not in PUBLISHERS
        for node in list_nodes(file)
        if isinstance(node, ast.Call) and get_called_name(node) in PUBLISH
    ]
    assert not wrong, "\n".join(wrong)


def test_the_engine_has_no_models_and_no_views() -> None:
    wrong = [
        format_location(file)
        for file in list_files("workers")
        if file.stem in {"models", "views", "urls", "admin"} or file.parent.name in {"models", "views"}
    ]
    assert not wrong, "\n".join(wrong)


def test_the_database_keeps_no_request_open() -> None:
    """`ATOMIC_REQUESTS` would nest every verb's transaction in the request's."""
    settings = next(file for file in list_files("marketplace") if file.name == "settings.py")
    assert "ATOMIC_REQUESTS" not in settings.read_text()


def test_only_the_demo_and_tools_print() -> None:
    wrong = [
        format_location(file, node)
        for file in list_files()
        if get_package(file) not in {"demo", "tools"}
        for node in list_nodes(file)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert not wrong, "\n".join(wrong)
