"""From the rows of ListPermissions and ListDataCellsFilter to atoms.

`KNOWN_SHAPES` is compared with botocore's models by tests/lakeformation/observation/test_known_answers.py. What readings cannot
judge becomes an `UnknownRow`.

AWS lists SELECT on a table apart, as `TableWithColumns` with a wildcard; the other verbs stand in a
`Table` row; a grant on all tables carries the name `ALL_TABLES`; one by LF-Tags is an `LFTagPolicy`. Many rows may speak of one atom:
their columns are united. `ALL` stands beside what it contains and is kept as it is. What is known is in `known_answers`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lakeformation.observation.reading import UnknownRow
from lakeformation.values.column_sets import ALL_COLUMNS, ColumnSet
from lakeformation.values.data_cells_filters import CellsFilter
from lakeformation.values.permissions import ALL_TABLES, DataCatalog, HeldPermissions, Permission
from lakeformation.values.row_filters import canonicalize_row_filter
from lakeformation.values.row_policies import RowPolicyAttachment
from lakeformation.values.tag_expressions import TagExpression, TagPolicy

TABLE_VERBS = frozenset(
    {"ALL", "SUPER", "SUPER_USER", "SELECT", "ALTER", "DROP", "DELETE", "INSERT", "DESCRIBE", "CREATE_TABLE"}
)
"""Verbs that can be judged on databases, tables, data cells filters and by LF-Tags."""
JUDGED_KINDS = frozenset({"Database", "Table", "TableWithColumns", "DataCellsFilter", "LFTagPolicy"})
OPT_IN_KINDS = frozenset({"Database", "Table"})


@dataclass(frozen=True)
class SideKind:
    """A kind of resource with which these verbs open no table, and why. Any other verb on it cannot be judged."""

    verbs: frozenset[str]
    reason: str


SIDE_KINDS: Mapping[str, SideKind] = {
    "Catalog": SideKind(
        frozenset(
            {
                "CREATE_DATABASE",
                "CREATE_CATALOG",
                "CREATE_LF_TAG",
                "CREATE_LF_TAG_EXPRESSION",
                "DESCRIBE",
                "ALTER",
                "DROP",
            }
        ),
        "They create, show or drop catalogs. ALL and SUPER_USER count for every table in them, too.",
    ),
    "DataLocation": SideKind(
        frozenset({"DATA_LOCATION_ACCESS"}), "It lets somebody create tables that point there, not read them."
    ),
    "LFTag": SideKind(
        frozenset({"ALL", "SUPER", "ALTER", "DROP", "DESCRIBE", "ASSOCIATE", "GRANT_WITH_LF_TAG_EXPRESSION"}),
        "What is tagged, or granted by tags, is read by itself.",
    ),
    "LFTagExpression": SideKind(
        frozenset({"ALL", "SUPER", "ALTER", "DROP", "DESCRIBE", "GRANT_WITH_LF_TAG_EXPRESSION"}),
        "What is granted by the expression is read by itself, and so is its body.",
    ),
    "UserDefinedFunction": SideKind(
        frozenset({"DESCRIBE", "DROP"}),
        "They show or drop a function. EXECUTE, ALTER and ALL may read tables by permissions of the function.",
    ),
}
UNKNOWN_KINDS: Mapping[str, str] = {
    "AnyResource": "It is held by functions, on all tables of a catalog; who may call them is another row.",
    "RLSPolicy": "What is attached is read by itself; AWS does not document every permission on a policy.",
}
"""Kinds of AWS's model that are read as unknown, and why. Kinds that are in no list of this module are, too."""
UNKNOWN_VERBS = frozenset({"EXECUTE"})
"""Verbs of AWS's model that no kind can be judged with."""

