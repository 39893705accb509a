"""Documents that a whole text names: a product, table, address in S3, ARN, id, person or team."""

import re
from collections.abc import Iterator
from typing import Any

from catalog.search.index.models import VISIBLE_DOCUMENT
from catalog.search.terms import MAX_TEXT
from identity.people.models import Person
from kernel.sql import prepared_cursor

MAX_WORDS = 12
"""Of a name; a longer text names nothing."""
MAX_FOUND = 50
MAX_FOLDERS = 40
"""Of an address in S3."""

_QUOTES = "\"'`"
_QUALIFIED = re.compile(r"(?:[\w-]+\.)?([\w-]+)\.([\w-]+)")
_ADDRESS = re.compile(r"(?:s3[an]?://|arn:aws[\w-]*:s3:::)(\S+)", re.IGNORECASE)
_GLUE_ARN = re.compile(r"arn:aws[\w-]*:glue:([\w-]+):(\d{12}):(?:table|database)/([^/\s]+)(?:/([^/\s]+))?")
_TABLE_ID = re.compile(r"(?:#|(?:https?://\S+)?/tables/)?([1-9]\d{0,17})/?", re.ASCII)
_PRODUCT_PAGE = re.compile(r"(?:https?://\S+)?/data-products/([\w-]+)/?")
_YEAR = re.compile(r"(?:19|20)\d\d", re.ASCII)

# Each name is looked up in an index of its own. OFFSET 0 and LIMIT keep the planner from reading a whole table instead.
_LIVE = "t.tombstoned_at IS NULL"
_STATEMENT = f"""WITH given AS MATERIALIZED (
  SELECT catalog_exact_key(%(name)s::text) AS name, catalog_exact_key(%(database)s::text) AS database,
    catalog_exact_key(%(table)s::text) AS "table"
), tables AS MATERIALIZED (
  SELECT 1 AS place, named.id FROM given CROSS JOIN LATERAL (SELECT t.id FROM catalog_table t
    WHERE catalog_exact_key(t.name) = given."table" AND {_LIVE} AND t.database_id IN (SELECT b.id FROM catalog_database b
      WHERE catalog_exact_key(b.name) = given.database AND b.tombstoned_at IS NULL)
    LIMIT {MAX_FOUND}) AS named
  UNION ALL SELECT 3, named.id FROM given CROSS JOIN LATERAL (SELECT t.id FROM catalog_table t
    WHERE catalog_exact_key(t.name) = given.name AND {_LIVE} LIMIT {MAX_FOUND}) AS named
  UNION ALL SELECT one.place::integer, stored.id FROM unnest(%(folders)s::text[]) WITH ORDINALITY AS one(folder, place)
    CROSS JOIN LATERAL (SELECT t.id FROM catalog_table t
      WHERE rtrim(t.location, '/') = one.folder AND {_LIVE} AND t.location <> '' LIMIT {MAX_FOUND}) AS stored
  UNION ALL SELECT 1, t.id FROM identity_account a
    JOIN identity_connectedcatalog k ON k.account_id = a.id AND k.region = %(region)s
    JOIN catalog_database b ON b.catalog_id = k.id AND b.name = %(arn_database)s AND b.tombstoned_at IS NULL
    JOIN catalog_table t ON t.database_id = b.id AND {_LIVE} AND (%(arn_table)s::text IS NULL OR t.name = %(arn_table)s)
    WHERE a.account_id = %(account)s
  UNION ALL SELECT 1, %(id)s::bigint WHERE %(id)s::bigint IS NOT NULL
), products AS (
  SELECT 1 AS place, p.id FROM catalog_dataproduct p, given WHERE catalog_exact_key(p.name) = given.name
  UNION ALL SELECT 2, p.id FROM catalog_dataproduct p, given WHERE catalog_exact_key(p.slug) = given.name
  UNION ALL SELECT 1, p.id FROM catalog_dataproduct p WHERE p.slug = %(slug)s
  UNION ALL SELECT 4, p.id FROM given JOIN identity_person o ON catalog_exact_key(o.name) = given.name
    JOIN catalog_dataproduct p ON p.owner_id = o.id
  UNION ALL SELECT 4, p.id FROM identity_person o JOIN catalog_dataproduct p ON p.owner_id = o.id WHERE o.email = %(email)s
  UNION ALL SELECT 5, p.id FROM given JOIN identity_team g ON catalog_exact_key(g.name) = given.name
    JOIN catalog_domain d ON d.owner_team_id = g.id JOIN catalog_dataproduct p ON p.domain_id = d.id
), found AS (
  SELECT place, id FROM tables UNION ALL SELECT place, -id FROM products
  UNION ALL SELECT tables.place, -l.product_id FROM tables JOIN catalog_producttable l ON l.table_id = tables.id
)
SELECT d.id FROM (SELECT id, min(place) AS place FROM found GROUP BY id) AS one
JOIN catalog_document d ON d.id = one.id AND {VISIBLE_DOCUMENT}
ORDER BY one.place, d.id > 0, d.name, d.id LIMIT {MAX_FOUND}"""  # noqa: S608
STATEMENT = " ".join(_STATEMENT.split())


def find_exact(text: str, person: Person) -> tuple[int, ...]:
    """Ids of documents, as in `Document`, that the person may find and the text names; the most exact first, products before tables.

    One query; none for a text that cannot be a name. A table in a product is found as its product.
    """
    parameters = exact_parameters(text, person)
    if parameters is None:
        return ()
    with prepared_cursor() as cursor:
        cursor.execute(STATEMENT, parameters)
        return tuple(pk for (pk,) in cursor.fetchall())


def exact_parameters(text: str, person: Person) -> dict[str, Any] | None:
    """For `STATEMENT`; None if the text cannot be a name. For people from outside addresses in AWS name nothing."""
    bare = text[:MAX_TEXT].strip().strip(_QUOTES).strip()
    words = bare.split()
    if not words or len(words) > MAX_WORDS or not any(map(str.isalnum, bare)):
        return None
    parameters: dict[str, Any] = dict.fromkeys(
        ("name", "database", "table", "region", "account", "arn_database", "arn_table", "id", "slug", "email")
    )
    parameters |= {"folders": [], "name": bare, "person": person.pk}
    if len(words) == 1:
        parameters |= dict(_single_word_parameters(bare))
    if person.is_external:
        parameters |= {"folders": [], "account": None}
    return parameters


def _single_word_parameters(text: str) -> Iterator[tuple[str, Any]]:
    if address := _ADDRESS.fullmatch(text):
        parts = address.group(1).removesuffix("*").strip("/").split("/")[:MAX_FOLDERS]
        yield from (
            ("name", None),
            ("folders", [f"s3://{'/'.join(parts[:end])}" for end in range(len(parts), 0, -1)]),
        )
    elif arn := _GLUE_ARN.fullmatch(text):
        names = ("region", "account", "arn_database", "arn_table")
        yield from (("name", None), *zip(names, arn.groups(), strict=True))
    elif page := _PRODUCT_PAGE.fullmatch(text):
        yield from (("name", None), ("slug", page.group(1)))
    elif number := _TABLE_ID.fullmatch(text):
        yield "id", None if _YEAR.fullmatch(text) else int(number.group(1))
    elif qualified := _QUALIFIED.fullmatch(text.translate(str.maketrans("", "", _QUOTES))):
        yield from zip(("database", "table"), qualified.groups(), strict=True)
    elif "@" in text:
        yield "email", text.lower()
