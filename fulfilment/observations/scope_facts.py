"""What the last complete reading of a scope showed beside the permissions, which are kept row by row."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lakeformation.drift.named_expressions import NamedExpression
from lakeformation.values.column_sets import ColumnSet
from lakeformation.values.permissions import Held, OptIn, Permission, Place, in_order


@dataclass(frozen=True)
class CatalogFacts:
    """Of a catalog: data lake administrators, opt-ins of databases and of all tables, the cross-account version, and
    whether new tables are left to IAM. What of the settings AWS did not tell is None. `permissions` were read, of
    which `unmanaged` stand on nobody's word here. `expressions`: by name, those LF-Tag expressions kept in AWS by which
    anything is held. `first_admins` are the administrators at the first reading that told
    any; `conditional_opt_ins`, of tables too, count for some sessions alone.
    """

    admins: frozenset[str] | None = None
    opt_ins: frozenset[OptIn] = frozenset()
    version: int | None = None
    opens_new_tables: bool | None = None
    permissions: int = 0
    unmanaged: int = 0
    expressions: Mapping[str, NamedExpression] = field(default_factory=dict)
    first_admins: frozenset[str] | None = None
    conditional_opt_ins: frozenset[OptIn] = frozenset()

    def to_json(self) -> dict[str, Any]:
        return {
            "admins": None if self.admins is None else sorted(self.admins),
            "first_admins": None if self.first_admins is None else sorted(self.first_admins),
            "opt_ins": [one.to_json() for one in sorted(self.opt_ins)],
            "conditional_opt_ins": [one.to_json() for one in sorted(self.conditional_opt_ins)],
            "version": self.version,
            "opens_new_tables": self.opens_new_tables,
            "permissions": self.permissions,
            "unmanaged": self.unmanaged,
            "expressions": {name: one.to_json() for name, one in sorted(self.expressions.items())},
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
        )


@dataclass(frozen=True)
class ShareFacts:
    """Of a consuming account: the RAM shares, by ARN, that it sees as active in the catalog's region; and what it
    passed on of the catalog itself, None where that was not read.
    """

    accepted: frozenset[str]
    passed_on: Held | None = None

    def to_json(self) -> dict[str, Any]:
        value: dict[str, Any] = {"accepted": sorted(self.accepted)}
        if self.passed_on is not None:
            value["passed_on"] = [
                {**one.to_json(), "columns": self.passed_on[one].to_json()}
                for one in in_order(self.passed_on)
            ]
        return value

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "ShareFacts":
        passed_on = value.get("passed_on")
        if passed_on is not None:
            passed_on = {Permission.from_json(one): ColumnSet.from_json(one["columns"]) for one in passed_on}
        return cls(frozenset(value["accepted"]), passed_on)

    def delivers(self, owner: Place) -> bool:
        """Whether one of them is of the owner's account and region."""
        return any(f":{owner.region}:{owner.account}:" in arn for arn in self.accepted)