SHARE_IS_OPEN, ASSOCIATION_IS_OPEN, RESOURCE_IS_OPEN = "ACTIVE", "ASSOCIATED", "AVAILABLE"
ASSOCIATION_UNDER_WAY = frozenset({"ASSOCIATING", "DISASSOCIATING", "DISASSOCIATED"})
"""An invitation, or its end, explains them."""
ASSOCIATION_STATUSES = frozenset(
    {ASSOCIATION_IS_OPEN, *ASSOCIATION_UNDER_WAY, "FAILED", "SUSPENDED", "SUSPENDING", "RESTORING"}
)
SHARE_UNDER_WAY = frozenset({"PENDING", "DELETING", "DELETED"})
SHARE_STATUSES = frozenset({SHARE_IS_OPEN, *SHARE_UNDER_WAY, "FAILED"})
RESOURCE_STATUSES = frozenset(
    {RESOURCE_IS_OPEN, "ZONAL_RESOURCE_INACCESSIBLE", "LIMIT_EXCEEDED", "UNAVAILABLE", "PENDING"}
)
INVITATION_STATUSES = frozenset({"PENDING", "ACCEPTED", "REJECTED", "EXPIRED"})


@dataclass(frozen=True)
class KnownShape:
    """Members of a structure, or values of an enumeration, of AWS's models. `read` are those that readings judge by;
    `unneeded` change nothing that is judged; `unknown` are read as unknown.
    """

    read: frozenset[str]
    unneeded: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()

    @property
    def every(self) -> frozenset[str]:
        return self.read | self.unneeded | self.unknown


def _know(read: str, unneeded: str = "", unknown: str = "") -> KnownShape:
    """The names are given in texts, with spaces between them."""
    return KnownShape(frozenset(read.split()), frozenset(unneeded.split()), frozenset(unknown.split()))


