"""LF-Tags of the mesh: who produces, who consumes, who pays, where, which tier, how confidential."""

from demo.bank.definitions import Database, Table

TAG_VALUES: dict[str, tuple[str, ...]] = {
    "producing_lob": ("credit_cards", "insurance", "investments", "retail_banking", "treasury"),
    "consuming_lob": ("bi", "executives", "ml", "partners", "risk"),
    "tier": ("bronze", "gold", "silver"),
    "confidentiality": ("private", "public", "sensitive"),
    "cost_centre": ("4100", "4200", "4300", "4400", "4500"),
    "environment": ("production", "test"),
    "region": ("eu-central-1", "eu-west-1"),
}
COST_CENTRES = {
    "credit_cards": "4100",
    "insurance": "4200",
    "investments": "4300",
    "retail_banking": "4400",
    "treasury": "4500",
}
DATABASE_CONFIDENTIALITY = "private"


def get_database_tags(database: Database) -> dict[str, str]:
    return {
        "producing_lob": database.domain,
        "tier": database.tier,
        "confidentiality": DATABASE_CONFIDENTIALITY,
        "cost_centre": COST_CENTRES[database.domain],
        "environment": "production",
        "region": database.region,
    }


def get_table_tags(table: Table) -> dict[str, str]:
    """What a table says beyond its database; an LF-Tag key has one value on a resource: the first consumer."""
    own: dict[str, str] = {}
    if table.consuming_lobs:
        own["consuming_lob"] = table.consuming_lobs[0]
    if table.confidentiality != DATABASE_CONFIDENTIALITY:
        own["confidentiality"] = table.confidentiality
    return own


def get_columns_by_confidentiality(table: Table) -> dict[str, list[str]]:
    """Column names by confidentiality, where that differs from the table's."""
    found: dict[str, list[str]] = {}
    for column in table.columns:
        if column.confidentiality and column.confidentiality != table.confidentiality:
            found.setdefault(column.confidentiality, []).append(column.name)
    return found
