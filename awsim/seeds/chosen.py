"""Which seed is meant: a YAML file of one's own, or by its name one of those that come along."""

import importlib
from pathlib import Path

from awsim.seeds import mesh, mesh_file
from awsim.seeds.mesh_file import SeedError
from awsim.world import World

FOLDER = Path(__file__).parent
_FILES = (".yaml", ".yml")


def names() -> list[str]:
    """Those that come along: each YAML file of this package, and each package with `apply(world)`."""
    files = {path.stem for path in FOLDER.glob("*.yaml")}
    return sorted(files | {path.parent.name for path in FOLDER.glob("*/__init__.py")})


def check(seed: str) -> None:
    """Raises SeedError for a name that is not there, or a file that does not read."""
    if seed and (path := _file(seed)) is not None:
        mesh_file.read(path)
    elif seed and seed not in names():
        raise SeedError(f"there is no seed {seed}: a YAML file, or one of {', '.join(names())}")


def apply(world: World, seed: str) -> None:
    """Raises SeedError for what `check` refuses, and for what AWS would."""
    check(seed)
    path = _file(seed)
    if path is not None:
        mesh.apply(world, path)
    else:
        importlib.import_module(f"awsim.seeds.{seed}").apply(world)


def content(seed: str) -> bytes:
    """What a seed's file holds; nothing for a package, which does not change while awsim runs."""
    path = _file(seed)
    return path.read_bytes() if path is not None else b""


def _file(seed: str) -> Path | None:
    if seed.endswith(_FILES):
        return Path(seed)
    named = FOLDER / f"{seed}.yaml"
    return named if seed in names() and named.exists() else None
