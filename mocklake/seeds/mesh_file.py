"""A mesh as a user writes it: the shapes of a YAML seed, and its reading with clear refusals.

The fields below are the format; `docs/seeds.md` describes it and `example.yaml` shows all of it.
"""

from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from mocklake import partitions
from mocklake.seeds import yaml_text
from mocklake.seeds.yaml_text import at

_LONGEST_NUMBER = 9
"""A longer whole number among AWS's own members is an account id that lacks its quotes."""
_NAMES = {bool: "a truth value", int: "a whole number", str: "a text"}


class SeedError(ValueError):
    """The text says which file, where in it, and what is wrong."""


@dataclass(frozen=True)
class Account:
    id: str
    name: str
    administrators: list[str] = field(default_factory=list)
    """Names of roles that are data lake administrators in every region of the mesh."""
    read_only_administrators: list[str] = field(default_factory=list)
    cross_account_version: str = "4"
    open_by_default: bool = False
    """New databases and tables are left to IAMAllowedPrincipals."""
    partition: str = partitions.DEFAULT


@dataclass(frozen=True)
class Role:
    """`trusts` are account ids, ARNs or services; `allows` are IAM actions on `resources`."""

    account: str
    name: str
    trusts: list[str] = field(default_factory=list)
    external_id: str = ""
    allows: list[str] = field(default_factory=list)
    resources: list[str] = field(default_factory=lambda: ["*"])
    max_session_duration: int = 3600
    long_lived: bool = False


@dataclass(frozen=True)
class Object:
    """One of `text` (as it is), `csv` and `sql` (both become Parquet)."""

    key: str
    text: str | None = None
    csv: str | None = None
    sql: str | None = None


@dataclass(frozen=True)
class Bucket:
    """`readers` are ARNs that the bucket's policy lets list and get."""

    account: str
    name: str
    region: str
    readers: list[str] = field(default_factory=list)
    objects: list[Object] = field(default_factory=list)


@dataclass(frozen=True)
class Column:
    name: str
    type: str = "string"
    comment: str = ""
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """Rows come from `csv` (with a heading line) or `sql`, in the columns' types, and are put at `location`.

    `times` makes so many of it: `{number}` in name, location and comment is 1 and up, `{database}` its database's name.
    """

    name: str
    location: str
    columns: list[Column]
    partition_keys: list[Column] = field(default_factory=list)
    comment: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    csv: str | None = None
    sql: str | None = None
    times: int = 1


@dataclass(frozen=True)
class Database:
    """`times` as for tables."""

    name: str
    comment: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    tables: list[Table] = field(default_factory=list)
    times: int = 1


@dataclass(frozen=True)
class Link:
    """A database link, or with `table` a table's link in `database`; the target in AWS's own members."""

    name: str
    target: dict[str, str]
    database: str = ""


@dataclass(frozen=True)
class Location:
    arn: str
    role: str = ""
    hybrid: bool = False


@dataclass(frozen=True)
class Grant:
    """`resource` as in GrantPermissions, without the catalog's own id."""

    principal: str
    resource: dict[str, Any]
    permissions: list[str] = field(default_factory=list)
    with_grant_option: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class OptIn:
    """`resource` as in CreateLakeFormationOptIn."""

    principal: str
    resource: dict[str, Any]


@dataclass(frozen=True)
class Catalog:
    """The Data Catalog of an account in a region, and what Lake Formation keeps for it.

    `settings` are members of AWS's DataLakeSettings over those that the account's entry gives; `filters` are AWS's
    DataCellsFilter without TableCatalogId; `accepts` are accounts whose invitations are accepted before the links.
    With a `path`, such as `s3tablescatalog/web`, the entry is a federated catalog nested in the account's own, made with
    those above it; its grants name it by CatalogId in their resources.
    """

    account: str
    region: str
    path: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    tags: dict[str, list[str]] = field(default_factory=dict)
    expressions: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    locations: list[Location] = field(default_factory=list)
    databases: list[Database] = field(default_factory=list)
    filters: list[dict[str, Any]] = field(default_factory=list)
    accepts: list[str] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)
    opt_ins: list[OptIn] = field(default_factory=list)


@dataclass(frozen=True)
class QuotaValue:
    """What an account may have of something in a region, by the codes of `mocklake.servicequotas`."""

    account: str
    region: str
    service: str
    code: str
    value: int


@dataclass(frozen=True)
class Mesh:
    """`organisation` holds the ids of its accounts, which share without invitations unless `shares_in_organisation`
    is off; `switches` as in `docs/switches.md`, `manners` as in `docs/manners.md`.
    """

    accounts: list[Account]
    organisation: list[str] = field(default_factory=list)
    shares_in_organisation: bool = True
    roles: list[Role] = field(default_factory=list)
    buckets: list[Bucket] = field(default_factory=list)
    catalogs: list[Catalog] = field(default_factory=list)
    switches: dict[str, Any] = field(default_factory=dict)
    quotas: list[QuotaValue] = field(default_factory=list)
    manners: str = ""


def read_mesh(path: Path) -> tuple[Mesh, dict[str, int]]:
    """The mesh, and the line of each place in the file.

    Raises SeedError for a file that cannot be read, is no YAML or does not fit the shapes.
    """
    try:
        document = yaml_text.read(path.read_text(encoding="utf-8"))
        return shape_mesh(document.value, document.lines), document.lines
    except (OSError, ValueError) as error:
        raise SeedError(f"{path}: {error}") from error


