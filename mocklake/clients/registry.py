"""The clients, with what each needs."""

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Client:
    """`package` is the one whose version is shown; `seed` a file in seeds/; `role` is empty for the account's root."""

    name: str
    title: str
    package: str
    account: str = "100000000001"
    role: str = "engineer"
    seed: str = "lake"
    region: str = "eu-central-1"
    source_variable: str = ""
    """The environment variable that says where the client's source lies, for one that no package index has."""

    @property
    def requirements(self) -> Path:
        return FOLDER / "requirements" / f"{self.name}.txt"

    @property
    def seed_file(self) -> Path:
        return FOLDER / "seeds" / f"{self.seed}.yaml"

    modules: tuple[str, ...] = ()
    """Of clients/checks; without one it is the client's name."""

    def version(self) -> str:
        for line in self.requirements.read_text().splitlines():
            if line.startswith(f"{self.package}=="):
                return line.split()[0].partition("==")[2]
        raise LookupError(f"{self.requirements.name} has no {self.package}")


CLIENTS = (
    Client("moto", "moto's tests marked `aws_verified`", "moto", "123456789012", "", "moto", "us-east-1"),
    Client(
        "awswrangler",
        "AWS SDK for pandas",
        "awswrangler",
        modules=("awswrangler_catalog", "awswrangler_athena", "awswrangler_storage"),
    ),
    Client(
        "pyathena",
        "PyAthena with SQLAlchemy",
        "pyathena",
        modules=("pyathena", "pyathena_sqlalchemy"),
    ),
    Client("dbt-athena", "dbt-athena", "dbt-athena"),
    Client("pyiceberg", "PyIceberg with s3fs and PyArrow", "pyiceberg"),
    Client("datahub", "DataHub's Glue source", "acryl-datahub"),
    Client(
        "dataall",
        "data.all's client classes",
        "boto3",
        seed="mesh",
        region="eu-west-1",
        source_variable="DATAALL_SOURCE",
    ),
    Client("awscli", "AWS CLI: sharing across accounts", "awscli", seed="mesh", region="eu-west-1"),
)
BY_NAME = {client.name: client for client in CLIENTS}