_SIDE_VERBS = frozenset[str]().union(*(one.verbs for one in SIDE_KINDS.values()))
_LAKE_FORMATION = {
    "ListPermissionsResponse": _know("PrincipalResourcePermissions", "NextToken"),
    "PrincipalResourcePermissions": _know(
        "Principal Resource Condition Permissions PermissionsWithGrantOption AdditionalDetails",
        "LastUpdated LastUpdatedBy",
    ),
    "DataLakePrincipal": _know("DataLakePrincipalIdentifier"),
    "Resource": KnownShape(JUDGED_KINDS, frozenset(SIDE_KINDS), frozenset(UNKNOWN_KINDS)),
    "DatabaseResource": _know("Name CatalogId"),
    "TableResource": _know("DatabaseName Name TableWildcard CatalogId"),
    "TableWildcard": _know(""),
    "TableWithColumnsResource": _know("DatabaseName Name ColumnNames ColumnWildcard CatalogId"),
    "ColumnWildcard": _know("ExcludedColumnNames"),
    "DataCellsFilterResource": _know("DatabaseName TableName Name TableCatalogId"),
    "LFTagPolicyResource": _know("ResourceType Expression ExpressionName CatalogId"),
    "ResourceType": _know("DATABASE TABLE"),
    "LFTag": _know("TagKey TagValues"),
    "Condition": _know("Expression"),
    "Permission": KnownShape(TABLE_VERBS - {"SUPER"}, _SIDE_VERBS - TABLE_VERBS, UNKNOWN_VERBS),
    "DetailsMap": _know("ResourceShare"),
    "ListDataCellsFilterResponse": _know("DataCellsFilters", "NextToken"),
    "DataCellsFilter": _know(
        "TableCatalogId DatabaseName TableName Name RowFilter ColumnNames ColumnWildcard VersionId"
    ),
    "RowFilter": _know("FilterExpression AllRowsWildcard"),
    "AllRowsWildcard": _know(""),
    "ListLakeFormationOptInsResponse": _know("LakeFormationOptInsInfoList", "NextToken"),
    "LakeFormationOptInsInfo": _know("Resource Principal Condition", "LastModified LastUpdatedBy"),
    "ListRLSPoliciesResponse": _know("RLSPolicies", "NextToken"),
    "RLSPolicy": _know("Name FilterExpression", "CatalogId AttachmentColumns"),
    "ListRLSPolicyAttachmentsResponse": _know("RLSPolicyAttachments", "NextToken"),
    "RLSPolicyAttachment": _know("PolicyName Principal Resource Condition DefaultRLSPolicy", "CatalogId"),
    "ListResourcesResponse": _know("ResourceInfoList", "NextToken"),
    "ResourceInfo": _know(
        "ResourceArn RoleArn HybridAccessEnabled VerificationStatus",
        "LastModified WithFederation WithPrivilegedAccess ExpectedResourceOwnerAccount",
    ),
    "VerificationStatus": _know("VERIFICATION_FAILED", "VERIFIED NOT_VERIFIED"),
    "GetDataLakeSettingsResponse": _know("DataLakeSettings"),
    "DataLakeSettings": _know(
        "DataLakeAdmins ReadOnlyAdmins CreateDatabaseDefaultPermissions CreateTableDefaultPermissions Parameters",
        "TrustedResourceOwners AllowExternalDataFiltering AllowFullTableExternalDataAccess"
        " ExternalDataFilteringAllowList AuthorizedSessionTagValueList",
    ),
    "PrincipalPermissions": _know("Permissions", "Principal"),
}
_RAM = {
    "GetResourceSharesResponse": _know("resourceShares", "nextToken"),
    "ResourceShare": _know(
        "resourceShareArn status",
        "name owningAccountId allowExternalPrincipals statusMessage tags creationTime lastUpdatedTime featureSet"
        " resourceShareConfiguration",
    ),
    "ResourceShareStatus": KnownShape(SHARE_STATUSES),
    "GetResourceShareAssociationsResponse": _know("resourceShareAssociations", "nextToken"),
    "ResourceShareAssociation": _know(
        "resourceShareArn status",
        "resourceShareName associatedEntity associationType statusMessage creationTime lastUpdatedTime external",
    ),
    "ResourceShareAssociationStatus": KnownShape(ASSOCIATION_STATUSES),
    "ListResourcesResponse": _know("resources", "nextToken"),
    "Resource": _know(
        "arn status",
        "type resourceShareArn resourceGroupArn statusMessage creationTime lastUpdatedTime resourceRegionScope",
    ),
    "ResourceStatus": KnownShape(RESOURCE_STATUSES),
    "GetResourceShareInvitationsResponse": _know("resourceShareInvitations", "nextToken"),
    "ResourceShareInvitation": _know(
        "resourceShareInvitationArn resourceShareArn senderAccountId invitationTimestamp status",
        "resourceShareName receiverAccountId resourceShareAssociations receiverArn",
    ),
    "ResourceShareInvitationStatus": KnownShape(INVITATION_STATUSES),
}
_GLUE = {
    "GetDatabaseResponse": _know("Database"),
    "GetDatabasesResponse": _know("DatabaseList", "NextToken"),
    "Database": _know(
        "Name Description LocationUri Parameters CreateTime CreateTableDefaultPermissions TargetDatabase CatalogId",
        "FederatedDatabase",
    ),
    "DatabaseIdentifier": _know("CatalogId DatabaseName Region"),
    "PrincipalPermissions": _know("", "Permissions Principal"),
    "GetTableResponse": _know("Table"),
    "GetTablesResponse": _know("TableList", "NextToken"),
    "Table": _know(
        "Name DatabaseName Description Owner CreateTime UpdateTime StorageDescriptor PartitionKeys ViewOriginalText"
        " TableType Parameters CreatedBy TargetTable CatalogId VersionId ViewDefinition RLSProperties",
        "LastAccessTime LastAnalyzedTime Retention ViewExpandedText IsRegisteredWithLakeFormation FederatedTable"
        " IsMultiDialectView IsMaterializedView IcebergTableMetadata Status",
    ),
    "RLSProperties": _know("DefaultRLSPolicy"),
    "TableIdentifier": _know("CatalogId DatabaseName Name Region"),
    "StorageDescriptor": _know(
        "Columns Location InputFormat OutputFormat Compressed SerdeInfo BucketColumns SortColumns Parameters",
        "AdditionalLocations NumberOfBuckets SkewedInfo StoredAsSubDirectories SchemaReference",
    ),
    "Column": _know("Name Type Comment Parameters"),
    "SerDeInfo": _know("SerializationLibrary Parameters", "Name"),
    "Order": _know("Column SortOrder"),
    "ViewDefinition": _know(
        "IsProtected Definer SubObjects Representations",
        "IsManaged ViewVersionId ViewVersionToken RefreshSeconds LastRefreshType SubObjectVersionIds"
        " SubObjectsStatistics SparkPipelineInfo",
    ),
    "ViewRepresentation": _know(
        "ViewOriginalText", "Dialect DialectVersion ViewExpandedText ValidationConnection IsStale"
    ),
}
KNOWN_SHAPES: Mapping[str, Mapping[str, KnownShape]] = {
    "lakeformation": _LAKE_FORMATION,
    "ram": _RAM,
    "glue": _GLUE,
}
"""By service and name of the shape: of every answer by which permissions are planned and proven."""


