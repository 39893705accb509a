"""The weights in force, and the rank of a hit by them."""

from catalog.search.models import DEFAULTS, MANY_TEAMS, RankingWeights

MOST_WEIGHED = 100
"""Of more products, or tables, not every vector is read: they are ranked by their names, which lie in the narrow row."""
_DEFAULTS = (
    """ARRAY[0, {parts}, {words}, {name}]::real[], {popularity}, {completeness}, {own_domain}""".format(
        **DEFAULTS
    )
)


# PostgreSQL's classes of a vector, the least first: nothing stands in the first of them.
WEIGHS = f"""weighs AS MATERIALIZED (
  SELECT * FROM (
    SELECT id AS version, ARRAY[0, parts, words, name]::real[] AS fields, popularity, completeness, own_domain
    FROM catalog_rankingweights UNION ALL SELECT 0, {_DEFAULTS}) known ORDER BY version DESC LIMIT 1
)"""  # noqa: S608
OWN = """own AS (SELECT d.id FROM catalog_domain d WHERE d.owner_team_id {teams})"""
"""The domains of some teams."""
RANK = f"""(ts_rank(weighs.fields, {{vector}}, asked.q, 1) * (1
  + weighs.popularity * least(ln(1 + matched.teams) / ln(1 + {MANY_TEAMS}), 1)
  + weighs.completeness * matched.completeness / 100.0
  + CASE WHEN matched.domain IN (SELECT id FROM own) THEN weighs.own_domain ELSE 0 END))::real"""  # noqa: S608
"""Of a row `matched`, beside `asked` and `weighs`."""


def in_force() -> dict[str, float]:
    """Each weight by its name."""
    return RankingWeights.objects.values(*DEFAULTS).first() or DEFAULTS
