"""The locked files: hashes and nothing else that could change where packages come from."""

import re
from pathlib import Path

import pytest

from demo.bootstrap import INCLUDED_FILES, ROOT

FILES = sorted((ROOT / "requirements").glob("*.txt"))
LINE = re.compile(r"(?:[\w.\[\],-]+==\S+(?: ; [^\\]+)?|    --hash=sha256:[0-9a-f]{64})(?: \\)?")


def list_pins(file: Path) -> set[str]:
    return {line.split()[0] for line in file.read_text().splitlines() if "==" in line.split(";")[0]}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_locked_file_holds_pins_and_hashes_only(file: Path) -> None:
    wrong = [line for line in file.read_text().splitlines() if not LINE.fullmatch(line.rstrip())]
    assert wrong == []
    assert "://" not in file.read_text()


def test_what_counts_as_installed_with_another_file_is_its_subset() -> None:
    for wanted, included in INCLUDED_FILES.items():
        for name in included:
            assert list_pins(ROOT / "requirements" / f"{name}.txt") <= list_pins(
                ROOT / "requirements" / f"{wanted}.txt"
            )
    base, demo, traces, test = (
        list_pins(ROOT / "requirements" / f"{name}.txt") for name in ("base", "demo", "traces", "test")
    )
    assert base <= demo
    assert base <= traces <= test
