"""How to query what a grant gives, tool by tool, in the names of the caller's own account. Texts to copy and run."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from django.utils.translation import gettext as _

from catalog.mirror.models import Table
from fulfilment.observations.storage import place_of
from identity.accounts.models import Account
from lakeformation.access.link_naming import landing_name, link_name
from lakeformation.values.permissions import Place
from requests_app.grants.models import Grant

MOST_COLUMNS = 8
PLAIN = re.compile(r"[a-z][a-z0-9_]*")
_RESERVED = """
    alter and as between by case cast constraint create cross cube current_catalog current_date current_path
    current_schema current_time current_timestamp current_user deallocate delete describe distinct drop else end escape
    except execute exists extract false first for from full group grouping having in inner insert intersect into is join
    json_array json_exists json_object json_query json_table json_value last left like listagg localtime localtimestamp
    natural normalize not null of on or order outer prepare recursive right rollup select skip table then trim true
    uescape union unnest using values when where with"""
RESERVED = frozenset(_RESERVED.split())
"""Athena User Guide, "Reserved keywords in SQL SELECT statements"."""


@dataclass(frozen=True)
class Use:
    """One way, in the account and region of the grant's role. Redshift takes the role once it is attached to it."""

    id: str
    label: str
    text: str


@dataclass(frozen=True)
class Names:
    """What the texts are filled with. `columns` is empty for all of them; `user` is empty where it is a role."""

    database: str
    table: str
    columns: tuple[str, ...]
    region: str
    role: str
    user: str
    account: str

    @property
    def sql(self) -> str:
        return self._select(quoted(self.database))

    @property
    def schema(self) -> str:
        """The external schema that Redshift reads the database through."""
        return quoted(f"{self.database}_spectrum")

    @property
    def spectrum_sql(self) -> str:
        return self._select(self.schema)

    @property
    def statement(self) -> str:
        """To be read and copied: a column a line, so that no name is broken."""
        return self._select(quoted(self.database), ",\n       ") + ";"

    def _select(self, database: str, between: str = ", ") -> str:
        columns = between.join(quoted(name) for name in self.columns) or "*"
        return f"SELECT {columns}\nFROM {database}.{quoted(self.table)}\nLIMIT 10"


def names_of(grant: Grant, table: Table | None = None) -> Names:
    """The database is the one in which the role's account finds the table just now. Of a grant that reaches many tables,
    `table` is one of them.
    """
    account, table = grant.principal.account, table or grant.item.table
    return Names(
        database=_found_in(grant, table),
        table=table.name,
        columns=tuple(islice(_columns_of(grant), MOST_COLUMNS)),
        region=account.region,
        role=grant.principal.arn,
        user=grant.principal.name if grant.principal.is_user else "",
        account=account.account_id,
    )


def _columns_of(grant: Grant) -> Iterator[str]:
    """In the order of the table, those that the grant gives and the table still has; none for all of them."""
    given = grant.intent.access.columns
    if grant.item.reaches_many or grant.item.metadata_only or given.is_every:
        return
    names, asked = {name.lower() for name in given.names}, set(grant.item.columns)
    for column in grant.item.table.columns.all():
        is_named = column.name.lower() in names
        if is_named != given.but or (column.is_partition_key and column.name in asked):
            yield column.name


def _found_in(grant: Grant, table: Table) -> str:
    """What was adopted has no name of ours: it is read through whatever link the account has."""
    access = grant.intent.access
    return (
        landed_in(table, grant.principal.account)
        if access.reaches_many or access.adopted
        else grant.intent.found_in
    )


def landed_in(table: Table, account: Account | None) -> str:
    """The database in which the account finds the table, once it is granted: that of the resource link, or the table's
    own.
    """
    catalog = table.database.catalog
    place = place_of(catalog)
    if account and Place(account.account_id, account.region) == place:
        return table.database.name
    if account and account.lands_by_table(catalog.pk, table.database.name):
        return landing_name(table.database.name, place)
    return link_name(table.database.name, place)


def quoted(name: str) -> str:
    """Bare where Athena takes it bare."""
    if PLAIN.fullmatch(name) and name not in RESERVED:
        return name
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def uses_of(grant: Grant) -> Sequence[Use]:
    """Ways to read what the grant gives; of one that gives the metadata alone, the way to those. Redshift, EMR and
    SageMaker work as roles, never as an IAM user.
    """
    names = names_of(grant)
    if grant.item.metadata_only:
        return [Use("boto3", "boto3", _session(names) + _metadata(names))]
    by_anyone = [
        Use("athena", _("Athena SQL"), names.statement),
        Use("boto3", "boto3", _session(names, "import time\n\nimport boto3") + _boto3(names)),
        Use("awswrangler", "awswrangler", _awswrangler(names)),
    ]
    if names.user:
        return by_anyone
    return [
        *by_anyone,
        Use("redshift", _("Redshift Spectrum"), _redshift(names)),
        Use("emr", _("EMR Spark"), _spark(names)),
        Use("sagemaker", _("SageMaker notebook"), _sagemaker(names)),
        Use("data_api", _("Redshift Data API"), _data_api(names)),
    ]


