"""Without the extra `athena` all else works, and what is missing names the extra."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = """
import sys
sys.modules["duckdb"] = sys.modules["sqlglot"] = None
from botocore.exceptions import ClientError
from mocklake.testing.in_process import InProcess

aws = InProcess()
glue = aws.client("glue", "111111111111")
glue.create_database(DatabaseInput={"Name": "sales"})
print([one["Name"] for one in glue.get_databases()["DatabaseList"]])
for call in (aws.client("athena", "111111111111").list_work_groups, glue.list_crawlers):
    try:
        call()
    except ClientError as error:
        print(error)
"""
SEED = """
accounts: [{id: "111111111111", name: mine}]
buckets: [{account: "111111111111", name: lake, region: eu-central-1, objects: [{key: a, csv: "x\\n1"}]}]
"""


def _run(program: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


def test_the_catalog_works_and_athena_names_its_extra() -> None:
    databases, athena, crawlers = _run(PROGRAM)
    assert databases == "['sales']"
    for answer in (athena, crawlers):
        assert "MocklakeNotImplemented" in answer
        assert "pip install 'mocklake[athena]'" in answer


def test_a_seed_with_rows_names_the_extra(tmp_path: Path) -> None:
    (tmp_path / "mesh.yaml").write_text(SEED)
    program = PROGRAM.split("aws =", maxsplit=1)[0] + (
        "from mocklake.seeds.mesh_file import SeedError\n"
        "try:\n"
        f"    InProcess({str(tmp_path / 'mesh.yaml')!r})\n"
        "except SeedError as error:\n"
        "    print(error)\n"
    )
    assert "pip install 'mocklake[athena]'" in _run(program)[0]
