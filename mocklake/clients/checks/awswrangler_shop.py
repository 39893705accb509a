"""AWS SDK for pandas: the shop's data, and queries of it."""

import datetime as dt
from typing import Any

import awswrangler as wr
import pandas as pd

from mocklake.clients.checks.assertions import LAKE, OUTPUT

DATABASE = "shop"
ORDERS = f"{LAKE}/orders/"


def orders() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "id": [1, 2, 3, 4],
            "bread": ["rye", "spelt", "rye", None],
            "price": [3.2, 4.1, 3.2, 5.0],
            "sold_on": [dt.date(2026, 10, day) for day in (1, 1, 2, 3)],
        }
    )


def read(sql: str, **options: Any) -> pd.DataFrame:
    given = {"database": DATABASE, "s3_output": OUTPUT, "ctas_approach": False, **options}
    return wr.athena.read_sql_query(sql, **given)


def run(sql: str, **options: Any) -> Any:
    started = wr.athena.start_query_execution(sql, database=DATABASE, s3_output=OUTPUT, **options)
    return wr.athena.wait_query(started)
