"""What the mesh's two roles may do in an account of the bank: IAM actions, none with a wildcard.

Who works with the bank brings templates of such roles; these are theirs, action by action. mocklake checks a role's
actions, not the resources and conditions that a template adds to them.
"""

OBSERVER_ACTIONS = (
    "lakeformation:GetDataLakeSettings", "lakeformation:GetLFTagExpression", "lakeformation:GetResourceLFTags", "lakeformation:ListDataCellsFilter",
    "lakeformation:ListLFTags", "lakeformation:ListLakeFormationOptIns", "lakeformation:ListPermissions",
    "lakeformation:ListRLSPolicies", "lakeformation:ListRLSPolicyAttachments",
    "lakeformation:ListResources", "lakeformation:SearchDatabasesByLFTags", "lakeformation:SearchTablesByLFTags",
    "glue:BatchGetDataQualityResult", "glue:GetColumnStatisticsForTable", "glue:GetCrawlers", "glue:GetDataCatalogEncryptionSettings", "glue:GetDatabase", "glue:GetDatabases", "glue:GetPartitions",
    "glue:GetResourcePolicy", "glue:GetTable", "glue:GetTables", "glue:ListDataQualityResults",
    "iam:GetRole", "iam:GetUser", "iam:ListRoles", "iam:ListUsers",
    "ram:GetResourceShareAssociations", "ram:GetResourceShareInvitations", "ram:GetResourceShares", "ram:ListResources",
)  # fmt: skip

QUERY_HISTORY_ACTIONS = (
    "athena:BatchGetQueryExecution", "athena:ListQueryExecutions", "athena:ListWorkGroups",
)  # fmt: skip
"""Of the observer in an account that shows the portal its queries."""

_PERMISSION_ACTIONS = (
    "lakeformation:BatchGrantPermissions", "lakeformation:BatchRevokePermissions",
    "lakeformation:GrantPermissions", "lakeformation:RevokePermissions",
)  # fmt: skip

GRANTING_EXECUTOR_ACTIONS = (
    *_PERMISSION_ACTIONS,
    "lakeformation:CreateDataCellsFilter", "lakeformation:DeleteDataCellsFilter",
    "lakeformation:CreateLakeFormationOptIn", "lakeformation:DeleteLakeFormationOptIn",
    "lakeformation:AddLFTagsToResource", "lakeformation:RemoveLFTagsFromResource",
    "lakeformation:CreateLFTag", "lakeformation:UpdateLFTag",
    "lakeformation:RegisterResource",
    "iam:PassRole",
    "glue:CreateDatabase", "glue:CreateTable", "glue:UpdateTable", "glue:GetCrawler", "glue:StartCrawler",
    "glue:GetDatabase", "glue:GetTable", "glue:PutResourcePolicy", "glue:DeleteResourcePolicy",
    "ram:CreateResourceShare", "ram:AssociateResourceShare", "ram:DeleteResourceShare",
    "ram:DisassociateResourceShare", "ram:GetResourceShares", "ram:UpdateResourceShare",
)  # fmt: skip
"""In an account that owns a catalog."""

CONSUMING_EXECUTOR_ACTIONS = (
    *_PERMISSION_ACTIONS,
    "ram:AcceptResourceShareInvitation",
    "glue:CreateDatabase", "glue:CreateTable", "glue:DeleteDatabase", "glue:DeleteTable", "glue:GetDatabase",
    "glue:GetTable",
)  # fmt: skip
"""In an account that only receives."""

DENIED_ACTIONS = ("lakeformation:PutDataLakeSettings",)
"""Denied to all of them: neither says who administers the data lake."""
