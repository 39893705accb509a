"""A mesh as a user writes it: the shapes of a TOML seed, and its reading with clear refusals.

The fields below are the format; `docs/awsim.md` describes it and `example.toml` shows all of it.
"""

import tomllib
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints


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


@dataclass(frozen=True)
class Role:
    """`trusts` are account ids, ARNs or services; `allows` are IAM actions on `resources`."""

    account: str
    name: str
    trusts: list[str] = field(default_factory=list)
    external_id: str = ""
    allows: list[str] = field(default_factory=list)
    resources: list[str] = field(default_factory=lambda: ["*"])
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
    """Rows come from `csv` (with a heading line) or `sql`, in the columns' types, and are put at `location`."""

    name: str
    location: str
    columns: list[Column]
    partition_keys: list[Column] = field(default_factory=list)
    comment: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    csv: str | None = None
    sql: str | None = None


@dataclass(frozen=True)
class Database:
    name: str
    comment: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    tables: list[Table] = field(default_factory=list)


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
class Catalog:
    """The Data Catalog of an account in a region, and what Lake Formation keeps for it."""

    account: str
    region: str
    tags: dict[str, list[str]] = field(default_factory=dict)
    locations: list[Location] = field(default_factory=list)
    databases: list[Database] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)


@dataclass(frozen=True)
class Mesh:
    """`organisation` holds the ids of the accounts that share without invitations."""

    accounts: list[Account]
    organisation: list[str] = field(default_factory=list)
    roles: list[Role] = field(default_factory=list)
    buckets: list[Bucket] = field(default_factory=list)
    catalogs: list[Catalog] = field(default_factory=list)


def read(path: Path) -> Mesh:
    """Raises SeedError for a file that cannot be read, is no TOML or does not fit the shapes."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        mesh: Mesh = _shaped(Mesh, content, "")
        _check_accounts(mesh)
    except (OSError, ValueError) as error:
        raise SeedError(f"{path}: {error}") from error
    return mesh


def _check_accounts(mesh: Mesh) -> None:
    known = {account.id for account in mesh.accounts}
    wrong = sorted(one for one in known if len(one) != 12 or not one.isdigit())  # noqa: PLR2004
    if wrong:
        raise ValueError(f"an account's id has twelve digits, not {', '.join(wrong)}")
    placed: list[Role | Bucket | Catalog] = [*mesh.roles, *mesh.buckets, *mesh.catalogs]
    named = {*mesh.organisation, *(one.account for one in placed)}
    if named - known:
        raise ValueError(f"no account {', '.join(sorted(named - known))}")


def _shaped(shape: type, content: Any, where: str) -> Any:
    if not isinstance(content, dict):
        raise ValueError(f"{where} is a table")  # noqa: TRY004
    types, known = get_type_hints(shape), {one.name: one for one in fields(shape)}
    unknown = sorted(content.keys() - known.keys())
    missing = [name for name, one in known.items() if _is_needed(one) and name not in content]
    if unknown or missing:
        problem = f"{unknown[0]} is not known" if unknown else f"{missing[0]} is missing"
        raise ValueError(f"{where}: {problem}" if where else problem)
    return shape(**{name: _typed(types[name], value, _at(where, name)) for name, value in content.items()})


def _typed(kind: Any, value: Any, where: str) -> Any:
    if get_origin(kind) is list:
        if not isinstance(value, list):
            raise ValueError(f"{where} is a list")
        (item,) = get_args(kind)
        return [_typed(item, one, f"{where}[{index}]") for index, one in enumerate(value)]
    if get_origin(kind) is dict:
        if not isinstance(value, dict):
            raise ValueError(f"{where} is a table")
        return {name: _typed(get_args(kind)[1], one, _at(where, name)) for name, one in value.items()}
    if hasattr(kind, "__dataclass_fields__"):
        return _shaped(kind, value, where)
    if kind is not Any and not isinstance(value, kind):
        raise ValueError(f"{where} is a {'truth value' if kind is bool else 'text'}")
    return value


def _is_needed(one: "Field[Any]") -> bool:
    return one.default is MISSING and one.default_factory is MISSING


def _at(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name
