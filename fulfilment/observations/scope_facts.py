"""Facts of a scope's last complete reading, besides permissions, which are stored as rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lakeformation.access.access import Access
from lakeformation.drift.named_expressions import NamedExpression
from lakeformation.observation.unknown_rows import UnknownRow
from lakeformation.values.column_sets import ColumnSet
from lakeformation.values.permissions import HeldPermissions, OptIn, Permission, sort_permissions
from lakeformation.values.row_policies import UNREAD_ROW_POLICIES, RowPolicies


@dataclass(frozen=True)
class CatalogFacts:
    """Of a catalog: data lake administrators, opt-ins of databases and of all tables, the cross-account version, and
    whether new tables are open to IAM. Settings that were not read are None. `permission_count` permissions were read,
    of which `unmanaged_count` are unmanaged. `named_expressions`: by name, LF-Tag expressions stored in AWS by which
    permissions are held. `first_admins` are the administrators at the first reading that had
    any; `conditional_opt_ins`, of tables too, count for some sessions alone. `unknown_rows` cannot be judged.
    `row_policies` decide on rows besides.
    """

    admins: frozenset[str] | None = None
    wide_opt_ins: frozenset[OptIn] = frozenset()
    cross_account_version: int | None = None
    opens_new_tables_to_iam: bool | None = None
    permission_count: int = 0
    unmanaged_count: int = 0
    named_expressions: Mapping[str, NamedExpression] = field(default_factory=dict)
    first_admins: frozenset[str] | None = None
    conditional_opt_ins: frozenset[OptIn] = frozenset()
    unknown_rows: frozenset[UnknownRow] = frozenset()
    row_policies: RowPolicies = UNREAD_ROW_POLICIES

    def to_json(self) -> dict[str, Any]:
        return {
            "admins": None if self.admins is None else sorted(self.admins),
            "first_admins": None if self.first_admins is None else sorted(self.first_admins),
            "opt_ins": [one.to_json() for one in sorted(self.wide_opt_ins)],
            "conditional_opt_ins": [one.to_json() for one in sorted(self.conditional_opt_ins)],
            "version": self.cross_account_version,
            "opens_new_tables": self.opens_new_tables_to_iam,
            "permissions": self.permission_count,
            "unmanaged": self.unmanaged_count,
            "expressions": {name: one.to_json() for name, one in sorted(self.named_expressions.items())},
            "unknown": [one.to_json() for one in sorted(self.unknown_rows)],
            "row_policies": self.row_policies.to_json(),
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "CatalogFacts":
        admins, first = value["admins"], value.get("first_admins")
        opt_ins = frozenset(OptIn.from_json(one) for one in value["opt_ins"])
        admins = None if admins is None else frozenset(admins)
        counted = value.get("permissions", 0), value.get("unmanaged", 0)
        named = value.get("expressions", {})
        expressions = {name: NamedExpression.from_json(one) for name, one in named.items()}
        return cls(
            admins,
            opt_ins,
            value.get("version"),
            value.get("opens_new_tables"),
            *counted,
            expressions,
            None if first is None else frozenset(first),
            frozenset(OptIn.from_json(one) for one in value.get("conditional_opt_ins", ())),
            frozenset(UnknownRow.from_json(one) for one in value.get("unknown", ())),
            RowPolicies.from_json(value.get("row_policies")),
        )


@dataclass(frozen=True)
class ShareFacts:
    """Of a consuming account: the databases and tables of Glue, by ARN and wildcards too, that it sees in active RAM
    shares of the catalog; what it passed on of the catalog itself, None where that was not read; and `unknown_rows` of the
    account and of the shares, which cannot be judged.
    """

    received_resources: frozenset[str]
    passed_on_permissions: HeldPermissions | None = None
    unknown_rows: frozenset[UnknownRow] = frozenset()

    def to_json(self) -> dict[str, Any]:
        value: dict[str, Any] = {
            "resources": sorted(self.received_resources),
            "unknown": [one.to_json() for one in sorted(self.unknown_rows)],
        }
        if self.passed_on_permissions is not None:
            value["passed_on"] = [
                {**one.to_json(), "columns": self.passed_on_permissions[one].to_json()}
                for one in sort_permissions(self.passed_on_permissions)
            ]
        return value

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "ShareFacts":
        passed_on = value.get("passed_on")
        if passed_on is not None:
            passed_on = {Permission.from_json(one): ColumnSet.from_json(one["columns"]) for one in passed_on}
        unknown = frozenset(UnknownRow.from_json(one) for one in value.get("unknown", ()))
        return cls(frozenset(value.get("resources", ())), passed_on, unknown)

    def carries(self, access: Access) -> bool:
        """Whether all that the access needs in a share is received."""
        return all(one.is_in(self.received_resources) for one in access.shared_resources)
