"""A query of Trino's dialect in DuckDB's words, with the names that Athena gives to its columns."""

from collections.abc import Callable, Mapping

import sqlglot
from sqlglot import exp

from mocklake.athena.failures import QueryFailedError
from mocklake.athena.sql_text import find_position

PATH = "$path"
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
ColumnTypes = Mapping[str, str]
"""Glue's types of columns by lower-case name, without those that differ between the tables."""
_INTEGERS = {"tinyint", "smallint", "int", "integer", "bigint"}
_NUMBERS = {*_INTEGERS, "double", "float", "real"}
_SAME_AS_OPERAND = (
    exp.Paren,
    exp.Neg,
    exp.Max,
    exp.Min,
    exp.Abs,
    exp.DateAdd,
    exp.DateSub,
    exp.DateTrunc,
    exp.TimestampTrunc,
)
_COUNTING = (exp.Count, exp.Length, exp.ArraySize, exp.CountIf, exp.ApproxDistinct)
ALIASES = {"text": "varchar", "string": "varchar", "int": "integer", "float": "double"}


def to_duckdb(query: exp.Expr, types: ColumnTypes) -> str:
    """`types` are Glue's, of the columns by lower-case name. Raises QueryFailedError for an unknown function."""
    tree = query.copy()
    check_functions(tree)
    for node in list(tree.find_all(exp.Values)):
        _name_values(node)
    for select in list(tree.find_all(exp.Select)):
        _name_columns(select)
        _hide_path(select, tree)
    rewrite_unnesting(tree, types)
    rewrite_functions(tree, types)
    for division in list(tree.find_all(exp.Div)):
        _divide(division, types)
    return tree.sql("duckdb")


def mentions_path(query: exp.Expr) -> bool:
    return any(one.name == PATH for one in query.find_all(exp.Identifier))


def list_names(query: exp.Expr, given: tuple[str, ...]) -> tuple[str, ...]:
    """The columns' names: those that nobody named are counted over the whole row, stars included."""
    is_values = isinstance(query, exp.Values)
    return tuple(
        f"_col{number}" if is_values or _is_counted(name) else name for number, name in enumerate(given)
    )


def list_declared_types(query: exp.Expr, types: Mapping[str, str]) -> dict[int, str]:
    """varchar(n) and char(n) of plain columns and casts, by position, which DuckDB does not tell."""
    select = query.find(exp.Select) if isinstance(query, exp.Subquery) else query
    if not isinstance(select, exp.Select) or any(expression.is_star for expression in select.expressions):
        return {}
    found = {number: find_type(one.unalias(), types) for number, one in enumerate(select.expressions)}
    return {number: kind for number, kind in found.items() if kind.startswith(("varchar(", "char("))}


def _is_counted(name: str) -> bool:
    return name.startswith("_col") and name.removeprefix("_col").isdigit()


def _name_values(values: exp.Values) -> None:
    alias = values.args.get("alias")
    if alias is not None and alias.args.get("columns"):
        return
    rows = values.expressions
    width = len(rows[0].expressions) if rows and isinstance(rows[0], exp.Tuple) else 1
    columns = [exp.to_identifier(f"_col{number}") for number in range(width)]
    name = alias.this if alias is not None else exp.to_identifier("_values")
    if values.find_ancestor(exp.From, exp.Join) is not None:
        values.set("alias", exp.TableAlias(this=name, columns=columns))


def _name_columns(select: exp.Select) -> None:
    if _is_compared(select):
        return
    named = [
        one if _has_name(one) else exp.alias_(one, f"_col{number}", quoted=True)
        for number, one in enumerate(select.expressions)
    ]
    select.set("expressions", named)


def _is_compared(select: exp.Select) -> bool:
    """A subquery that is a value has no names that anybody sees."""
    return isinstance(select.parent, (exp.Exists, exp.In))


def _has_name(node: exp.Expr) -> bool:
    return node.is_star or isinstance(node, (exp.Alias, exp.Aliases, exp.Column, exp.Dot))


def _hide_path(select: exp.Select, tree: exp.Expr) -> None:
    """A star does not mean the hidden column."""
    if not mentions_path(tree):
        return
    common = {one.alias_or_name.lower() for one in tree.find_all(exp.CTE)}
    places = [select.args.get("from_"), *select.args.get("joins", [])]
    tables = [place.this for place in places if place is not None and isinstance(place.this, exp.Table)]
    stored = {table.alias_or_name.lower() for table in tables if table.db or table.name.lower() not in common}
    for node in select.expressions:
        star = node.this if isinstance(node, exp.Column) else node
        is_meant = node.table.lower() in stored if isinstance(node, exp.Column) else bool(stored)
        if isinstance(star, exp.Star) and is_meant:
            star.set("except_", [exp.to_identifier(PATH, quoted=True)])


