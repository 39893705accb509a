"""Modules that are found by their name, as each registers or declares something."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType


def iterate_modules(package: str, name: str) -> Iterator[ModuleType]:
    """The modules of this name in a package and in those beneath it, by their path. Each is imported."""
    root = Path(str(import_module(package).__file__)).parent
    for path in sorted(root.rglob(f"{name}.py")):
        yield import_module(".".join((package, *path.relative_to(root).with_suffix("").parts)))


def load_modules(package: str, name: str) -> None:
    for _module in iterate_modules(package, name):
        pass
