"""What AWS holds and this version cannot judge: never taken for a permission, and never for its absence."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lakeformation.values.arn import ROLE_OR_USER_PATTERN, find_account
from lakeformation.values.permissions import DataCatalog

NOBODY_NAMED = "somebody that AWS does not name"


@dataclass(frozen=True, order=True)
class UnknownRow:
    """`kind` of resource or thing, `values` (verbs or statuses) and the name of the resource as AWS tells them. `principal` is
    empty where AWS names none. `gives_access`: it may be a permission, unlike a status or an opt-in.
    """

    catalog: DataCatalog
    principal: str
    kind: str
    values: tuple[str, ...]
    resource: str = ""
    gives_access: bool = True

    @property
    def concerns_many(self) -> bool:
        """Whether it may concern principals that it does not name."""
        return not ROLE_OR_USER_PATTERN.fullmatch(self.principal)

    def may_concern(self, principal: str) -> bool:
        """Whether it may open something to the principal: by name, as one of its account, or as anybody."""
        if self.principal == principal:
            return True
        account = find_account(self.principal)
        return self.concerns_many and (not account or find_account(principal) in {"", account})

    def describe(self) -> str:
        """A phrase: who, what, on what."""
        who = self.principal.rsplit("/", 1)[-1] or NOBODY_NAMED
        what = " ".join(part for part in (self.kind or "a resource without a kind", self.resource) if part)
        if not self.gives_access:
            return ": ".join(filter(None, [f"{what} of {who}", ", ".join(self.values)]))
        return f"{who} holds {', '.join(self.values) or 'permissions without a name'} on {what}"

    def to_json(self) -> dict[str, Any]:
        return {
            "catalog": self.catalog.to_json(),
            "principal": self.principal,
            "kind": self.kind,
            "values": list(self.values),
            "resource": self.resource,
            "gives_access": self.gives_access,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "UnknownRow":
        catalog, values = DataCatalog(*value["catalog"]), tuple(value["values"])
        return cls(
            catalog, value["principal"], value["kind"], values, value["resource"], value["gives_access"]
        )


@dataclass
class UnknownRowIndex:
    """Finds quickly which row may give something to a principal."""

    rows: Iterable[UnknownRow]
    by_name: dict[str, UnknownRow] = field(init=False)
    of_many: list[UnknownRow] = field(init=False)

    def __post_init__(self) -> None:
        giving = sorted((one for one in self.rows if one.gives_access), reverse=True)
        self.by_name = {one.principal: one for one in giving}
        self.of_many = [one for one in giving if one.concerns_many]

    def get_reason(self, principal: str) -> str:
        """Why it is not proven that the principal holds nothing, as a sentence without its stop; empty where it is."""
        mine = self.by_name.get(principal)
        row = mine or next((one for one in self.of_many if one.may_concern(principal)), None)
        return f"AWS holds a permission that this version cannot judge: {row.describe()}" if row else ""
