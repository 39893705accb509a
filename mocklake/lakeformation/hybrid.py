"""Hybrid access: on a location registered so, Lake Formation decides for those who opted in, IAM for all others.

Source: DG:hybrid-access-mode. A table is opted in by itself, or by all tables together with its database.
Assumed: another account's principal has no other way in than an opt-in, which the owner makes for it or for
its account, or its own account makes.
"""

from functools import lru_cache

from mocklake.glue.store import Table
from mocklake.lakeformation.resources import Resource
from mocklake.lakeformation.store import Book, Location, book_of
from mocklake.world import World


def registered_at(book: Book, table: Table | None) -> Location | None:
    """The most specific registered location that holds a table's data, or of S3 Tables the table's bucket."""
    if table is None:
        return None
    federated = table.body.get("FederatedTable")
    places = [str(federated.get("Identifier", "")).split(":", 2)[-1]] if federated else []
    if table.location:
        places.append("s3:::" + table.location.split("://", 1)[-1].rstrip("/") + "/")
    fitting = [arn for place in places for arn in book.locations if place.startswith(_folder(arn))]
    return book.locations[max(fitting, key=len)] if fitting else None


@lru_cache(maxsize=1024)
def _folder(arn: str) -> str:
    """Behind its partition. Every table bucket is registered at once as `…:bucket/*` (DG:change-access-iam-to-lf)."""
    named = arn.split(":", 2)[2]
    every = named.removesuffix("*") if named.startswith("s3tables:") else named
    return every.rstrip("/") + "/"


def is_hybrid(book: Book, table: Table | None) -> bool:
    location = registered_at(book, table)
    return bool(location and location.body["HybridAccessEnabled"])


def opted_in(world: World, principal: str, account: str, region: str, resource: Resource) -> bool:
    """Whether a principal's access to a table is Lake Formation's to decide."""
    foreign = account != resource.owner
    named = (principal, account) if foreign and world.switches.account_opt_ins else (principal,)
    places = dict.fromkeys((resource.owner, account))
    return any(_names(book_of(world, place, region), who, resource) for place in places for who in named)


def _names(book: Book, principal: str, table: Resource) -> bool:
    if (principal, table) in book.opt_ins:
        return True
    return (principal, table.wildcard) in book.opt_ins and (principal, table.parent) in book.opt_ins
