"""Which seed is meant: a YAML file, one of those in this package by name, or a Python module of the caller's own."""

import importlib
from pathlib import Path
from types import ModuleType

from mocklake.errors import AwsError
from mocklake.seeds import mesh, mesh_file
from mocklake.seeds.mesh_file import SeedError
from mocklake.world import World

FOLDER = Path(__file__).parent
_FILES = (".yaml", ".yml")


def names() -> list[str]:
    """The YAML files of this package."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def is_module(seed: str) -> bool:
    """A dotted name, such as `shop.aws`: a module with `apply(world)`, found as Python finds modules."""
    return "." in seed and not seed.endswith(_FILES)


def check(seed: str) -> None:
    """Raises SeedError for a name or module that does not exist, or a file that cannot be read."""
    if is_module(seed):
        _module(seed)
    elif seed and (path := _file(seed)) is not None:
        mesh_file.read_mesh(path)
    elif seed:
        raise SeedError(
            f"there is no seed {seed}: a YAML file, a Python module, or one of {', '.join(names())}"
        )


def apply(world: World, seed: str) -> None:
    """Raises SeedError for what `check` refuses, and for what AWS would."""
    if is_module(seed):
        try:
            _module(seed).apply(world)
        except AwsError as error:
            raise SeedError(f"{seed}: {error}") from error
        return
    check(seed)
    path = _file(seed)
    if path is not None:
        mesh.apply_file(world, path)


def content(seed: str) -> bytes:
    """What a seed's file holds; nothing for a module, which does not change while mocklake runs."""
    path = _file(seed)
    return path.read_bytes() if path is not None else b""


def _module(seed: str) -> ModuleType:
    try:
        found = importlib.import_module(seed)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{seed}.".startswith(f"{error.name}."):
            raise
        raise SeedError(f"there is no seed {seed}: Python finds no module {error.name}") from error
    if not hasattr(found, "apply"):
        raise SeedError(f"the module {seed} is no seed: it has no apply(world)")
    return found


def _file(seed: str) -> Path | None:
    if seed.endswith(_FILES):
        return Path(seed)
    return FOLDER / f"{seed}.yaml" if seed in names() else None
