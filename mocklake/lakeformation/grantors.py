"""Who may grant and revoke what: permissions, LF-Tags, and policies by the tags that they name.

Sources: DG:granting-tag-permissions, DG:permission-cascading-rules. Whoever holds GRANT_WITH_LF_TAG_EXPRESSION
on every tag of an expression, or on the named one, grants policies of it.

Source: DG:TBAC-permission-model. An administrator may do everything with the own catalog's tags, a creator
with what it created; ASSOCIATE contains DESCRIBE.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from mocklake.glue.store import find_table
from mocklake.lakeformation import verbs
from mocklake.lakeformation.authority import Viewer, is_admin, is_creator, is_reader_of_all
from mocklake.lakeformation.changes import Change, build_unauthorized_error
from mocklake.lakeformation.resources import Columns, Expression, Kind, Resource
from mocklake.lakeformation.selections import list_passable
from mocklake.lakeformation.sharing import envelopes, is_open, policy_envelopes, reaches_account
from mocklake.lakeformation.store import LFTag, Row, book_of
from mocklake.lakeformation.tag_policies import ANY_VALUE, derive_rows, get_policy_body
from mocklake.world import World

GRANTING = "GRANT_WITH_LF_TAG_EXPRESSION"
POLICIES = (Kind.LF_TAG_POLICY_DATABASE, Kind.LF_TAG_POLICY_TABLE)
CONTAINING = {"DESCRIBE": frozenset({"DESCRIBE", "ASSOCIATE"})}


def check_grantor(world: World, change: Change) -> None:
    """Administrators, creators and holders of the grant option; delegated only what the account was given.

    AccessDeniedException in one wording for what is missing and what is forbidden, as AWS answers it.
    """
    if change.is_delegated and not _account_passes(world, change):
        raise build_unauthorized_error()
    check_revoker(world, change)


def check_revoker(world: World, change: Change) -> None:
    """As for granting, but what an administrator's account once passed on it may always take back."""
    owns = not change.is_delegated and is_creator(world, change.grantor, _find_owned(change.resource))
    if owns or is_admin(world, change.grantor):
        return
    if not (_passes(world, change, _list_own_grant_rows(world, change)) or grants_by_tags(world, change)):
        raise build_unauthorized_error()


def _account_passes(world: World, change: Change) -> bool:
    """An LF-Tag policy is passed on as it was given, or another (not known of AWS) by the tags that it names."""
    grant_rows = _list_account_grant_rows(world, change)
    if grant_rows:
        return _passes(world, change, grant_rows)
    return world.switches.regrants_by_described_tags and may_account_describe(world, change)


def _find_owned(resource: Resource) -> Resource:
    return resource.whole_table if resource.kind is Kind.DATA_CELLS_FILTER else resource


def _list_places(resource: Resource) -> list[Resource]:
    """A filter may also be passed on by whoever may pass on the whole table."""
    if resource.kind is Kind.DATA_CELLS_FILTER:
        return [resource, resource.whole_table, resource.wildcard]
    is_one_table = resource.kind is Kind.TABLE and not resource.is_all_tables
    return [resource, resource.wildcard] if is_one_table else [resource]


def _list_own_grant_rows(world: World, change: Change) -> list[Row]:
    book, arn, resource = change.book(world), change.grantor.arn, change.resource
    rows = (book.find(arn, place) for place in _list_places(resource))
    derived = derive_rows(world, book, arn, _find_owned(resource), region=change.grantor.region)
    return [row for row in (*rows, *derived) if row is not None] + list_own_tag_rows(world, change)


def _list_account_grant_rows(world: World, change: Change) -> list[Row]:
    account, region, resource = change.grantor.account, change.grantor.region, change.resource
    named = [
        row
        for place in _list_places(resource)
        for row in envelopes(world, account=account, region=region, on=place, to=_find_owned(resource))
    ]
    derived = policy_envelopes(world, account=account, region=region, to=_find_owned(resource))
    return [*named, *derived, *list_account_tag_rows(world, change)]


def _passes(world: World, change: Change, rows: Iterable[Row]) -> bool:
    """The rows' grant options cover every verb, and for a narrowed SELECT every column."""
    rows = list(rows)
    held: set[str] = set()
    for row in rows:
        held |= verbs.expand_verbs(row.resource.kind, row.grantable)
    missing = (change.verbs | change.options) - held
    return not missing or (missing == {"SELECT"} and _passes_columns(world, change, rows))


def _passes_columns(world: World, change: Change, rows: Iterable[Row]) -> bool:
    resource, columns = change.resource, change.target.columns
    table = find_table(world, resource.catalog_id, change.grantor.region, resource.database, resource.table)
    if table is None or columns is None:
        return False
    allowed: set[str] = set()
    for row in rows:
        allowed |= list_passable(row.selections, table.data_columns)
    return _list_named_columns(columns, table.data_columns) <= allowed


