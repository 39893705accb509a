"""Copies what an image holds out of the build's context: `python deploy/image_files.py CONTEXT TARGET [PACKAGE …]`.

The files are `manage.py`, the packages that the settings' applications import, and the folders that these packages name by
`ROOT / "…"`. With packages (`demo`), only what these need besides.
"""

import ast
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

SETTINGS_PACKAGE = "marketplace"
SETTINGS = f"{SETTINGS_PACKAGE}/settings.py"
ENTRY = "manage.py"
MADE_AT_BUILD = "staticfiles"
"""`collectstatic` makes it inside the image."""


def list_production_paths(root: Path) -> list[str]:
    packages = find_packages(root, {SETTINGS_PACKAGE, *list_applications(root)})
    return sorted({ENTRY, *packages, *find_folders(root, packages)})


def list_paths_besides(root: Path, *packages: str) -> list[str]:
    """What these packages need and the production image lacks."""
    return sorted(find_packages(root, set(packages)) - set(list_production_paths(root)))


def list_applications(root: Path) -> set[str]:
    """Ours among INSTALLED_APPS."""
    for node in ast.parse((root / SETTINGS).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "INSTALLED_APPS":
            names: list[str] = ast.literal_eval(node.value)
            return {name for name in names if is_package(root, name)}
    raise SystemExit(f"{SETTINGS} has no list INSTALLED_APPS")


def find_packages(root: Path, packages: set[str]) -> set[str]:
    """These and all packages of ours that they import, directly or not."""
    found: set[str] = set()
    waiting = set(packages)
    while waiting:
        package = waiting.pop()
        found.add(package)
        named = {name for tree in parse_package(root, package) for name in list_imported(tree)}
        waiting |= {name for name in named if is_package(root, name)} - found
    return found


def find_folders(root: Path, packages: set[str]) -> set[str]:
    """What stands as `ROOT / "folder" / "folder"` in the packages and is a folder outside of them."""
    named = {
        path for package in packages for tree in parse_package(root, package) for path in list_paths(tree)
    }
    folders = {path for path in named - {MADE_AT_BUILD} if (root / path).is_dir()}
    return {path for path in folders if path.split("/")[0] not in packages}


def list_paths(tree: ast.Module) -> Iterator[str]:
    """Each whole `ROOT / "a" / "b"`, without the `ROOT / "a"` that it begins with."""
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.BinOp)]
    beginnings = {id(node.left) for node in nodes if is_text(node.right)}
    for node in nodes:
        if id(node) not in beginnings and (parts := read_path_parts(node)):
            yield "/".join(parts)


def read_path_parts(node: ast.AST) -> list[str]:
    """The constant folders after ROOT, from the left; nothing for any other expression."""
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and is_text(node.right)):
        return []
    last = ast.literal_eval(node.right)
    if ast.unparse(node.left).split(".")[-1] == "ROOT":
        return [last]
    before = read_path_parts(node.left)
    return [*before, last] if before else []


def is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def list_imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def parse_package(root: Path, package: str) -> Iterator[ast.Module]:
    for file in (root / package).rglob("*.py"):
        if "tests" not in file.relative_to(root).parts:
            yield ast.parse(file.read_text(encoding="utf-8"))


def is_package(root: Path, name: str) -> bool:
    return (root / name / "__init__.py").exists()


def copy_paths(root: Path, target: Path, paths: list[str]) -> None:
    for path in paths:
        source, copy = root / path, target / path
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__", "tests"))
        else:
            shutil.copy(source, copy)


def main(context: str, target: str, *packages: str) -> None:
    root = Path(context)
    copy_paths(
        root,
        Path(target),
        list_paths_besides(root, *packages) if packages else list_production_paths(root),
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
