"""mocklake is a project of its own: it knows nothing of Meshmarket, which uses only what mocklake offers to everybody."""

import re
import tomllib
from pathlib import Path

from demo.bank.accounts import ACCOUNTS
from demo.bank.catalog import DATABASES
from demo.bootstrap import ROOT
from tests.architecture.source import format_location, get_package, list_files, list_imports, list_test_files

MOCKLAKE = ROOT / "mocklake"
PUBLIC = ("mocklake.testing.", "mocklake.seeding.")
WITH_BOTO3 = {"botocore>=1.44.0,<2", "jmespath>=1"}
TEXTS = {".py", ".md", ".yaml", ".toml", ".sh"}


def bank_names() -> set[str]:
    """Names that only the demo's bank has: its databases, buckets, readers."""
    readers = {name for one in ACCOUNTS for name in (*one.consumer_roles, *one.consumer_users)}
    return {"meshmarket", "harbour", "demo.bank"} | readers | {one.name for one in DATABASES}


def texts_of_mocklake() -> list[Path]:
    return sorted(file for file in MOCKLAKE.rglob("*") if file.suffix in TEXTS)


def test_others_import_its_testing_and_seeding_alone() -> None:
    """For `demo` and `tools` import-linter holds it as well; it does not read `tests`."""
    wrong = [
        f"{format_location(file, node)} imports {name}"
        for file in (*list_files(), *list_test_files())
        if get_package(file) != "mocklake"
        for node, name in list_imports(file)
        if name.split(".")[0] == "mocklake" and not f"{name}.".startswith(PUBLIC)
    ]
    assert not wrong, "\n".join(wrong)


def test_it_names_neither_meshmarket_nor_its_bank() -> None:
    names = re.compile("|".join(map(re.escape, sorted(bank_names()))), re.IGNORECASE)
    texts = texts_of_mocklake()
    wrong = [
        f"{file.relative_to(ROOT)}:{number}: {found.group()}"
        for file in texts
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if (found := names.search(line))
    ]
    assert len(texts) > 300
    assert not wrong, "\n".join(wrong)


def test_its_packages_come_with_the_demo_in_the_same_versions() -> None:
    """Until the demo installs mocklake as a package, the extra `demo` names what mocklake needs."""
    project = tomllib.loads((MOCKLAKE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    own = [*project["dependencies"], *project["optional-dependencies"]["athena"]]
    ours = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(own) - {*ours["dependencies"], *ours["optional-dependencies"]["demo"]} == WITH_BOTO3
