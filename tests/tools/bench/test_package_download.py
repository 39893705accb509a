"""Packages of a bench are downloaded without running their code."""

import hashlib
import io
import tarfile
import venv
from pathlib import Path

import pytest

from tools.bench.search.relevance.packages import download_packages

METADATA = "Metadata-Version: 2.1\nName: lake-ice\nVersion: 1.0\n"


def write_package(folder: Path, marker: Path) -> str:
    """A source distribution whose setup.py leaves a file behind; returns it as a requirement."""
    folder.mkdir()
    archive = folder / "lake-ice-1.0.tar.gz"
    files = {"PKG-INFO": METADATA, "setup.py": f"open({str(marker)!r}, 'w')", "lakes.csv": "name\n"}
    with tarfile.open(archive, "w:gz") as written:
        for name, text in files.items():
            member = tarfile.TarInfo(f"lake-ice-1.0/{name}")
            member.size = len(text)
            written.addfile(member, io.BytesIO(text.encode()))
    return f"lake-ice==1.0 --hash=sha256:{hashlib.sha256(archive.read_bytes()).hexdigest()}"


@pytest.fixture
def python(tmp_path: Path) -> str:
    """One with pip."""
    venv.create(tmp_path / "venv", with_pip=True, symlinks=True)
    return str(tmp_path / "venv" / "bin" / "python")


@pytest.mark.all
def test_a_source_distribution_is_downloaded_by_its_hash_and_none_of_its_code_runs(
    tmp_path: Path, python: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker, files = tmp_path / "was-run", tmp_path / "files"
    line = write_package(tmp_path / "index", marker)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))

    assert not download_packages(python, [line[:-4] + "0000"], files, 60)
    assert not files.exists() or not list(files.iterdir())
    assert download_packages(python, [line], files, 60)
    assert (files / "lake-ice-1.0.tar.gz").exists()
    assert not marker.exists()


def test_packages_that_are_there_need_no_python(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("lake-ice==1.0\npond==2")

    assert download_packages("", ["lake-ice==1.0", "pond==2"], tmp_path, 1)
    assert not download_packages("", ["lake-ice==1.1", "pond==2"], tmp_path, 1)