NAME_MEMBERS = ("Id", "DatabaseName", "TableName", "Name", "TagKey", "ResourceArn", "ResourceType")
"""Members by which a resource is named to people."""


@dataclass(frozen=True)
class ParsedPermissions:
    """Atoms with their columns, and the rows that cannot be judged. A verb that is not known is in both: it is held by
    somebody, and what it opens is not known.
    """

    held: HeldPermissions
    unknown: frozenset[UnknownRow]


@dataclass(frozen=True)
class _Target:
    """What a row is on."""

    database: str
    table: str
    columns: ColumnSet = ALL_COLUMNS
    cells_filter: str = ""
    policy: TagPolicy | None = None


def parse_permissions(
    rows: Iterable[Mapping[str, Any]], place: DataCatalog, passed_on_by: str = ""
) -> ParsedPermissions:
    """Rows of `SIDE_KINDS`, which open no table, are left out, and those of nested catalogs, which hold other tables by the
    same names.

    With `passed_on_by`, the rows are as that account lists them of another's catalog: what it passed on itself, beside
    what the owner granted to it, which is the owner's to tell and left out.
    """
    held: HeldPermissions = {}
    unknown: set[UnknownRow] = set()
    for row in rows:
        principal = parse_principal(row)
        if passed_on_by and principal == passed_on_by:
            continue
        kind, body = _parse_kind(row)
        # Whether the resource lies in a catalog below the account's own, such as
        # `111111111111:s3tablescatalog/bucket`.
        if ":" in str(body.get("TableCatalogId") or body.get("CatalogId") or ""):
            continue
        verbs, options = _parse_verbs(row, "Permissions"), _parse_verbs(row, "PermissionsWithGrantOption")
        named = sorted({*verbs, *options})
        if kind in SIDE_KINDS and principal and named and SIDE_KINDS[kind].verbs.issuperset(named):
            continue
        condition = _parse_condition(row)
        target = None if condition is None or not principal else _parse_target(kind, body)
        strange = [verb for verb in named if target is None or verb not in TABLE_VERBS]
        if strange or target is None or not named:
            unknown.add(UnknownRow(place, principal, kind, tuple(strange), _name_resource(body)))
        if target is None or condition is None:
            continue
        for verb, grantable in [*((verb, False) for verb in verbs), *((verb, True) for verb in options)]:
            atom = Permission(
                place,
                principal,
                target.database,
                target.table,
                verb,
                grantable,
                target.cells_filter,
                passed_on_by,
                target.policy,
                condition,
            )
            held[atom] = held[atom] | target.columns if atom in held else target.columns
    return ParsedPermissions(held, frozenset(unknown))


def parse_principal(row: Mapping[str, Any]) -> str:
    """The principal of a row of Lake Formation; empty where it names none."""
    return str((row.get("Principal") or {}).get("DataLakePrincipalIdentifier") or "")


def _parse_condition(row: Mapping[str, Any]) -> str | None:
    """Empty for a row without one; None for one that is no expression."""
    condition = row.get("Condition") or {}
    return str(condition.get("Expression") or "") or None if condition else ""


def _parse_verbs(row: Mapping[str, Any], member: str) -> list[str]:
    return [str(verb) for verb in row.get(member) or ()]


