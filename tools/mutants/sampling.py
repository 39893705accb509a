"""Mutants drawn at random from the code: small faults that nobody thought of, besides the ones of `areas`."""

import ast
import hashlib
import os
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from coverage import CoverageData

from demo.embedded.child_process import EmbeddedError
from demo.embedded.throwaway_services import throwaway_services
from tools.mutants.mutant import Mutant

PACKAGES = (
    "lakeformation",
    "audit",
    "identity",
    "fulfilment",
    "catalog",
    "requests_app",
    "portal",
    "workers",
    "marketplace",
)
OPERATORS: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
}
LOOKUPS = {"filter", "exclude", "get", "Q", "update"}
"""Calls whose keywords are conditions or values of a query: each of several may be forgotten."""
MAX_SHOWN = 60
NOT_JUDGED = {"__str__", "__repr__"}
MAX_TESTS = 40
"""Of one line: those that run the fewest lines come first, so the test of a rule before a walk over all pages."""
IGNORED_FOLDERS = ("gate", "architecture", "docs", "browser", "compose", "journey", "brokers")
"""They judge the text of the code, or run it in processes that nobody traces."""


@dataclass(frozen=True)
class Edit:
    """In a file, the bytes from `start` to `end` become `text`; `line` is where they begin."""

    line: int
    start: int
    end: int
    text: str
    name: str


@dataclass(frozen=True)
class Place:
    """Where a mutant can be made."""

    package: str
    file: str
    source: str
    edit: Edit


@dataclass(frozen=True)
class SampledMutant:
    """A mutant without its tests, and the line whose tests must notice it."""

    mutant: Mutant
    package: str
    line: int


def sample_mutants(
    root: Path, *, size: int, seed: int, packages: Sequence[str] = PACKAGES
) -> list[SampledMutant]:
    """At most `size` mutants of functions of all `packages`, the same for the same code and seed.

    What is drawn depends on each mutant alone: a change elsewhere in the code leaves the rest of the sample as it is.
    """
    found = [place for package in packages for place in find_places(root, package)]
    chosen = sorted(found, key=lambda place: _draw(place, seed))[:size]
    return [
        SampledMutant(build_mutant(one.file, one.source, one.edit), one.package, one.edit.line)
        for one in chosen
    ]


def find_places(root: Path, package: str) -> Iterator[Place]:
    for file in sorted((root / package).rglob("*.py")):
        name = file.relative_to(root).as_posix()
        if "/migrations/" not in name:
            source = file.read_text(encoding="utf-8")
            yield from (Place(package, name, source, edit) for edit in find_edits(source))


def _draw(place: Place, seed: int) -> str:
    return hashlib.sha256(f"{seed}\0{place.file}\0{place.edit.name}".encode()).hexdigest()


def build_mutant(file: str, source: str, edit: Edit) -> Mutant:
    """`edit` with as many whole lines around it as make its text occur once."""
    content = source.encode()
    start, end = content.rfind(b"\n", 0, edit.start) + 1, content.find(b"\n", edit.end)
    while content.count(content[start:end]) != 1:
        start, end = content.rfind(b"\n", 0, max(start - 1, 0)) + 1, content.find(b"\n", end + 1)
        end = end if end >= 0 else len(content)
    old = content[start:end]
    new = old[: edit.start - start] + edit.text.encode() + old[edit.end - start :]
    return Mutant(edit.name, file, old.decode(), new.decode(), ())


def find_edits(source: str) -> list[Edit]:
    """Every fault that can be made in the functions of `source`, in its order."""
    finder = _EditFinder(source)
    finder.visit(ast.parse(source))
    return sorted(finder.edits, key=lambda edit: (edit.start, edit.end))


