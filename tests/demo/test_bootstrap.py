"""What a newcomer reads when the environment cannot be made, and how it is known to be ready."""

import subprocess
import sys
from pathlib import Path

import pytest

from demo import bootstrap


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("ERROR: [Errno 28] No space left on device", "The disk is full: free about 1050 MB"),
        (
            "NewConnectionError(... Max retries exceeded\nERROR: No matching distribution",
            "The package index cannot be reached",
        ),
        ("ERROR: No matching distribution found for duckdb==1", "Linux with glibc 2.28 or macOS is needed"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "A downloaded package is not the locked one"),
        ("something else", "The installation failed: see"),
    ],
)
def test_a_failed_installation_is_one_line_that_says_what_to_do(words: str, line: str) -> None:
    said = bootstrap.explain_failure(words, "test", Path("install.log"))
    assert line in said
    assert "\n" not in said


def test_the_stamp_changes_with_the_requirement_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    (tmp_path / "requirements").mkdir()
    names = []
    for content in ("a==1", "a==2"):
        (tmp_path / "requirements" / "demo.txt").write_text(content)
        names.append(bootstrap.stamp_file("demo").name)
    assert names[0] != names[1]
    assert all(name.startswith("meshmarket-") for name in names)
    assert not bootstrap.is_ready("demo")


def test_a_caller_s_pip_options_do_not_send_packages_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_TARGET", "elsewhere")
    monkeypatch.setenv("PIP_USER", "1")
    found = bootstrap.pip_environment()
    assert "PIP_TARGET" not in found
    assert found["PIP_USER"] == "0"


def test_neither_pip_nor_ensurepip_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "base_python", lambda: "/bin/false")
    with pytest.raises(bootstrap.BootstrapError, match=r"needs pip 22.3 or newer \(there is none\)"):
        bootstrap.create_venv(bootstrap.find_pip())
    with pytest.raises(bootstrap.BootstrapError, match=r"\(this one is 20\.3\)"):
        bootstrap.create_venv((20, 3))


def test_manage_py_is_small_and_names_the_environment_without_django() -> None:
    manage = bootstrap.ROOT / "manage.py"
    assert len(manage.read_text().splitlines()) <= 25
    bare = Path(sys.base_prefix) / "bin" / "python3"
    done = subprocess.run([bare, "-I", manage, "migrate"], check=False, capture_output=True, text=True)
    assert done.returncode != 0
    assert ".venv/bin/python manage.py migrate" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_screenshots_install_the_packages_of_the_tests() -> None:
    assert bootstrap.get_requirement_file("demo", ["--port", "0"]) == "demo"
    assert bootstrap.get_requirement_file("demo", ["--screenshots", "shots"]) == "test"
    assert bootstrap.get_requirement_file("demo", ["--screenshots=shots"]) == "test"


def test_an_installation_in_parts_installs_each_package_once(tmp_path: Path) -> None:
    pins = bootstrap.read_locked_packages("demo")
    text = (bootstrap.ROOT / "requirements" / "demo.txt").read_text()
    parts = [part.read_text() for part in bootstrap.write_parts(pins, tmp_path)]
    assert len(parts) == bootstrap.PARALLEL_INSTALLERS
    assert sorted("".join(parts).splitlines()) == sorted(text.splitlines())


def test_what_comes_later_is_in_the_file_and_told_apart_by_a_stamp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert bootstrap.LATER_PACKAGES["demo"] < bootstrap.read_locked_packages("demo").keys()
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "demo.txt").write_text("a==1")
    (tmp_path / ".venv").mkdir()
    bootstrap.stamp_file("demo").touch()
    assert not bootstrap.is_complete("demo")
    bootstrap.later_stamp_file("demo").touch()
    assert bootstrap.is_complete("demo")
    assert bootstrap.stamp_file("demo") != bootstrap.later_stamp_file("demo")


def test_compiled_code_has_a_place_where_python_may_not_write_beside_the_sources() -> None:
    found = bootstrap.bytecode_variables({"PYTHONDONTWRITEBYTECODE": "1"})
    assert found["PYTHONDONTWRITEBYTECODE"] == ""
    assert Path(found["PYTHONPYCACHEPREFIX"]).is_relative_to(bootstrap.ROOT / ".venv")
    assert bootstrap.bytecode_variables({}) == {}
    own = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPYCACHEPREFIX": "elsewhere"}
    assert bootstrap.bytecode_variables(own) == {}
