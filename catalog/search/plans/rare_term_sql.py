"""The statement for searches with a rare term: how frequent the terms are, and where one is rare what matches.

PostgreSQL takes longer to begin a long statement than to find a few hundred rows. So nothing is joined or grouped: what
matches comes as numbers, of which `catalog.search.plans.rare_term_search` makes the counts.
"""

from catalog.search.index.models import EVERYONE
from catalog.search.plans.general_search import MANY
from catalog.search.plans.ranking import MOST_WEIGHED, OWN, RANK, WEIGHS
from catalog.search.query import AGES, USED_BY
from catalog.search.synonyms import HEARD, asked_as

_HOURS = ",".join(map(str, AGES.values()))
_SUMS = ", ".join([
    *(f"count(*) FILTER (WHERE fresh >= since[{at}])" for at, _ in enumerate(AGES, start=1)),
    *(f"count(*) FILTER (WHERE teams >= {least})" for least in USED_BY),
])  # fmt: skip
_VECTOR = f"""CASE WHEN CASE WHEN id < 0 THEN products ELSE documents - products END <= {MOST_WEIGHED}
  THEN search ELSE names END"""
# Of the vector, which lies beside its row, only the pointer is carried along until somebody ranks by it.
_STATEMENT = f"""WITH {HEARD}, {WEIGHS}, {asked_as(())}, mine AS (
  SELECT team_id FROM identity_membership WHERE person_id = %(person)s
), {OWN.format(teams="IN (TABLE mine)")}, matched AS (
  SELECT id, name, names, domain, fresh, teams, completeness, search, said_code, tag_code
  FROM heard, asked, catalog_document
  WHERE rarest <= {MANY} AND terms IS NULL AND visibility = {EVERYONE} AND search @@ sought
), sums AS (
  SELECT count(*) AS documents, count(*) FILTER (WHERE id < 0) AS products, array_agg(id) AS ids,
    array_agg(said_code) AS said, array_agg(tag_code) AS tags, ARRAY[{_SUMS}] AS each
  FROM matched, (
    SELECT array_agg(to_char(at - h * interval '1 h', 'YYYY-MM-DD"T"HH24:MI:SS') COLLATE "C" ORDER BY h) AS since
    FROM (SELECT meshmarket_now() AT TIME ZONE 'UTC' AS at OFFSET 0) now, unnest(ARRAY[{_HOURS}]) h) ages
), page AS (
  SELECT id, matched.name::text, teams, {RANK.format(vector=_VECTOR)} AS rank
  FROM matched, asked, weighs, sums
  WHERE id < 0 OR products < %(limit)s + %(offset)s
  ORDER BY id > 0, rank DESC, matched.name, id LIMIT %(limit)s OFFSET %(offset)s
)
SELECT marks, rarest, terms, ARRAY(TABLE mine), ids, said, tags, each, told.*
FROM heard, sums, (SELECT array_agg(id), array_agg(rank::text), array_agg(name), array_agg(teams) FROM page) told"""  # noqa: S608
STATEMENT = " ".join(_STATEMENT.split()).replace("( ", "(").replace(" )", ")")
"""One row (marks, rarest, terms, teams, ids, said codes, tag codes, counts of ages and uses; ids, ranks, names, teams of
the page): short, as it is read anew by the driver at each search when it is longer than 4,096 signs.
"""
