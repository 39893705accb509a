"""SQL of the ranking, with the weights that people set."""

from catalog.search.models import DEFAULTS, MANY_TEAMS, RankingWeights

MAX_FULLY_RANKED = 100
"""Of more products, or of more tables, only the names are ranked: they are in the narrow row, and vectors are not."""
_DEFAULTS = (
    """ARRAY[0, {parts}, {words}, {name}]::real[], {popularity}, {completeness}, {own_domain}""".format(
        **DEFAULTS
    )
)


# PostgreSQL's classes of a vector, the least important first; the first is unused.
WEIGHTS = f"""weights AS MATERIALIZED (
  SELECT * FROM (
    SELECT id AS version, ARRAY[0, parts, words, name]::real[] AS fields, popularity, completeness, own_domain
    FROM catalog_rankingweights UNION ALL SELECT 0, {_DEFAULTS}) known ORDER BY version DESC LIMIT 1
)"""  # noqa: S608
OWN_DOMAINS = """own AS (SELECT id FROM catalog_domain WHERE owner_team_id {teams})"""
"""Common table of the domains of some teams."""
RANK = f"""(ts_rank(weights.fields, CASE WHEN CASE WHEN id < 0 THEN {{products}} ELSE {{tables}} END <= {MAX_FULLY_RANKED}
  THEN search ELSE names END, parsed.q, 1) * (1
  + weights.popularity * least(ln(1 + teams) / ln(1 + {MANY_TEAMS}), 1)
  + weights.completeness * matched.completeness / 100.0
  + CASE WHEN domain IN (SELECT id FROM own) THEN weights.own_domain ELSE 0 END))::real"""  # noqa: S608
"""Of a row `matched`, beside `parsed` and `weights`; `products` and `tables` are how many match."""


def current_weights() -> dict[str, float]:
    return RankingWeights.objects.values(*DEFAULTS).first() or DEFAULTS