def _list_named_columns(columns: Columns, table_columns: tuple[str, ...]) -> set[str]:
    return {name for name in table_columns if (name in columns.names) != columns.excluding}


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
    return _holds_every_value(
        world, change, lambda tag: set(list_held_values(world, grantor, resource.catalog_id, tag, GRANTING))
    )


def may_account_describe(world: World, change: Change) -> bool:
    """The grantor's account holds DESCRIBE of every value of a policy (DG:permission-cascading-rules)."""
    if change.resource.kind not in POLICIES:
        return False
    rows = list_account_rows(world, change.grantor, change.resource.catalog_id)
    return _holds_every_value(world, change, lambda tag: list_covered_values(rows, tag, "DESCRIBE"))


def list_own_tag_rows(world: World, change: Change) -> list[Row]:
    """For a grant of an LF-Tag: what the grantor may pass on of all its values, as one row."""
    rows = change.book(world).by_tags.get(change.grantor.arn, {}).values()
    same = [row for row in rows if row.resource.catalog_id == change.resource.catalog_id]
    return _list_passable(world, change, same)


def list_account_tag_rows(world: World, change: Change) -> list[Row]:
    return _list_passable(world, change, list_account_rows(world, change.grantor, change.resource.catalog_id))


def _list_passable(world: World, change: Change, rows: list[Row]) -> list[Row]:
    if change.resource.kind is not Kind.LF_TAG or not rows:
        return []

    def is_passable(verb: str) -> bool:
        return _holds_every_value(
            world, change, lambda tag: list_covered_values(rows, tag, verb, grantable=True)
        )

    verbs = {verb for verb in change.verbs | change.options if is_passable(verb)}
    return [replace(rows[0], resource=change.resource, verbs=set(), grantable=verbs)]


def _holds_every_value(world: World, change: Change, held: Callable[[LFTag], set[str]]) -> bool:
    owner = book_of(world, change.resource.catalog_id, change.grantor.region)
    body: Expression = get_policy_body(owner, change.resource)
    return bool(body) and all(
        key in owner.tags and _list_asked_values(owner.tags[key], values) <= held(owner.tags[key])
        for key, values in body
    )


def _list_asked_values(tag: LFTag, values: tuple[str, ...]) -> set[str]:
    return set(tag.values) if ANY_VALUE in values else set(values)


def list_held_values(world: World, viewer: Viewer, catalog_id: str, tag: LFTag, verb: str) -> list[str]:
    """The tag's values on which the verb is held."""
    at_home = catalog_id == viewer.account
    if at_home and (tag.creator == viewer.arn or is_admin(world, viewer)):
        return list(tag.values)
    if at_home and verb == "DESCRIBE" and is_reader_of_all(world, viewer):
        return list(tag.values)
    rows = _list_direct_rows(world, viewer, catalog_id)
    held = list_covered_values(rows, tag, verb)
    if not at_home:
        through_account = list_covered_values(list_account_rows(world, viewer, catalog_id), tag, verb)
        local = list_covered_values(_list_local_rows(world, viewer, catalog_id), tag, verb)
        is_head = is_reader_of_all(world, viewer)
        held |= through_account if is_head else through_account & local
    return [value for value in tag.values if value in held]


def list_covered_values(rows: Iterable[Row], tag: LFTag, verb: str, *, grantable: bool = False) -> set[str]:
    """The tag's values that rows on LF-Tags name with the verb (or its grant option)."""
    found: set[str] = set()
    for row in rows:
        if row.resource.kind is not Kind.LF_TAG:
            continue
        (key, values), given = row.resource.expression[0], row.grantable if grantable else row.verbs
        if key == tag.key and given & CONTAINING.get(verb, {verb}):
            found |= set(tag.values) if ANY_VALUE in values else set(values)
    return found & set(tag.values)


def list_account_rows(world: World, viewer: Viewer, catalog_id: str) -> list[Row]:
    """What another catalog's owner granted to the viewer's account as a whole."""
    book = book_of(world, catalog_id, viewer.region)
    return [
        row
        for principal, rows in book.by_tags.items()
        if reaches_account(world, principal, account=viewer.account, owner=catalog_id)
        for row in rows.values()
        if is_open(world, row, region=viewer.region)
    ]


def _list_direct_rows(world: World, viewer: Viewer, catalog_id: str) -> list[Row]:
    by_tags = book_of(world, catalog_id, viewer.region).by_tags
    rows = [row for name in viewer.names for row in by_tags.get(name, {}).values()]
    return [row for row in rows if is_open(world, row, region=viewer.region)]


def _list_local_rows(world: World, viewer: Viewer, catalog_id: str) -> list[Row]:
    by_tags = book_of(world, viewer.account, viewer.region).by_tags
    rows = [row for name in viewer.names for row in by_tags.get(name, {}).values()]
    return [row for row in rows if row.resource.catalog_id == catalog_id]
