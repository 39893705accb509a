"""The quotas that are known: AWS's where a source names them, and what mocklake itself enforces.

Codes that begin with `mocklake-` are mocklake's own, as no source with AWS's code was found. A quota without a source
for its value is not here: nobody should plan with an invented number.
"""

from dataclasses import dataclass

SERVICES = {
    "athena": "Amazon Athena",
    "glue": "AWS Glue",
    "lakeformation": "AWS Lake Formation",
    "ram": "AWS Resource Access Manager (AWS RAM)",
}
LISTED = "AWS General Reference, endpoints and quotas; codes as public listings of Service Quotas show them"
TBAC = "AWS Lake Formation Developer Guide, TBAC-notes"


@dataclass(frozen=True)
class Quota:
    """`enforced` quotas are looked at by mocklake's handlers, the others are only told."""

    service: str
    code: str
    name: str
    value: float
    source: str
    adjustable: bool = True
    enforced: bool = False


DATABASES = Quota("glue", "L-F953935E", "Max databases per account", 10_000, LISTED, enforced=True)
TABLES = Quota("glue", "L-B8497671", "Max tables per database", 200_000, LISTED, enforced=True)
TAGS = Quota("lakeformation", "mocklake-lf-tags", "LF-Tags per catalog", 1_000, TBAC, enforced=True)
TAG_VALUES = Quota("lakeformation", "mocklake-lf-tag-values", "Values per LF-Tag", 1_000, TBAC, enforced=True)
TAGS_ON_RESOURCE = Quota(
    "lakeformation",
    "mocklake-lf-tags-on-resource",
    "LF-Tags per resource",
    50,
    TBAC,
    adjustable=False,
    enforced=True,
)
FILTERS_HELD = Quota(
    "lakeformation",
    "mocklake-filters-held",
    "Data cells filters that a principal holds on a table",
    100,
    "AWS Lake Formation Developer Guide, data-filtering-notes",
    adjustable=False,
    enforced=True,
)
ADMINISTRATORS = Quota(
    "lakeformation",
    "mocklake-administrators",
    "Data lake administrators",
    30,
    "botocore model: lakeformation PutDataLakeSettings",
    adjustable=False,
    enforced=True,
)
QUOTAS = (
    Quota("athena", "L-3CE0BBA0", "Active DDL queries", 20, LISTED),
    Quota("athena", "L-FC5F6546", "Active DML queries", 150, LISTED),
    Quota("athena", "L-56A94400", "DDL query timeout", 600, LISTED, adjustable=False),
    Quota("athena", "L-E80DC288", "DML query timeout", 30, LISTED),
    DATABASES,
    TABLES,
    Quota("glue", "L-94D025B7", "Max tables per account", 1_000_000, LISTED),
    Quota("glue", "L-071ABE08", "Max table versions per table", 100_000, LISTED),
    Quota("glue", "L-337244C9", "Max table versions per account", 1_000_000, LISTED),
    Quota("glue", "L-2C3F5401", "Max partitions per table", 10_000_000, LISTED),
    Quota("glue", "L-FEBBFA7A", "Max partitions per account", 20_000_000, LISTED),
    Quota("glue", "L-D987EC31", "Max functions per account", 100, LISTED),
    Quota("glue", "L-4071B0E3", "Number of crawlers running concurrently per account", 150, LISTED),
    TAGS,
    TAG_VALUES,
    TAGS_ON_RESOURCE,
    FILTERS_HELD,
    ADMINISTRATORS,
    Quota(
        "ram", "mocklake-resource-shares", "Resource shares per account", 5_000, "assumed: from a study note"
    ),
)
BY_CODE = {(quota.service, quota.code): quota for quota in QUOTAS}
