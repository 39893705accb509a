"""What this version knows of AWS's answers: members of structures and values of enumerations.

`KNOWN_SHAPES` is compared with botocore's models by tests/lakeformation/observation/test_known_answers.py. What readings cannot
judge becomes an `UnknownRow`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

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
    """Of names with spaces between them."""
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