class _EditFinder(ast.NodeVisitor):
    def __init__(self, source: str) -> None:
        self.edits: list[Edit] = []
        self._content = source.encode()
        lines = source.encode().splitlines(keepends=True)
        self._starts = [0]
        for line in lines:
            self._starts.append(self._starts[-1] + len(line))
        self._function = ""
        self._names: Counter[str] = Counter()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        if node.name in NOT_JUDGED:
            return
        outer, self._function = self._function, f"{self._function}.{node.name}".lstrip(".")
        for statement in node.body:
            self.visit(statement)
        self._function = outer

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        outer, self._function = self._function, ""
        for statement in node.body:
            self.visit(statement)
        self._function = outer

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_Raise(self, _node: ast.Raise) -> None:
        """The words of an error are no behavior that a test must hold."""

    def visit_Assert(self, _node: ast.Assert) -> None:
        """An assertion only narrows types."""

    def visit_If(self, node: ast.If) -> None:
        self._add(node.test, f"not ({self._text(node.test)})", "the condition is inverted")
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self._add(node.test, f"not ({self._text(node.test)})", "the condition is inverted")
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        for value in node.values:
            others = [self._text(other) for other in node.values if other is not value]
            word = " and " if isinstance(node.op, ast.And) else " or "
            self._add(
                node, f"({word.join(f'({other})' for other in others)})", f"without {self._shorten(value)}"
            )
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not):
            self._add(node, f"({self._text(node.operand)})", "without not")
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        if len(node.ops) == 1:
            old, new = OPERATORS[type(node.ops[0])]
            left, right = self._text(node.left), self._text(node.comparators[0])
            self._add(node, f"(({left}) {new} ({right}))", f"{new} for {old}")
        self.generic_visit(node)

    def visit_Return(self, node: ast.Return) -> None:
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, bool):
            self._add(node.value, str(not node.value.value), f"{not node.value.value} is returned")
        elif node.value is not None and not isinstance(node.value, ast.Constant):
            self._add(node.value, "None", "None is returned")
        self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Call):
            self._add(node, "pass", f"without {self._shorten(node.value)}")
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called in LOOKUPS and len(node.keywords) > 1:
            for number, keyword in enumerate(node.keywords):
                if keyword.arg:
                    self._drop_keyword(node, number, keyword)
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if type(node.value) is int and node.value > 1:
            self._add(node, str(node.value + 1), f"{node.value + 1} for {node.value}")

    def visit_JoinedStr(self, _node: ast.JoinedStr) -> None:
        """Python 3.11 does not tell where the parts of a formatted text stand."""

    def _drop_keyword(self, call: ast.Call, number: int, keyword: ast.keyword) -> None:
        following = call.keywords[number + 1 :]
        start = self._offset(keyword.lineno, keyword.col_offset)
        if following:
            end = self._offset(following[0].lineno, following[0].col_offset)
        else:
            before = call.keywords[number - 1].value
            start, end = self._span(before)[1], self._span(keyword.value)[1]
        self._add_span(keyword.lineno, start, end, "", f"without {keyword.arg}=")

    def _add(self, node: ast.expr | ast.stmt, text: str, name: str) -> None:
        start, end = self._span(node)
        self._add_span(node.lineno, start, end, text, name)

    def _add_span(self, line: int, start: int, end: int, text: str, name: str) -> None:
        if not self._function:
            return
        full = f"{self._function}: {name}"
        self._names[full] += 1
        number = f" ({self._names[full]})" if self._names[full] > 1 else ""
        self.edits.append(Edit(line, start, end, text, f"{full}{number}"))

    def _span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._offset(node.lineno, node.col_offset), self._offset(node.end_lineno, node.end_col_offset)

    def _offset(self, line: int, column: int) -> int:
        return self._starts[line - 1] + column

    def _text(self, node: ast.expr) -> str:
        start, end = self._span(node)
        return self._content[start:end].decode()

    def _shorten(self, node: ast.expr) -> str:
        words = " ".join(self._text(node).split())
        return words if len(words) <= MAX_SHOWN else f"{words[: MAX_SHOWN - 1]}…"


class LineTests:
    def __init__(self, data_file: Path, root: Path) -> None:
        """`data_file` holds what coverage.py recorded in `root`, with the tests as contexts."""
        self._root = root
        self._data = CoverageData(str(data_file))
        self._data.read()
        self._line_counts = read_line_counts(data_file)

    def find_tests(self, file: str, line: int) -> tuple[str, ...]:
        """At most `MAX_TESTS` tests that run this line, the narrowest first."""
        contexts = self._data.contexts_by_lineno(str(self._root / file)).get(line, [])
        tests = {context.rpartition("|")[0] for context in contexts if "|" in context}
        ordered = sorted(tests, key=lambda test: (self._line_counts.get(test, 0), test))
        return tuple(ordered[:MAX_TESTS])


def read_line_counts(data_file: Path) -> dict[str, int]:
    """How many bytes of line numbers each test filled: a measure of how much it runs."""
    counts: dict[str, int] = {}
    query = "SELECT context, SUM(LENGTH(numbits)) FROM line_bits JOIN context ON context.id = context_id GROUP BY context"
    with sqlite3.connect(data_file) as database:
        for context, count in database.execute(query):
            test = context.rpartition("|")[0]
            counts[test] = counts.get(test, 0) + count
    return counts


def record_line_tests(root: Path, data_file: Path, say: Callable[[str], None]) -> None:
    """Runs the tests of `root` under coverage.py into `data_file`. EmbeddedError when one of them fails."""
    say("Recording which tests run which lines: every test runs once, under coverage.py")
    with throwaway_services() as services:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *build_arguments(list_folders(root))],
            check=False,
            cwd=root,
            env={**os.environ, **services, "COVERAGE_FILE": str(data_file)},
        )
    if done.returncode:
        data_file.unlink(missing_ok=True)
        raise EmbeddedError("The tests do not pass without a mutant: see above.")


def list_folders(root: Path) -> list[str]:
    folders = (path for path in sorted((root / "tests").iterdir()) if path.is_dir())
    return [f"tests/{path.name}" for path in folders if path.name not in (*IGNORED_FOLDERS, "__pycache__")]


def build_arguments(paths: Iterable[str]) -> list[str]:
    measured = [f"--cov={package}" for package in PACKAGES]
    chosen = ["-n", "2", "-q", "-m", "not all and not browser", "-p", "no:cacheprovider"]
    return [*paths, *chosen, *measured, "--cov-context=test", "--cov-report="]
