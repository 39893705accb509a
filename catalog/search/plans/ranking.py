"""SQL of the ranking, with the weights that people set."""

from catalog.search.models import DEFAULTS, RankingWeights
from catalog.search.text_queries import PREFIX, SOME_WORDS

MAX_FULLY_RANKED = 2_000
"""Of more products, or of more tables, the best by name are ranked by their texts too, and the shorter of equals: names and
lengths are in the narrow row, and vectors are not.
"""
LENGTH_DAMPING = 0.2
COVERAGE = 2
"""A hit without some of the words has this power of the share of their weights that it contains."""
WEIGHTS = "weights AS MATERIALIZED (TABLE catalog_ranking)"
"""Common table of one row: the newest weights, and the times of `AGES` as texts."""
OWN_DOMAINS = """own AS (SELECT id FROM catalog_domain WHERE owner_team_id {teams})"""
"""Common table of the domains of some teams."""
_SCORE = "(SELECT sum(weight * ts_rank(fields, {vector}, q)) / sum(weight) FROM word)"
# The last word may be the beginning of one.
_WIDENED_SCORE = f"""(SELECT sum(each.weight * each.rank) / sum(each.weight) * CASE WHEN match_level < {SOME_WORDS} THEN 1 ELSE
    (coalesce(sum(each.weight) FILTER (WHERE each.rank > 0 AND each.at <= %(count)s), 0)
      / sum(each.weight) FILTER (WHERE each.at <= %(count)s)) ^ {COVERAGE} END
  FROM (SELECT word.at, word.weight, CASE WHEN match_level = {PREFIX} AND word.at = %(last_place)s
      THEN ts_rank(weights.fields, {{vector}}, parsed.prefix)
      ELSE ts_rank(weights.fields, {{vector}}, word.q) END AS rank FROM word) AS each)"""  # noqa: S608
# Rounded, so that a changed count of a word leaves equal ranks equal between two pages.
_RANK = f"""round(1e4 * {{score}} / (1 + {LENGTH_DAMPING} * ln(1 + matched.length)) * (1
  + catalog_rank_boost(boosts, teams, completeness, quality, promise, fresh, ages, derived)
  + CASE WHEN domain IN (SELECT id FROM own) THEN own_domain ELSE 0 END))::real"""  # noqa: S608
_VECTOR = f"""CASE WHEN CASE WHEN id < 0 THEN {{products}} <= {MAX_FULLY_RANKED} OR id IN (SELECT id FROM best_products)
  ELSE {{tables}} <= {MAX_FULLY_RANKED} OR id IN (SELECT id FROM best_tables) END THEN search ELSE names END"""  # noqa: S608
_BEST = f"""best_{{kind}} AS MATERIALIZED (
  SELECT id FROM {{kind}} AS matched CROSS JOIN weights
  ORDER BY {_SCORE.format(vector="matched.names")} DESC, length, id LIMIT {MAX_FULLY_RANKED})"""  # noqa: S608
BEST = ", ".join(_BEST.format(kind=kind) for kind in ("products", "tables"))
"""Common tables, beside those of all products and tables, of the ones that are ranked by their texts."""


def rank_by_texts() -> str:
    """The rank of a row `matched`, beside `word` and `weights`."""
    return _RANK.format(score=_SCORE.format(vector="search"))


def rank_best_by_texts(products: str, tables: str, *, is_widened: bool) -> str:
    """The same beside `BEST` and `parsed`; `products` and `tables` are how many match."""
    vector = _VECTOR.format(products=products, tables=tables)
    return _RANK.format(score=(_WIDENED_SCORE if is_widened else _SCORE).format(vector=vector))


def current_weights() -> dict[str, float]:
    return RankingWeights.objects.values(*DEFAULTS).first() or DEFAULTS
