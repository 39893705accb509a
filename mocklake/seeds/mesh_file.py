"""A mesh as a user writes it: the shapes of a YAML seed, and its reading with clear refusals.

The fields below are the format; `docs/seeds.md` describes it and `example.yaml` shows all of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mocklake import partitions
from mocklake.seeds import yaml_text
from mocklake.seeds.dataclass_shapes import Shaping


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


def read(path: Path) -> tuple[Mesh, dict[str, int]]:
    """The mesh, and the line of each place in the file.

    Raises SeedError for a file that cannot be read, is no YAML or does not fit the shapes.
    """
    try:
        document = yaml_text.read(path.read_text(encoding="utf-8"))
        return shaped(document.value, document.lines), document.lines
    except (OSError, ValueError) as error:
        raise SeedError(f"{path}: {error}") from error


def shaped(content: Any, lines: Mapping[str, int] | None = None) -> Mesh:
    """A mesh of plain values, as a file's reading gives them. Raises ValueError."""
    shaping = Shaping(lines or {})
    mesh: Mesh = shaping.shaped(Mesh, content)
    _check_accounts(mesh, shaping)
    _check_partitions(mesh, shaping)
    return mesh


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
