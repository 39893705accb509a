"""Whether the packages of the extra `athena` are installed, by which objects are read."""

from importlib.util import find_spec

HAS_QUERIES = all(find_spec(package) for package in ("duckdb", "sqlglot"))