def _redshift(names: Names) -> str:
    return (
        f"CREATE EXTERNAL SCHEMA IF NOT EXISTS {names.schema}\n"
        f"FROM DATA CATALOG DATABASE {_literal(names.database)}\n"
        f"REGION {_literal(names.region)}\n"
        f"IAM_ROLE {_literal(names.role)};\n\n"
        f"{names.spectrum_sql};"
    )


def _session(names: Names, imports: str = "import boto3") -> str:
    """A session as the role, or with the user's keys; where one works as it already, boto3.Session() is enough."""
    if names.user:
        return (
            f"{imports}\n\n"
            "session = boto3.Session(\n"
            f"    profile_name={json.dumps(names.user)},\n"
            f"    region_name={json.dumps(names.region)},\n"
            ")\n"
        )
    return (
        f"{imports}\n\n"
        'role = boto3.client("sts").assume_role(\n'
        f"    RoleArn={json.dumps(names.role)},\n"
        '    RoleSessionName="meshmarket",\n'
        ')["Credentials"]\n'
        "session = boto3.Session(\n"
        '    aws_access_key_id=role["AccessKeyId"],\n'
        '    aws_secret_access_key=role["SecretAccessKey"],\n'
        '    aws_session_token=role["SessionToken"],\n'
        f"    region_name={json.dumps(names.region)},\n"
        ")\n"
    )


def _metadata(names: Names) -> str:
    return (
        'glue = session.client("glue")\n'
        f"table = glue.get_table(DatabaseName={json.dumps(names.database)}, Name={json.dumps(names.table)})\n"
        'for column in table["Table"]["StorageDescriptor"]["Columns"]:\n'
        '    print(column["Name"], column["Type"])'
    )


def _boto3(names: Names) -> str:
    return (
        'athena = session.client("athena")\n'
        "query = athena.start_query_execution(\n"
        f"    QueryString={_python(names.sql)},\n"
        '    WorkGroup="primary",\n'
        ')["QueryExecutionId"]\n'
        "while True:\n"
        "    state = athena.get_query_execution(QueryExecutionId=query)\n"
        '    if state["QueryExecution"]["Status"]["State"] not in {"QUEUED", "RUNNING"}:\n'
        "        break\n"
        "    time.sleep(1)\n"
        'rows = athena.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"]'
    )


def _awswrangler(names: Names) -> str:
    session = _session(names, "import awswrangler as wr\nimport boto3")
    return (
        f"{session}"
        "frame = wr.athena.read_sql_query(\n"
        f"    {_python(names.sql)},\n"
        f"    database={json.dumps(names.database)},\n"
        "    boto3_session=session,\n"
        ")"
    )


def _spark(names: Names) -> str:
    """On EMR with Lake Formation switched on: the step runs as the role, its runtime role."""
    return (
        "from pyspark.sql import SparkSession\n\n"
        "spark = SparkSession.builder.enableHiveSupport().getOrCreate()\n"
        f"spark.sql({_python(_backticked(names))}).show()"
    )


def _sagemaker(names: Names) -> str:
    """The notebook's execution role is the role of the grant, or may assume it."""
    return "%pip install --quiet awswrangler\n\n" + _awswrangler(names) + "\nframe.head()"


def _data_api(names: Names) -> str:
    """Once the external schema of Redshift Spectrum is there. The names of workgroup and database are AWS's own defaults."""
    return _session(names, "import time\n\nimport boto3") + (
        'redshift = session.client("redshift-data")\n'
        "query = redshift.execute_statement(\n"
        '    WorkgroupName="default-workgroup",\n'
        '    Database="dev",\n'
        f"    Sql={_python(names.spectrum_sql)},\n"
        ')["Id"]\n'
        'while redshift.describe_statement(Id=query)["Status"] in {"SUBMITTED", "PICKED", "STARTED"}:\n'
        "    time.sleep(1)\n"
        'rows = redshift.get_statement_result(Id=query)["Records"]'
    )


def _backticked(names: Names) -> str:
    columns = ", ".join(_ticks(name) for name in names.columns) or "*"
    return f"SELECT {columns}\nFROM {_ticks(names.database)}.{_ticks(names.table)}\nLIMIT 10"


def _ticks(name: str) -> str:
    """Spark's quotes."""
    doubled = name.replace("`", "``")
    return f"`{doubled}`"


def _literal(text: str) -> str:
    """A text in SQL."""
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def _python(text: str) -> str:
    """A text in Python, on one line."""
    return json.dumps(" ".join(text.split("\n")), ensure_ascii=False)
