"""Reads named LF-Tag expressions that permissions use, and finds those that changed."""

from dataclasses import dataclass, field

from fulfilment.observations.models import ScopeReading
from fulfilment.observations.scope_facts import CatalogFacts
from lakeformation.drift.differences import Difference, DifferenceKind
from lakeformation.drift.named_expressions import (
    NamedExpression,
    find_expression_differences,
    list_expression_names,
    update_named_expressions,
)
from lakeformation.values.permissions import HeldPermissions
from lakeformation.values.tag_expressions import TagExpression
from workers.aws import reads
from workers.aws.errors import AwsError
from workers.aws.sessions import get_client
from workers.engine.claim import Lease


@dataclass(frozen=True)
class ExpressionChanges:
    """`unread_kinds` could not be read; their findings stay open."""

    expressions: dict[str, NamedExpression] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)
    unread_kinds: tuple[DifferenceKind, ...] = ()


def compare_expressions(lease: Lease, held: HeldPermissions) -> ExpressionChanges:
    """No call where nothing is held by one. A role that may not read them leaves what was known: no reading fails for
    their sake.
    """
    names = list_expression_names(held)
    if not names:
        return ExpressionChanges()
    row = ScopeReading.objects.filter(scope=lease.scope).first()
    before = dict(CatalogFacts.from_json(row.facts).named_expressions) if row else {}
    try:
        now = _read_expressions(lease, names)
    except AwsError:
        return ExpressionChanges(before, unread_kinds=(DifferenceKind.EXPRESSION_CHANGED,))
    named = update_named_expressions(before, now)
    return ExpressionChanges(named, list(find_expression_differences(named, held)))


def _read_expressions(lease: Lease, names: list[str]) -> dict[str, TagExpression | None]:
    catalog = lease.scope.catalog
    aws = get_client("lakeformation", account=catalog.account, role="observer", region=catalog.region)
    bodies = {name: reads.find_tag_expression(aws, catalog.account.account_id, name) for name in names}
    return {name: None if body is None else TagExpression.from_aws(body) for name, body in bodies.items()}
