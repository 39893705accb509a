"""PyAthena's dialect of SQLAlchemy: reflection, definitions, and queries built from tables."""

from typing import Any
from urllib.parse import quote_plus

import pandas as pd
import sqlalchemy as sa

from mocklake.clients.checks.assertions import LAKE, OUTPUT, REGION, equal, fails, holds

DATABASE = "shop"


def _engine() -> Any:
    address = f"awsathena+rest://athena.{REGION}.amazonaws.com:443/{DATABASE}"
    return sa.create_engine(f"{address}?s3_staging_dir={quote_plus(OUTPUT)}&poll_interval=0.1")


def _breads() -> sa.Table:
    return sa.Table("breads", sa.MetaData(schema=DATABASE), autoload_with=_engine())


def list_schemas() -> None:
    holds(DATABASE in sa.inspect(_engine()).get_schema_names())


def list_tables() -> None:
    holds("breads" in sa.inspect(_engine()).get_table_names())


def list_views() -> None:
    with _engine().begin() as connection:
        connection.execute(sa.text("CREATE OR REPLACE VIEW cheap AS SELECT * FROM breads WHERE price < 4"))
    holds("cheap" in sa.inspect(_engine()).get_view_names())


def reflect_columns() -> None:
    columns = sa.inspect(_engine()).get_columns("breads")
    equal([column["name"] for column in columns], ["id", "bread", "price", "sold_on"])


def reflect_types() -> None:
    kinds = {column.name: type(column.type).__name__ for column in _breads().columns}
    equal((kinds["price"].upper() in ("DOUBLE", "FLOAT"), kinds["sold_on"].upper()), (True, "DATE"))


def reflect_comments() -> None:
    equal(sa.inspect(_engine()).get_columns("orders")[0]["comment"], "Order number")


def reflect_options() -> None:
    options = sa.inspect(_engine()).get_table_options("orders")
    equal(options["awsathena_location"], f"{LAKE}/orders/")


def find_table() -> None:
    equal(sa.inspect(_engine()).has_table("breads"), True)


def miss_table() -> None:
    equal(sa.inspect(_engine()).has_table("nothing"), False)


def refuse_to_reflect_missing_table() -> None:
    with fails("NoSuchTableError"):
        sa.Table("nothing", sa.MetaData(schema=DATABASE), autoload_with=_engine())


def select_rows() -> None:
    breads = _breads()
    with _engine().connect() as connection:
        rows = connection.execute(
            sa.select(breads.c.id).where(breads.c.bread == "rye").order_by(breads.c.id)
        ).all()
    equal([tuple(row) for row in rows], [(1,), (4,)])


def select_with_list() -> None:
    breads = _breads()
    with _engine().connect() as connection:
        rows = connection.execute(sa.select(breads.c.id).where(breads.c.id.in_([1, 2]))).all()
    equal(len(rows), 2)


def select_limit_and_offset() -> None:
    breads = _breads()
    with _engine().connect() as connection:
        rows = connection.execute(sa.select(breads.c.id).order_by(breads.c.id).offset(1).limit(2)).all()
    equal([row[0] for row in rows], [2, 3])


def group_rows() -> None:
    breads = _breads()
    counted = sa.select(breads.c.bread, sa.func.count()).group_by(breads.c.bread)
    with _engine().connect() as connection:
        equal(len(connection.execute(counted).all()), 3)


def create_and_drop_table() -> None:
    table = sa.Table(
        "made",
        sa.MetaData(schema=DATABASE),
        sa.Column("id", sa.Integer, comment="A number"),
        sa.Column("name", sa.String),
        awsathena_location=f"{LAKE}/made/",
        awsathena_file_format="PARQUET",
    )
    table.create(bind=_engine())
    equal(sa.inspect(_engine()).has_table("made"), True)
    table.drop(bind=_engine())
    equal(sa.inspect(_engine()).has_table("made"), False)


def insert_rows() -> None:
    with _engine().begin() as connection:
        connection.execute(
            sa.insert(_breads()).values(id=5, bread="oat", price=2.0, sold_on=sa.text("DATE '2026-10-05'"))
        )
        equal(connection.execute(sa.text("SELECT count(*) FROM breads")).scalar(), 5)


def read_into_pandas() -> None:
    with _engine().connect() as connection:
        equal(len(pd.read_sql(sa.text("SELECT * FROM breads"), connection)), 5)
