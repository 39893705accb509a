"""What a person's teams may read and ask for, and the names of places: common tables of the search, and read alone."""

from catalog.holdings import SEEN

# By the names of the person's roles: joined to them afterwards, permissions of everyone would be led to their tables. Each
# table is led to its products by the index: how few a person may read, the planner does not know.
HELD_TABLES = f"""seen AS MATERIALIZED (
  SELECT DISTINCT seen.table_id AS id FROM ({SEEN}) AS seen
  WHERE seen.arn = ANY(ARRAY(SELECT r.arn FROM identity_principal r
    JOIN identity_account a ON a.id = r.account_id AND a.team_id = ANY(%(teams)s)
    WHERE r.gone_at IS NULL))
), held AS MATERIALIZED (
  SELECT id FROM seen UNION SELECT -pt.product_id FROM seen CROSS JOIN LATERAL (
    SELECT product_id FROM catalog_producttable WHERE table_id = seen.id OFFSET 0) AS pt
)"""  # noqa: S608

# Who has no role to ask for can ask for nothing.
MAY_ASK = """may_ask AS MATERIALIZED (
  SELECT EXISTS (SELECT FROM identity_principal r
    JOIN identity_account a ON a.id = r.account_id AND a.is_consumer AND a.team_id = ANY(%(teams)s)
    WHERE r.gone_at IS NULL) AS yes
)"""

MAKER = """maker AS MATERIALIZED (
  SELECT DISTINCT ON (d.id) d.id AS domain, a.id AS account FROM catalog_domain d
  JOIN identity_account a ON a.team_id = d.owner_team_id AND a.is_producer ORDER BY d.id, a.id
)"""

HELD = f"""WITH {HELD_TABLES}, {MAY_ASK}
SELECT ARRAY(SELECT id FROM held LIMIT %(most)s), may_ask.yes FROM may_ask"""  # noqa: S608
PLACES = f"""WITH {MAKER}
SELECT 'domain', d.id, d.slug, d.name, g.slug, g.name, maker.account FROM catalog_domain d
JOIN identity_team g ON g.id = d.owner_team_id LEFT JOIN maker ON maker.domain = d.id
UNION ALL SELECT 'account', a.id, a.account_id, a.name, NULL, NULL, NULL FROM identity_account a"""  # noqa: S608
