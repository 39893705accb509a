"""A copy of the project in which one mutant at a time is made; the project itself is never changed."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.mutants.mutant import Mutant

NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv", ".demo", ".local", ".*_cache", ".hypothesis", "__pycache__"
)


class WorkingCopy:
    def __init__(self, root: Path, folder: Path) -> None:
        """Copies `root` to `folder`, which shares the environment `.venv` with it."""
        self.folder = folder
        shutil.copytree(root, folder, ignore=NOT_COPIED)
        if (root / ".venv").exists():
            (folder / ".venv").symlink_to((root / ".venv").resolve())

    @contextmanager
    def with_mutant(self, mutant: Mutant) -> Iterator[None]:
        """The copy has this fault inside the block, and is restored after it."""
        file = self.folder / mutant.file
        source = file.read_text(encoding="utf-8")
        try:
            self._write(file, mutant.apply(source))
            yield
        finally:
            self._write(file, source)

    def _write(self, file: Path, text: str) -> None:
        """Each version has a time of its own in whole seconds, by which Python knows that it must be compiled again."""
        changed_at = int(file.stat().st_mtime) + 1
        file.write_text(text, encoding="utf-8")
        os.utime(file, (changed_at, changed_at))
