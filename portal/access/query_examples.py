"""Query examples for a grant, one per tool, with the names valid in the consumer account."""

import json
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from django.conf import settings
from django.utils.translation import gettext as _

from catalog.mirror.models import Table
from requests_app.grants.consumer_names import get_consumer_database
from requests_app.grants.models import Grant

WORKGROUP = "primary"
"""Athena's own workgroup, which every account has."""
DOMAINS = {"cn-": "console.amazonaws.cn", "us-gov-": "console.amazonaws-us-gov.com"}
"""Of regions with such a prefix; the others are `console.aws.amazon.com`."""
MAX_COLUMNS = 8
UNQUOTED_NAME = re.compile(r"[a-z][a-z0-9_]*")
_RESERVED = """
    alter and as between by case cast constraint create cross cube current_catalog current_date current_path
    current_schema current_time current_timestamp current_user deallocate delete describe distinct drop else end escape
    except execute exists extract false first for from full group grouping having in inner insert intersect into is join
    json_array json_exists json_object json_query json_table json_value last left like listagg localtime localtimestamp
    natural normalize not null of on or order outer prepare recursive right rollup select skip table then trim true
    uescape union unnest using values when where with"""
RESERVED_WORDS = frozenset(_RESERVED.split())
"""Athena User Guide, "Reserved keywords in SQL SELECT statements"."""


@dataclass(frozen=True)
class QueryExample:
    """An example for one tool, in the account and region of the grant's role. For Redshift, the role must be attached."""

    id: str
    label: str
    text: str


@dataclass(frozen=True)
class QueryNames:
    """Names used in the examples. `columns` is empty for all columns; `user` is empty for a role."""

    database: str
    table: str
    columns: tuple[str, ...]
    region: str
    role: str
    user: str
    account: str

    @property
    def sql(self) -> str:
        return self._build_select(quote_name(self.database))

    @property
    def schema(self) -> str:
        """The external schema that Redshift reads the database through."""
        return quote_name(f"{self.database}_spectrum")

    @property
    def spectrum_sql(self) -> str:
        return self._build_select(self.schema)

    @property
    def formatted_sql(self) -> str:
        """One column per line."""
        return self._build_select(quote_name(self.database), ",\n       ") + ";"

    def _build_select(self, database: str, separator: str = ", ") -> str:
        columns = separator.join(quote_name(name) for name in self.columns) or "*"
        return f"SELECT {columns}\nFROM {database}.{quote_name(self.table)}\nLIMIT 10"


def build_query_names(grant: Grant, table: Table | None = None) -> QueryNames:
    """The database is the one in which the role's account finds the table just now. Of a grant that reaches many tables,
    `table` is one of them.
    """
    account, table = grant.principal.account, table or grant.item.table
    return QueryNames(
        database=get_consumer_database(grant, table),
        table=table.name,
        columns=tuple(islice(list_granted_columns(grant, table), MAX_COLUMNS)),
        region=account.region,
        role=grant.principal.arn,
        user=grant.principal.name if grant.principal.is_user else "",
        account=account.account_id,
    )


def list_granted_columns(grant: Grant, table: Table) -> Iterator[str]:
    """The granted ones of the table's columns, in their order; empty for all columns."""
    given = grant.intent.access.cells.columns
    if not grant.item.target.has_column_choice or given.is_every:
        return
    names, asked = {name.lower() for name in given.names}, set(grant.item.columns)
    for column in table.column_facts:
        is_named = column.name.lower() in names
        if is_named != given.is_exclusion or (column.is_partition_key and column.name in asked):
            yield column.name


def quote_name(name: str) -> str:
    """Without quotes if Athena allows it."""
    if UNQUOTED_NAME.fullmatch(name) and name not in RESERVED_WORDS:
        return name
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def build_query_examples(grant: Grant, table: Table | None = None) -> Sequence[QueryExample]:
    """Ways to read what the grant gives; of one that gives the metadata alone, the way to those. Of one that
    reaches many tables, `table` is one of them. Redshift, EMR and SageMaker work as roles, never as an IAM user.
    """
    names = build_query_names(grant, table)
    if not grant.item.target.shows_data:
        return [QueryExample("boto3", "boto3", _build_session(names) + _build_metadata_example(names))]
    by_anyone = [
        QueryExample("athena", _("Athena SQL"), names.formatted_sql),
        QueryExample(
            "boto3",
            "boto3",
            _build_session(names, "import time\n\nimport boto3") + _build_boto3_example(names),
        ),
        QueryExample("awswrangler", "awswrangler", _build_awswrangler_example(names)),
    ]
    if names.user:
        return by_anyone
    sagemaker_example = (
        "%pip install --quiet awswrangler\n\n" + _build_awswrangler_example(names) + "\nframe.head()"
    )
    # On EMR with Lake Formation switched on: the step runs as the role, its runtime role.
    columns = ", ".join(_quote_spark_name(name) for name in names.columns) or "*"
    spark_sql = f"SELECT {columns}\nFROM {_quote_spark_name(names.database)}.{_quote_spark_name(names.table)}\nLIMIT 10"
    spark_example = (
        "from pyspark.sql import SparkSession\n\n"
        "spark = SparkSession.builder.enableHiveSupport().getOrCreate()\n"
        f"spark.sql({_quote_python_string(spark_sql)}).show()"
    )
    redshift_sql = (
        f"CREATE EXTERNAL SCHEMA IF NOT EXISTS {names.schema}\n"
        f"FROM DATA CATALOG DATABASE {_quote_sql_string(names.database)}\n"
        f"REGION {_quote_sql_string(names.region)}\n"
        f"IAM_ROLE {_quote_sql_string(names.role)};\n\n"
        f"{names.spectrum_sql};"
    )
    return [
        *by_anyone,
        *_build_api_examples(grant, names),
        QueryExample("redshift", _("Redshift Spectrum"), redshift_sql),
        QueryExample("emr", _("EMR Spark"), spark_example),
        QueryExample("sagemaker", _("SageMaker notebook"), sagemaker_example),
        QueryExample("data_api", _("Redshift Data API"), _build_data_api_example(names)),
    ]


