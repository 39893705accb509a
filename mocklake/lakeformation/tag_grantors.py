"""Who may grant LF-Tags, and policies by the tags that they name.

Sources: DG:granting-tag-permissions, DG:permission-cascading-rules. Whoever holds GRANT_WITH_LF_TAG_EXPRESSION
on every tag of an expression, or on the named one, grants policies of it.
"""

from collections.abc import Callable
from dataclasses import replace

from mocklake.lakeformation.authority import is_creator
from mocklake.lakeformation.changes import Change
from mocklake.lakeformation.resources import Expression, Kind, Resource
from mocklake.lakeformation.store import LFTag, Row, book_of
from mocklake.lakeformation.tag_policies import ANY_VALUE, body_of
from mocklake.lakeformation.tag_rights import account_rows, covered, values_held
from mocklake.world import World

GRANTING = "GRANT_WITH_LF_TAG_EXPRESSION"
POLICIES = (Kind.LF_TAG_POLICY_DATABASE, Kind.LF_TAG_POLICY_TABLE)


def grants_by_tags(world: World, change: Change) -> bool:
    """In the own catalog, for a policy."""
    resource, grantor = change.resource, change.grantor
    if change.is_delegated or resource.kind not in POLICIES:
        return False
    book = change.book(world)
    if resource.expression_name:
        named = Resource(
            Kind.LF_NAMED_TAG_EXPRESSION, resource.catalog_id, expression_name=resource.expression_name
        )
        row = book.find(grantor.arn, named)
        return is_creator(world, grantor, named) or (row is not None and GRANTING in row.verbs)
    return _every_value(
        world, change, lambda tag: set(values_held(world, grantor, resource.catalog_id, tag, GRANTING))
    )


def account_describes(world: World, change: Change) -> bool:
    """The grantor's account holds DESCRIBE of every value of a policy (DG:permission-cascading-rules)."""
    if change.resource.kind not in POLICIES:
        return False
    rows = account_rows(world, change.grantor, change.resource.catalog_id)
    return _every_value(world, change, lambda tag: covered(rows, tag, "DESCRIBE"))


def own_tag_rows(world: World, change: Change) -> list[Row]:
    """For a grant of an LF-Tag: what the grantor may pass on of all its values, as one row."""
    rows = change.book(world).by_tags.get(change.grantor.arn, {}).values()
    same = [row for row in rows if row.resource.catalog_id == change.resource.catalog_id]
    return _passable(world, change, same)


def account_tag_rows(world: World, change: Change) -> list[Row]:
    return _passable(world, change, account_rows(world, change.grantor, change.resource.catalog_id))


def _passable(world: World, change: Change, rows: list[Row]) -> list[Row]:
    if change.resource.kind is not Kind.LF_TAG or not rows:
        return []

    def is_passable(verb: str) -> bool:
        return _every_value(world, change, lambda tag: covered(rows, tag, verb, grantable=True))

    verbs = {verb for verb in change.verbs | change.options if is_passable(verb)}
    return [replace(rows[0], resource=change.resource, verbs=set(), grantable=verbs)]


def _every_value(world: World, change: Change, held: Callable[[LFTag], set[str]]) -> bool:
    owner = book_of(world, change.resource.catalog_id, change.grantor.region)
    body: Expression = body_of(owner, change.resource)
    return bool(body) and all(
        key in owner.tags and _asked(owner.tags[key], values) <= held(owner.tags[key]) for key, values in body
    )


def _asked(tag: LFTag, values: tuple[str, ...]) -> set[str]:
    return set(tag.values) if ANY_VALUE in values else set(values)
