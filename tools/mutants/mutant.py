"""One small fault, and the tests that must notice it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Mutant:
    """In `file`, the text `old`, which occurs there once, becomes `new`. One of `tests`, at least, must fail then.

    `name` says what goes wrong.
    """

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def apply(self, source: str) -> str:
        """The faulty source. ValueError when `old` does not occur once."""
        count = source.count(self.old)
        if count != 1:
            raise ValueError(f"{self.name}: its text occurs {count} times in {self.file}")
        return source.replace(self.old, self.new)

    def read_mutated(self, root: Path) -> str:
        return self.apply((root / self.file).read_text(encoding="utf-8"))
