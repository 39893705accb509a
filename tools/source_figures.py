"""Sizes of the source that ships, as one table: `python -m tools.source_figures`.

The packages that production runs are counted, without migrations. A function is called once if its name occurs
once besides its definition: a private one in its module, a public one in all that ships.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parent.parent
SHIPPED = (
    "kernel", "lakeformation", "audit", "identity", "background", "fulfilment", "decisions", "catalog", "requests_app",
    "portal", "workers", "marketplace",
)  # fmt: skip
VALUE_BASES = {"NamedTuple", "TypedDict", "BaseModel", "Struct"}
SMALL_MODULE = 80
LINE_LENGTH = 110
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Module:
    name: str
    path: Path

    @cached_property
    def text(self) -> str:
        return self.path.read_text()

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(self.tree))

    @cached_property
    def lines(self) -> int:
        return self.text.count("\n")

    @cached_property
    def functions(self) -> list[Function]:
        return [node for node in self.nodes if isinstance(node, Function)]

    @cached_property
    def names(self) -> Counter[str]:
        """How often each name occurs, as a name or as an attribute, but for imports and definitions."""
        found = (
            node.id if isinstance(node, ast.Name) else node.attr
            for node in self.nodes
            if isinstance(node, ast.Name | ast.Attribute)
        )
        return Counter(found)


def list_modules(packages: tuple[str, ...] = SHIPPED) -> list[Module]:
    paths = (path for package in packages for path in sorted((ROOT / package).rglob("*.py")))
    return [
        Module(".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"), path)
        for path in paths
        if "migrations" not in path.parts
    ]


def list_imports(module: Module, known: set[str]) -> Iterator[str]:
    """The modules of `known` that it imports, in functions too."""
    for node in module.nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                yield from (each for each in (name if name in known else node.module,) if each in known)


def list_importers(modules: list[Module]) -> dict[str, set[str]]:
    known = {module.name for module in modules}
    importers: dict[str, set[str]] = {name: set() for name in known}
    for module in modules:
        for name in list_imports(module, known):
            importers[name].add(module.name)
    return importers


def is_private(function: Function) -> bool:
    return function.name.startswith("_") and not function.name.startswith("__")


def list_private_called_once(modules: list[Module]) -> list[str]:
    """Private functions and methods that their module names once, as `module.function`."""
    return [
        f"{module.name}.{function.name}"
        for module in modules
        for function in module.functions
        if is_private(function) and module.names[function.name] == 1
    ]


def list_public_called_once(modules: list[Module]) -> list[str]:
    """Functions of modules whose name occurs once in all modules, as `module.function`."""
    names: Counter[str] = sum((module.names for module in modules), Counter())
    return [
        f"{module.name}.{node.name}"
        for module in modules
        for node in module.tree.body
        if isinstance(node, Function) and not is_private(node) and names[node.name] == 1
    ]


def list_small_modules_of_one_importer(modules: list[Module]) -> list[str]:
    importers = list_importers(modules)
    return [
        module.name
        for module in modules
        if module.lines < SMALL_MODULE
        and len(importers[module.name]) == 1
        and module.path.name != "__init__.py"
    ]


def is_value_class(node: ast.ClassDef) -> bool:
    """A dataclass, or a class of named values such as NamedTuple or TypedDict."""
    marks = [*node.decorator_list, *node.bases]
    names = {ast.unparse(mark).split("(")[0].split("[")[0].rpartition(".")[2] for mark in marks}
    return bool(names & {"dataclass", "define", "frozen", *VALUE_BASES})


def count_statements(module: Module) -> int:
    """Without docstrings and imports."""
    return sum(
        isinstance(node, ast.stmt)
        and not isinstance(node, ast.Import | ast.ImportFrom)
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        for node in module.nodes
    )


def count_import_lines(module: Module) -> int:
    return sum(
        (node.end_lineno or node.lineno) - node.lineno + 1
        for node in module.nodes
        if isinstance(node, ast.Import | ast.ImportFrom)
    )


def compute_figures() -> dict[str, int | float]:
    modules = list_modules()
    lines = sum(module.lines for module in modules)
    importers = list_importers(modules)
    private_once = len(list_private_called_once(modules))
    contracts = re.findall(r"^\[importlinter:contract:", (ROOT / ".importlinter").read_text(), re.MULTILINE)
    classes = (node for module in modules for node in module.nodes if isinstance(node, ast.ClassDef))
    functions = sum(len(module.functions) for module in modules)
    return {
        "files": len(modules),
        "lines": lines,
        "lines a file": round(lines / len(modules)),
        "statements": sum(map(count_statements, modules)),
        "imports, % of lines": round(100 * sum(map(count_import_lines, modules)) / lines, 1),
        "functions per 1,000 lines": round(1000 * functions / lines, 1),
        "private functions called once": private_once,
        "private functions called once per 1,000 lines": round(1000 * private_once / lines, 1),
        "public functions called once": len(list_public_called_once(modules)),
        "classes that hold values": sum(map(is_value_class, classes)),
        "modules with one importer": sum(len(found) == 1 for found in importers.values()),
        f"of them under {SMALL_MODULE} lines": len(list_small_modules_of_one_importer(modules)),
        "import contracts": len(contracts),
        "fmt: skip": sum(module.text.count("# fmt: skip") for module in modules),
        f"lines over {LINE_LENGTH} characters": sum(
            len(line) > LINE_LENGTH for module in modules for line in module.text.splitlines()
        ),
    }


if __name__ == "__main__":
    for figure, value in compute_figures().items():
        print(f"{figure:50}{value:>10,}")