def shape_mesh(content: Any, lines: Mapping[str, int] | None = None) -> Mesh:
    """A mesh of plain values, as a file's reading gives them. Raises ValueError."""
    shaping = Shaping(lines or {})
    mesh: Mesh = shaping.shaped(Mesh, content)
    _check_accounts(mesh, shaping)
    _check_partitions(mesh, shaping)
    return mesh


class Shaping:
    """Raises ValueError with the line, where it is known."""

    def __init__(self, lines: Mapping[str, int]) -> None:
        self._lines = lines

    def refusal(self, where: str, problem: str) -> ValueError:
        line = self._lines.get(where)
        return ValueError(f"line {line}: {problem}" if line else problem)

    def shaped(self, shape: type, content: Any, where: str = "") -> Any:
        if not isinstance(content, dict):
            raise self.refusal(where, f"{where or 'the whole'} is a mapping")
        types, known = get_type_hints(shape), {one.name: one for one in fields(shape)}
        unknown = [name for name in content if name not in known]
        missing = [name for name, one in known.items() if _is_needed(one) and name not in content]
        if unknown or missing:
            problem = f"{unknown[0]} is not known" if unknown else f"{missing[0]} is missing"
            place = at(where, unknown[0]) if unknown else where
            raise self.refusal(place, f"{where}: {problem}" if where else problem)
        return shape(
            **{name: self._typed(types[name], value, at(where, name)) for name, value in content.items()}
        )

    def _typed(self, kind: Any, value: Any, where: str) -> Any:
        if get_origin(kind) is list:
            if not isinstance(value, list):
                raise self.refusal(where, f"{where} is a list")
            (item,) = get_args(kind)
            return [self._typed(item, one, f"{where}[{index}]") for index, one in enumerate(value)]
        if get_origin(kind) is dict:
            if not isinstance(value, dict):
                raise self.refusal(where, f"{where} is a mapping")
            return {name: self._typed(get_args(kind)[1], one, at(where, name)) for name, one in value.items()}
        if hasattr(kind, "__dataclass_fields__"):
            return self.shaped(kind, value, where)
        return self._free(value, where) if kind is Any else self._plain(kind, value, where)

    def _plain(self, kind: Any, value: Any, where: str) -> Any:
        wanted = next(one for one in (get_args(kind) or (kind,)) if one is not type(None))
        if type(value) is not wanted:
            hint = ": put it in quotes" if wanted is str and not isinstance(value, (dict, list)) else ""
            raise self.refusal(where, f"{where} is {_NAMES[wanted]}{hint}")
        return value

    def _free(self, value: Any, where: str) -> Any:
        """AWS's own members, which AWS's model knows and this file's shapes do not."""
        if isinstance(value, dict):
            return {name: self._free(one, at(where, name)) for name, one in value.items()}
        if isinstance(value, list):
            return [self._free(one, f"{where}[{index}]") for index, one in enumerate(value)]
        if value is None:
            raise self.refusal(where, f"{where} is empty: write {{}} or a value")
        if type(value) is int and len(str(value)) > _LONGEST_NUMBER:
            raise self.refusal(where, f"{where} is a number, and an account id is a text: put it in quotes")
        return value


def _check_accounts(mesh: Mesh, shaping: Shaping) -> None:
    known: set[str] = set()
    for index, account in enumerate(mesh.accounts):
        place = f"accounts[{index}].id"
        if len(account.id) != 12 or not account.id.isdigit():  # noqa: PLR2004
            raise shaping.refusal(place, f"an account's id has twelve digits, not {account.id}")
        if account.id in known:
            raise shaping.refusal(place, f"account {account.id} stands twice")
        known.add(account.id)
    named = {f"organisation[{index}]": one for index, one in enumerate(mesh.organisation)}
    for part in ("roles", "buckets", "catalogs"):
        named |= {f"{part}[{index}].account": one.account for index, one in enumerate(getattr(mesh, part))}
    for place, account_id in named.items():
        if account_id not in known:
            raise shaping.refusal(place, f"no account {account_id}")


def _check_partitions(mesh: Mesh, shaping: Shaping) -> None:
    """An account's regions are of its partition; an organisation's accounts are of one."""
    of_account = {one.id: one.partition for one in mesh.accounts}
    for index, account in enumerate(mesh.accounts):
        if account.partition not in partitions.names():
            known = ", ".join(partitions.names())
            raise shaping.refusal(f"accounts[{index}].partition", f"{account.partition} is none of {known}")
    for index, one in enumerate(mesh.organisation):
        if of_account[one] != of_account[mesh.organisation[0]]:
            raise shaping.refusal(f"organisation[{index}]", f"{one} is in another partition than the others")
    for part in ("buckets", "catalogs", "quotas"):
        for index, placed in enumerate(getattr(mesh, part)):
            partition = of_account.get(placed.account, partitions.DEFAULT)
            if partitions.of_region(placed.region) != partition:
                text = (
                    f"{placed.region} is no region of {partition}, the partition of account {placed.account}"
                )
                raise shaping.refusal(f"{part}[{index}].region", text)


def _is_needed(one: "Field[Any]") -> bool:
    return one.default is MISSING and one.default_factory is MISSING
