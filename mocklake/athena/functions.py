"""Functions of Trino that DuckDB has by another name or not at all."""

from collections.abc import Callable

import sqlglot
from sqlglot import exp

from mocklake.athena.expression_types import ColumnTypes, type_of
from mocklake.athena.failures import QueryFailedError
from mocklake.athena.positions import position_of

MACROS = (
    "arrays_overlap(a, b) AS list_has_any(a, b)",
    "array_union(a, b) AS list_distinct(list_concat(a, b))",
    "checksum(a) AS unhex(md5(CAST(list_sort(list(CAST(a AS VARCHAR))) AS VARCHAR)))",
    "codepoint(a) AS unicode(a)",
    "at_timezone(a, b) AS a",
    "to_iso8601(a) AS strftime(a, CASE WHEN typeof(a) = 'DATE' THEN '%Y-%m-%d' ELSE '%Y-%m-%dT%H:%M:%S.%g' END)",
    "url_extract_host(a) AS nullif(regexp_extract(a, '^[a-zA-Z][a-zA-Z0-9+.-]*://([^/:?#]+)', 1), '')",
    "url_extract_protocol(a) AS nullif(regexp_extract(a, '^([a-zA-Z][a-zA-Z0-9+.-]*)://', 1), '')",
    "url_extract_path(a) AS regexp_extract(a, '^[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#]+([^?#]*)', 1)",
    "url_extract_query(a) AS nullif(regexp_extract(a, '[?]([^#]*)', 1), '')",
    "map_agg(a, b) AS map(list(a), list(b))",
    "multimap_agg(a, b) AS map(list(a), list([b]))",
    "numeric_histogram(a, b) AS histogram(b)",
    "is_nan(a) AS isnan(a)",
    "is_finite(a) AS isfinite(a)",
    "is_infinite(a) AS isinf(a)",
    "bitwise_not(a) AS ~a",
    "word_stem(a) AS a",
    "zip(a, b) AS list_zip(a, b)",
    "array_position(a, b) AS coalesce(list_position(a, b), 0)",
    "array_frequency(a) AS list_histogram(a)",
    "cosine_similarity(a, b) AS list_cosine_similarity(a, b)",
    "date_of(a) AS CAST(a AS DATE)",
    "current_catalog_name() AS 'awsdatacatalog'",
)
_KNOWN = {
    "any_match", "all_match", "none_match", "transform_values", "transform_keys", "map_filter",
    "map_concat", "map_entries", "map_keys", "map_values", "map_from_entries", "element_at", "cardinality", "row",
    "array_distinct", "array_intersect", "array_max", "array_min", "array_sum", "array_average", "sha256", "sha1",
    "split_to_map", "histogram", "bitwise_left_shift", "bitwise_right_shift", "contains", "typeof", "concat_ws",
    "regexp_count", "regexp_position", "translate", "array_sort", "degrees", "radians", "version",
    "checksum", "entropy", "geometric_mean", "kurtosis", "skewness", "regr_slope", "regr_intercept", "soundex",
    "normalize", "cbrt", "truncate", "sign", "random", "rand", "uuid", "to_milliseconds", "timezone_hour", "yearweek",
    "approx_set", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile", "nth_value", "bool_and", "bool_or",
    "acos", "asin", "atan", "atan2", "cos", "sin", "tan", "cosh", "sinh", "tanh", "e", "nan", "infinity", "width_bucket",
    "json_array_contains", "json_array_length", "json_size", "is_json_scalar", "crc32", "xxhash64", "day_of_year", "timezone", "hamming_distance",
}  # fmt: skip
_NAMES = frozenset(one.partition("(")[0] for one in MACROS) | _KNOWN
_LAMBDAS = {
    "any_match": "len(list_filter({0}, {1})) > 0",
    "all_match": "len(list_filter({0}, {1})) = len({0})",
    "none_match": "len(list_filter({0}, {1})) = 0",
}
_SHIFTS = (exp.DateAdd, exp.DateSub, exp.DateTrunc, exp.TimestampTrunc, exp.Add, exp.Sub)
_RENAMED = {"sha1": "UNHEX(SHA1({0}))", "array_sum": "LIST_SUM({0})", "array_average": "LIST_AVG({0})"}


def check(tree: exp.Expr) -> None:
    """Raises QueryFailedError for a function that Trino does not have."""
    for node in tree.find_all(exp.Anonymous):
        name = str(node.this).lower()
        if name not in _NAMES:
            text = f"{position_of(node)}: Function '{name}' not registered"
            raise QueryFailedError(f"FUNCTION_NOT_FOUND: {text}")


def rewrite(tree: exp.Expr, types: ColumnTypes) -> None:
    for node in list(tree.find_all(exp.Anonymous)):
        name = str(node.this).lower()
        if name in _LAMBDAS:
            node.replace(_filled(_LAMBDAS[name], node))
        elif name in _RENAMED:
            node.replace(_filled(_RENAMED[name], node))
        elif name in _OF_ENTRIES:
            node.replace(_OF_ENTRIES[name](*node.expressions))
    for kind in list(tree.find_all(exp.Typeof)):
        kind.replace(exp.Lower(this=kind.copy()))
    for text in list(tree.find_all(exp.Format)):
        text.replace(exp.Anonymous(this="PRINTF", expressions=[text.this, *text.expressions]))
    for shift in list(tree.find_all(*_SHIFTS)):
        _keep_date(shift, types)


def _filled(form: str, node: exp.Anonymous) -> exp.Expr:
    given = [one.sql("duckdb") for one in node.expressions]
    return exp.paren(sqlglot.parse_one(form.format(*given), read="duckdb"))


def _keep_date(node: exp.Expr, types: ColumnTypes) -> None:
    """DuckDB makes a timestamp of a date that is moved or cut."""
    if type_of(node, types) == "date" and not isinstance(node.parent, exp.Cast):
        node.replace(exp.cast(node.copy(), exp.DataType.Type.DATE))


def _entries(mapping: exp.Expr, function: exp.Expr, form: str) -> exp.Expr:
    """`form` over the entries of a map, where the lambda's two variables are an entry's key and value."""
    entry = exp.to_identifier("entry_")
    parts = dict(zip([one.name for one in function.expressions], ("key", "value"), strict=False))
    body = function.this.copy()
    for one in list(body.find_all(exp.Column)) or []:
        if not one.table and one.name in parts:
            one.replace(exp.column(parts[one.name], table=entry.name))
    for one in list(body.find_all(exp.Identifier)):
        if not isinstance(one.parent, exp.Column) and one.name in parts:
            one.replace(exp.column(parts[one.name], table=entry.name))
    filled = form.format(mapping.sql("duckdb"), body.sql("duckdb"))
    return sqlglot.parse_one(filled, read="duckdb")


_OF_ENTRIES: dict[str, Callable[..., exp.Expr]] = {
    "transform_values": lambda mapping, function: _entries(
        mapping,
        function,
        "map_from_entries(list_transform(map_entries({0}), lambda entry_: struct_pack(k := entry_.key, v := {1})))",
    ),
    "transform_keys": lambda mapping, function: _entries(
        mapping,
        function,
        "map_from_entries(list_transform(map_entries({0}), lambda entry_: struct_pack(k := {1}, v := entry_.value)))",
    ),
    "map_filter": lambda mapping, function: _entries(
        mapping, function, "map_from_entries(list_filter(map_entries({0}), lambda entry_: {1}))"
    ),
}
