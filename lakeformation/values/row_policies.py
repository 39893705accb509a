"""Row-level security policies: attachments that change which rows of a table a grant shows, and that no permission tells of.

Several attachments of one principal are united (AWS, "row-level security policies"). How they combine with data cells filters
and with SELECT on all rows is not documented, so one that applies leaves the rows *unknown*: nothing is computed from it.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lakeformation.values.arn import ROLE_OR_USER_PATTERN, find_account, is_account_id
from lakeformation.values.canonical_json import digest
from lakeformation.values.permissions import ALL_TABLES
from lakeformation.values.tag_expressions import TagPolicy

NOT_READ = "row-level security policies were not read yet"
UNDECIDED = "AWS does not document how its rows combine with those of a grant"
LISTING_ACTIONS = ("lakeformation:ListRLSPolicies", "lakeformation:ListRLSPolicyAttachments")
TableTags = Collection[Mapping[str, str]]
"""Tags of a table and of each of its columns."""


@dataclass(frozen=True)
class RowPolicyAttachment:
    """A policy on one table, or on tables by LF-Tags (`tags`); with neither, on something that is not known: on any.

    `expression` is empty where the policy's text was not read. `principal` is empty for a `default` of a table and for whoever
    meets a `condition`.
    """

    policy: str
    expression: str = ""
    principal: str = ""
    database: str = ""
    table: str = ""
    tags: TagPolicy | None = None
    condition: str = ""
    is_default: bool = False

    def applies_to_table(self, database: str, table: str, tags: TableTags | None) -> bool:
        """`table` may be `*`; `tags` are None where they are not known."""
        if self.database:
            return self.database == database and (table == self.table or ALL_TABLES in {table, self.table})
        if self.tags is None or self.tags.is_expression_unknown or tags is None:
            return True
        return any(self.tags.expression.matches(tag) for tag in tags)

    def may_concern(self, principal: str) -> bool:
        """Whether it may change what the principal sees; an account stands for all of its principals."""
        if not self.principal or self.principal == principal:
            return True
        account, asked = find_account(self.principal), find_account(principal)
        if is_account_id(principal):
            return account in {"", principal}
        is_for_many = not ROLE_OR_USER_PATTERN.fullmatch(self.principal)
        return is_for_many and (not account or asked in {"", account})

    @property
    def resource(self) -> str:
        if self.database:
            return f"{self.database}.{self.table}"
        return self.tags.resource if self.tags else "a resource that is not known"

    @property
    def recipient(self) -> str:
        """In words."""
        if self.is_default:
            return "everybody, by default"
        if self.condition:
            return f"whoever meets {self.condition}"
        return self.principal.rsplit("/", 1)[-1] or "somebody that AWS does not name"

    @property
    def subject(self) -> str:
        """Tells it from every other attachment, and changes with the policy's text."""
        return digest(self.to_json())

    def describe(self) -> str:
        """A phrase: policy, text, for whom."""
        text = f"({self.expression})" if self.expression else "(text not read)"
        by = "" if self.database else f" on {self.resource}"
        return f"{self.policy} {text} for {self.recipient}{by}"

    def to_json(self) -> dict[str, Any]:
        return {
            "policy": self.policy,
            "expression": self.expression,
            "principal": self.principal,
            "database": self.database,
            "table": self.table,
            "tags": self.tags and self.tags.to_json(),
            "condition": self.condition,
            "default": self.is_default,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "RowPolicyAttachment":
        tags = value["tags"] and TagPolicy.from_json(value["tags"])
        return cls(
            value["policy"],
            value["expression"],
            value["principal"],
            value["database"],
            value["table"],
            tags,
            value["condition"],
            value["default"],
        )


@dataclass(frozen=True)
class RowPolicies:
    """Attachments of a catalog. `unread` says why they are not known, as a phrase; empty where they are."""

    attachments: frozenset[RowPolicyAttachment] = frozenset()
    unread: str = ""

    @property
    def is_refused(self) -> bool:
        """Whether a reading looked for them, and AWS did not list them."""
        return self.unread not in {"", NOT_READ}

    def list_on_table(self, database: str, table: str, tags: TableTags | None) -> list[RowPolicyAttachment]:
        """Sorted. For `tags` see `applies_to_table`."""
        return sort_attachments(
            attachment
            for attachment in self.attachments
            if attachment.applies_to_table(database, table, tags)
        )

    def list_applying(
        self, principal: str, tables: Iterable[tuple[str, str]], tags: Mapping[tuple[str, str], TableTags]
    ) -> list[RowPolicyAttachment]:
        """The attachments that may change which rows of the tables the principal sees; `tags` by table, as far as
        they are known.
        """
        found = {
            one
            for database, table in tables
            for one in self.list_on_table(database, table, tags.get((database, table)))
            if one.may_concern(principal)
        }
        return sort_attachments(found)

    def with_default(self, database: str, table: str, policy: str) -> "RowPolicies":
        """Where the attachments were not read: with the default policy that Glue tells of the table."""
        if not policy or not self.unread:
            return self
        default = RowPolicyAttachment(policy, database=database, table=table, is_default=True)
        return replace(self, attachments=self.attachments | {default})

    def to_json(self) -> dict[str, Any]:
        return {
            "attached": [attachment.to_json() for attachment in sort_attachments(self.attachments)],
            "unread": self.unread,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any] | None) -> "RowPolicies":
        """None stands for a reading that did not look for them."""
        if value is None:
            return UNREAD_ROW_POLICIES
        return cls(
            frozenset(RowPolicyAttachment.from_json(one) for one in value["attached"]), value["unread"]
        )


NO_ROW_POLICIES = RowPolicies()
UNREAD_ROW_POLICIES = RowPolicies(unread=NOT_READ)


def sort_attachments(attachments: Iterable[RowPolicyAttachment]) -> list[RowPolicyAttachment]:
    return sorted(attachments, key=_get_sort_key)


def _get_sort_key(attachment: RowPolicyAttachment) -> tuple[str, ...]:
    return (
        attachment.policy,
        attachment.resource,
        attachment.principal,
        attachment.condition,
        attachment.expression,
    )


def describe_attachments(attachments: Iterable[RowPolicyAttachment]) -> str:
    """A phrase that names each."""
    return "; ".join(attachment.describe() for attachment in attachments)


def describe_row_doubt(attachments: Collection[RowPolicyAttachment]) -> str:
    """Why it is not known which rows are shown beside these, as a phrase; empty without any."""
    if not attachments:
        return ""
    return f"rows are also narrowed or widened by row-level security policy {describe_attachments(attachments)}, and {UNDECIDED}"