def _parse_kind(row: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """The one member of the resource, and its body. A resource of several members is of a kind that is not known."""
    resource = row.get("Resource") or {}
    if len(resource) != 1:
        return " and ".join(sorted(resource)), {}
    kind, body = next(iter(resource.items()))
    return kind, body if isinstance(body, Mapping) else {}


def _name_resource(body: Mapping[str, Any]) -> str:
    return ".".join(str(body[name]) for name in NAME_MEMBERS if body.get(name))


def parse_unknown_opt_in(row: Mapping[str, Any], place: DataCatalog) -> UnknownRow:
    """An opt-in on anything but a database or a table is an unknown row: it grants nothing, and what it makes Lake
    Formation decide is not known.
    """
    kind, body = _parse_kind(row)
    what = f"opt-in on {kind or 'a resource without a kind'}"
    return UnknownRow(place, parse_principal(row), what, (), _name_resource(body), gives_access=False)


def _parse_target(kind: str, body: Mapping[str, Any]) -> _Target | None:
    """None for what cannot be judged: another kind, or a body without what this kind needs."""
    match kind, body:
        case "Database", {"Name": str(name)}:
            return _Target(name, "")
        case "Table" | "TableWithColumns", {"DatabaseName": str(database)}:
            return _parse_table(kind, database, body)
        case "DataCellsFilter", {"DatabaseName": str(database), "TableName": str(table), "Name": str(name)}:
            return _Target(database, table, cells_filter=name)
        case "LFTagPolicy", {"ResourceType": "DATABASE" | "TABLE"}:
            policy = _parse_policy(body)
            return None if policy is None else _Target("", "", policy=policy)
        case _:
            return None


def _parse_table(kind: str, database: str, body: Mapping[str, Any]) -> _Target | None:
    has_columns = kind == "TableWithColumns"
    name = ALL_TABLES if "TableWildcard" in body or body.get("Name") == "ALL_TABLES" else body.get("Name")
    if not isinstance(name, str) or (has_columns and not {"ColumnNames", "ColumnWildcard"} & body.keys()):
        return None
    return _Target(database, name, _parse_columns(body) if has_columns else ALL_COLUMNS)


def _parse_policy(body: Mapping[str, Any]) -> TagPolicy | None:
    """None for neither an expression nor the name of one."""
    pairs, name = body.get("Expression") or (), body.get("ExpressionName") or ""
    if not (pairs or name) or not all({"TagKey", "TagValues"} <= pair.keys() for pair in pairs):
        return None
    return TagPolicy(body["ResourceType"], TagExpression.from_aws(pairs), name)


def parse_row_policy_attachment(
    row: Mapping[str, Any], expressions: Mapping[str, str]
) -> RowPolicyAttachment:
    """A row of ListRLSPolicyAttachments; `expressions` are the policies' texts by name. On anything but one table or
    tables by LF-Tags it counts for every table.
    """
    kind, body = _parse_kind(row)
    name = str(row.get("PolicyName") or "")
    attachment = RowPolicyAttachment(
        name,
        expressions.get(name, ""),
        parse_principal(row),
        condition=_parse_condition(row) or ("a condition that is not known" if row.get("Condition") else ""),
        is_default=bool(row.get("DefaultRLSPolicy")),
    )
    match kind, _parse_target(kind, body):
        case "Table" | "TableWithColumns", _Target(database=str(database), table=str(table)):
            return replace(attachment, database=database, table=table)
        case "LFTagPolicy", _Target(policy=TagPolicy(kind="TABLE") as policy):
            return replace(attachment, tags=policy)
        case _:
            return attachment


def parse_cells_filter(row: Mapping[str, Any], place: DataCatalog) -> CellsFilter:
    """A row of ListDataCellsFilter; its expression in our canonical text where it can be read."""
    # Empty for all rows. Another way to choose rows is kept by its name, so that the filter is none that we
    # wrote.
    row_filter = row.get("RowFilter") or {}
    if rows := row_filter.get("FilterExpression"):
        filter_rows = canonicalize_row_filter(rows)
    else:
        filter_rows = " and ".join(sorted(row_filter.keys() - {"FilterExpression", "AllRowsWildcard"}))
    return CellsFilter(
        catalog=place,
        database=row["DatabaseName"],
        table=row["TableName"],
        name=row["Name"],
        rows=filter_rows,
        columns=_parse_columns(row),
    )


def _parse_columns(table: Mapping[str, Any]) -> ColumnSet:
    if table.get("ColumnNames"):
        return ColumnSet.include(table["ColumnNames"])
    wildcard = table.get("ColumnWildcard") or {}
    return ColumnSet.every(exclude=wildcard.get("ExcludedColumnNames", ()))