def _build_api_examples(grant: Grant, names: QueryNames) -> list[QueryExample]:
    """Builds examples for the portal's own data API, for a grant of one table of a data product."""
    item = grant.item
    if item.product is None or not item.target.is_single_table:
        return []
    body: dict[str, object] = {"table": f"{item.table.database.name}.{item.table.name}", "limit": 10}
    if names.columns:
        body["columns"] = names.columns
    text = (
        f"curl {settings.SITE_URL}/api/v1/data-products/{item.product.slug}/queries \\\n"
        '  -H "Authorization: Bearer $MESHMARKET_TOKEN" -H "Content-Type: application/json" \\\n'
        f"  -d {shlex.quote(json.dumps(body))}"
    )
    return [QueryExample("api", _("Data API, without SQL"), text)]


def _build_session(names: QueryNames, imports: str = "import boto3") -> str:
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


def _build_metadata_example(names: QueryNames) -> str:
    return (
        'glue = session.client("glue")\n'
        f"table = glue.get_table(DatabaseName={json.dumps(names.database)}, Name={json.dumps(names.table)})\n"
        'for column in table["Table"]["StorageDescriptor"]["Columns"]:\n'
        '    if column.get("Parameters", {}).get("iceberg.field.current") != "false":\n'
        '        print(column["Name"], column["Type"])'
    )


def _build_boto3_example(names: QueryNames) -> str:
    return (
        'athena = session.client("athena")\n'
        "query = athena.start_query_execution(\n"
        f"    QueryString={_quote_python_string(names.sql)},\n"
        f"    WorkGroup={json.dumps(WORKGROUP)},\n"
        ')["QueryExecutionId"]\n'
        "while True:\n"
        "    state = athena.get_query_execution(QueryExecutionId=query)\n"
        '    if state["QueryExecution"]["Status"]["State"] not in {"QUEUED", "RUNNING"}:\n'
        "        break\n"
        "    time.sleep(1)\n"
        'rows = athena.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"]'
    )


def _build_awswrangler_example(names: QueryNames) -> str:
    session = _build_session(names, "import awswrangler as wr\nimport boto3")
    return (
        f"{session}"
        "frame = wr.athena.read_sql_query(\n"
        f"    {_quote_python_string(names.sql)},\n"
        f"    database={json.dumps(names.database)},\n"
        "    boto3_session=session,\n"
        ")"
    )


def _build_data_api_example(names: QueryNames) -> str:
    """Once the external schema of Redshift Spectrum is there. The names of workgroup and database are AWS's own defaults."""
    return _build_session(names, "import time\n\nimport boto3") + (
        'redshift = session.client("redshift-data")\n'
        "query = redshift.execute_statement(\n"
        '    WorkgroupName="default-workgroup",\n'
        '    Database="dev",\n'
        f"    Sql={_quote_python_string(names.spectrum_sql)},\n"
        ')["Id"]\n'
        'while redshift.describe_statement(Id=query)["Status"] in {"SUBMITTED", "PICKED", "STARTED"}:\n'
        "    time.sleep(1)\n"
        'rows = redshift.get_statement_result(Id=query)["Records"]'
    )


def _quote_spark_name(name: str) -> str:
    """Spark's quotes."""
    doubled = name.replace("`", "``")
    return f"`{doubled}`"


def _quote_sql_string(text: str) -> str:
    """A text in SQL."""
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def _quote_python_string(text: str) -> str:
    """A text in Python, on one line."""
    return json.dumps(" ".join(text.split("\n")), ensure_ascii=False)


def get_athena_url(region: str) -> str:
    """The editor opens in the account and role that the browser is signed in with."""
    domain = next(
        (one for prefix, one in DOMAINS.items() if region.startswith(prefix)), "console.aws.amazon.com"
    )
    return f"https://{region}.{domain}/athena/home?region={region}#/query-editor"
