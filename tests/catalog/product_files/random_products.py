"""Random products, as files have them."""

from typing import Any

from hypothesis import strategies as st

from catalog.product_files.state import FileColumn, FileDiscovery, FileServer, FileTable, ProductFile

CHARACTERS = st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00")
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True)
SLUGS = st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True)
TRICKY = st.sampled_from(
    ["", "null", "yes", "1.0", "2026-01-01", "- a", "a: b", "# no", "~", "0x1f", "'", '"', "{", "&a", "*a", "!x", "|", ">", "@", "%a", "1_0", "é\u2028ü"]
)  # fmt: skip


def build_texts(longest: int, shortest: int = 0) -> st.SearchStrategy[str]:
    """As the portal keeps them: stripped."""
    found = st.text(CHARACTERS, max_size=min(longest, 200)) | TRICKY
    return found.map(str.strip).filter(lambda text: len(text) >= shortest)


PERCENTS = st.none() | st.decimals(min_value="0.001", max_value=100, places=3)
COLUMNS = st.builds(
    FileColumn, NAMES, st.sampled_from(["string", "bigint", "decimal(10,2)", "array<struct<a:string>>", "date"]), build_texts(80),
    st.sampled_from(["", "public", "private", "sensitive"]), st.booleans(),
)  # fmt: skip
TABLES = st.builds(
    FileTable,
    st.builds("{}.{}".format, NAMES, NAMES),
    st.just("") | NAMES,
    build_texts(80),
    st.sampled_from(["table", "view"]),
    st.lists(COLUMNS, max_size=4).map(tuple),
)
KINDS = ("code", "pipeline", "dashboard", "documentation")
URLS = st.lists(st.builds("https://{}.example/{}".format, NAMES, NAMES), min_size=1, max_size=3, unique=True)
LINKS = st.fixed_dictionaries({}, optional=dict.fromkeys(KINDS, URLS)).map(
    lambda links: {kind: links[kind] for kind in KINDS if kind in links}
)
TEAM_SLUGS = st.lists(SLUGS, max_size=3, unique=True).map(sorted).map(tuple)
AUDIENCES = st.sampled_from(["everyone", "organisation", "line", "domain", "teams"])
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "name": build_texts(160, 1), "summary": build_texts(240, 1), "description": build_texts(20_000),
    "keywords": st.lists(build_texts(60, 1), max_size=5, unique=True).map(tuple), "refresh": build_texts(60),
    "owner": st.emails(), "support": build_texts(240), "support_hours": build_texts(120),
    "passing_on": st.sampled_from(["allowed", "same_terms", "with_approval", "forbidden"]),
    "freshness_hours": st.none() | st.integers(1, 87_600), "answer_hours": st.none() | st.integers(1, 87_600),
    "completeness_percent": PERCENTS, "availability_percent": PERCENTS, "quality_percent": PERCENTS,
    "retention": build_texts(120), "terms": build_texts(10_000), "sql_example": build_texts(4000), "python_example": build_texts(4000),
    "links": LINKS, "inputs": st.lists(SLUGS, max_size=4, unique=True).map(sorted).map(tuple),
    "tables": st.lists(TABLES, max_size=3).map(tuple),
}  # fmt: skip
STATED = st.fixed_dictionaries(
    {
        "version": st.sampled_from(["", "1.0.0", "12.3.4"]),
        "lifecycle": st.sampled_from(["draft", "published", "deprecated", "retired"]),
        "domain": SLUGS,
        "team": build_texts(80, 1),
        "tier": st.sampled_from(["gold", "silver", "bronze"]),
    }
)
PRODUCT_FILES = st.builds(
    ProductFile,
    SLUGS,
    st.fixed_dictionaries(FIELDS),
    STATED,
    st.none() | st.builds(FileDiscovery, AUDIENCES, AUDIENCES, TEAM_SLUGS, TEAM_SLUGS),
    st.none()
    | st.lists(st.builds(FileServer, NAMES, st.just("1" * 12), NAMES), min_size=1, max_size=2).map(tuple),
)
