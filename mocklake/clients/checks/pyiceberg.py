"""PyIceberg, through each of its file systems."""

from mocklake.clients.checks.iceberg_steps import Steps

FSSPEC, PYARROW = Steps("fsspec"), Steps("pyarrow")


def create_namespace_by_fsspec() -> None:
    FSSPEC.create_namespace()


def create_table_by_fsspec() -> None:
    FSSPEC.create_table()


def refuse_second_table_by_fsspec() -> None:
    FSSPEC.refuse_second_table()


def append_rows_by_fsspec() -> None:
    FSSPEC.append_rows()


def append_many_rows_by_fsspec() -> None:
    FSSPEC.append_many_rows()


def filter_rows_by_fsspec() -> None:
    FSSPEC.filter_rows()


def overwrite_rows_by_fsspec() -> None:
    FSSPEC.overwrite_rows()


def delete_rows_by_fsspec() -> None:
    FSSPEC.delete_rows()


def upsert_rows_by_fsspec() -> None:
    FSSPEC.upsert_rows()


def evolve_schema_by_fsspec() -> None:
    FSSPEC.evolve_schema()


def set_properties_by_fsspec() -> None:
    FSSPEC.set_properties()


def travel_in_time_by_fsspec() -> None:
    FSSPEC.travel_in_time()


def lose_no_overlapping_commit_by_fsspec() -> None:
    FSSPEC.lose_no_overlapping_commit()


def write_partitions_by_fsspec() -> None:
    FSSPEC.write_partitions()


def rename_table_by_fsspec() -> None:
    FSSPEC.rename_table()


def drop_tables_by_fsspec() -> None:
    FSSPEC.drop_tables()


def drop_namespace_by_fsspec() -> None:
    FSSPEC.drop_namespace()


def create_namespace_by_pyarrow() -> None:
    PYARROW.create_namespace()


def create_table_by_pyarrow() -> None:
    PYARROW.create_table()


def refuse_second_table_by_pyarrow() -> None:
    PYARROW.refuse_second_table()


def append_rows_by_pyarrow() -> None:
    PYARROW.append_rows()


def append_many_rows_by_pyarrow() -> None:
    PYARROW.append_many_rows()


def filter_rows_by_pyarrow() -> None:
    PYARROW.filter_rows()


def overwrite_rows_by_pyarrow() -> None:
    PYARROW.overwrite_rows()


def delete_rows_by_pyarrow() -> None:
    PYARROW.delete_rows()


def upsert_rows_by_pyarrow() -> None:
    PYARROW.upsert_rows()


def evolve_schema_by_pyarrow() -> None:
    PYARROW.evolve_schema()


def set_properties_by_pyarrow() -> None:
    PYARROW.set_properties()


def travel_in_time_by_pyarrow() -> None:
    PYARROW.travel_in_time()


def lose_no_overlapping_commit_by_pyarrow() -> None:
    PYARROW.lose_no_overlapping_commit()


def write_partitions_by_pyarrow() -> None:
    PYARROW.write_partitions()


def rename_table_by_pyarrow() -> None:
    PYARROW.rename_table()


def drop_tables_by_pyarrow() -> None:
    PYARROW.drop_tables()


def drop_namespace_by_pyarrow() -> None:
    PYARROW.drop_namespace()