def _divide(division: exp.Div, types: ColumnTypes) -> None:
    """Integers are divided as integers."""
    if is_integer(find_type(division.this, types)) and is_integer(find_type(division.expression, types)):
        division.replace(exp.IntDiv(this=division.this, expression=division.expression))


def check_functions(tree: exp.Expr) -> None:
    """Raises QueryFailedError for a function that Trino does not have."""
    for node in tree.find_all(exp.Anonymous):
        name = str(node.this).lower()
        if name not in _NAMES:
            text = f"{find_position(node)}: Function '{name}' not registered"
            raise QueryFailedError(f"FUNCTION_NOT_FOUND: {text}")


def rewrite_functions(tree: exp.Expr, types: ColumnTypes) -> None:
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
    given = [expression.sql("duckdb") for expression in node.expressions]
    return exp.paren(sqlglot.parse_one(form.format(*given), read="duckdb"))


def _keep_date(node: exp.Expr, types: ColumnTypes) -> None:
    """DuckDB makes a timestamp of a date that is moved or cut."""
    if find_type(node, types) == "date" and not isinstance(node.parent, exp.Cast):
        node.replace(exp.cast(node.copy(), exp.DataType.Type.DATE))


def _entries(mapping: exp.Expr, function: exp.Expr, form: str) -> exp.Expr:
    """`form` over the entries of a map, where the lambda's two variables are an entry's key and value."""
    entry = exp.to_identifier("entry_")
    parts = dict(
        zip([expression.name for expression in function.expressions], ("key", "value"), strict=False)
    )
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


def rewrite_unnesting(tree: exp.Expr, types: ColumnTypes) -> None:
    for node in list(tree.find_all(exp.Unnest)):
        alias = node.args.get("alias")
        if alias is None:
            continue
        if len(node.expressions) > 1 or len(alias.args.get("columns", [])) > 1:
            node.replace(_subquery(node, alias, types))


def _subquery(node: exp.Unnest, alias: exp.Expr, types: ColumnTypes) -> exp.Expr:
    single = len(node.expressions) == 1
    selected = [_element(expression, types, is_deep=single) for expression in node.expressions]
    columns = list(alias.args["columns"])
    if node.args.get("offset"):
        first = node.expressions[0].copy()
        numbers = exp.func("GENERATE_SERIES", exp.Literal.number(1), exp.func("LEN", first))
        selected.append(exp.Anonymous(this="UNNEST", expressions=[numbers]))
        columns.append(node.args["offset"])
    inner = exp.select(*selected).subquery()
    inner.set("alias", exp.TableAlias(this=alias.this, columns=columns))
    return inner


def _element(node: exp.Expr, types: ColumnTypes, *, is_deep: bool) -> exp.Expr:
    if find_type(node, types).startswith("map"):
        node = exp.Anonymous(this="MAP_ENTRIES", expressions=[node.copy()])
    deep = [exp.PropertyEQ(this=exp.to_identifier("max_depth"), expression=exp.Literal.number(2))]
    return exp.Anonymous(this="UNNEST", expressions=[node.copy(), *(deep if is_deep else [])])


def is_integer(kind: str) -> bool:
    return kind in _INTEGERS


def is_number(kind: str) -> bool:
    return kind in _NUMBERS or kind.startswith("decimal")


def find_type(node: exp.Expr, types: ColumnTypes) -> str:
    if isinstance(node, exp.Column):
        return types.get(node.name.lower(), "")
    if isinstance(node, exp.Literal):
        return "varchar" if node.is_string else "integer" if node.is_int else "decimal"
    if isinstance(node, (exp.Cast, exp.TryCast)):
        return _written(node.to)
    return _of_function(node, types)


def _of_function(node: exp.Expr, types: ColumnTypes) -> str:
    if isinstance(node, _SAME_AS_OPERAND):
        return find_type(node.this, types)
    if isinstance(node, (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod)):
        return _of_operands(node, types)
    counts = isinstance(node, _COUNTING) or (
        isinstance(node, exp.Sum) and is_integer(find_type(node.this, types))
    )
    if counts:
        return "bigint"
    return "map" if isinstance(node, (exp.Map, exp.VarMap, exp.ToMap)) else ""


def _written(kind: exp.Expr) -> str:
    text = kind.sql("trino").lower().replace(" ", "")
    return ALIASES.get(text, text)


def _of_operands(node: exp.Binary, types: ColumnTypes) -> str:
    left, right = find_type(node.this, types), find_type(node.expression, types)
    if is_integer(left) and is_integer(right):
        return "bigint" if "bigint" in (left, right) else "integer"
    is_shifted = left == "date" and isinstance(node.expression, exp.Interval)
    return "date" if is_shifted else ""
