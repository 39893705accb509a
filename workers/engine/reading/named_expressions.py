"""Reads the named LF-Tag expressions by which anything is held in a catalog, and tells which are others by now."""

from dataclasses import dataclass, field

from fulfilment.observations.models import ScopeReading
from fulfilment.observations.scope_facts import CatalogFacts
from lakeformation.drift.differences import Difference, Kind
from lakeformation.drift.named_expressions import NamedExpression, compared, names_held, of_expressions
from lakeformation.values.permissions import Held
from lakeformation.values.tag_expressions import TagExpression
from workers.aws import reads
from workers.aws.errors import AwsError
from workers.aws.sessions import client
from workers.engine.claim import Lease


@dataclass(frozen=True)
class Told:
    """`unread` are the kinds that could not be told: what was found of them stays open."""

    expressions: dict[str, NamedExpression] = field(default_factory=dict)
    found: list[Difference] = field(default_factory=list)
    unread: tuple[Kind, ...] = ()


def expressions_of(lease: Lease, held: Held) -> Told:
    """No call where nothing is held by one. A role that may not read them leaves what was known: no reading fails for
    their sake.
    """
    names = names_held(held)
    if not names:
        return Told()
    row = ScopeReading.objects.filter(scope=lease.scope).first()
    before = dict(CatalogFacts.from_json(row.facts).expressions) if row else {}
    try:
        now = _read(lease, names)
    except AwsError:
        return Told(before, unread=(Kind.EXPRESSION_CHANGED,))
    named = compared(before, now)
    return Told(named, list(of_expressions(named, held)))


def _read(lease: Lease, names: list[str]) -> dict[str, TagExpression | None]:
    catalog = lease.scope.catalog
    aws = client("lakeformation", account=catalog.account, role="observer", region=catalog.region)
    bodies = {name: reads.tag_expression(aws, catalog.account.account_id, name) for name in names}
    return {name: None if body is None else TagExpression.from_aws(body) for name, body in bodies.items()}
