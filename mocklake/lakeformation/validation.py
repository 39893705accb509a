"""What Lake Formation refuses in a grant or revoke, whoever asks.

Sources: DG:lf-permissions-reference (matrix), DG:data-filtering-notes (columns), DG:cross-account-notes and
DG:optimize-ram (versions), and texts that public projects report from live accounts.
"""

from mocklake import servicequotas
from mocklake.errors import AwsError
from mocklake.glue.store import Table, find_catalog, find_database, find_table
from mocklake.lakeformation import verbs
from mocklake.lakeformation.changes import Change, invalid, unauthorized
from mocklake.lakeformation.crossing import NO_SUCH_RECEIVER
from mocklake.lakeformation.filters import filters_on, find_filter
from mocklake.lakeformation.locations import is_registered
from mocklake.lakeformation.principals import Who
from mocklake.lakeformation.resources import Columns, Kind, Resource
from mocklake.lakeformation.sharing import TAG_KINDS
from mocklake.lakeformation.store import IAM_ALLOWED_PRINCIPALS, INSIDE_DATABASE, Book, book_of
from mocklake.lakeformation.tag_policies import ANY_VALUE
from mocklake.world import World

FILTERS_HELD = int(servicequotas.FILTERS_HELD.value)


def check_verbs(change: Change) -> None:
    """Permissions fit the kind of resource, and the shape that named it."""
    if not (change.verbs or change.options):
        raise AwsError("InvalidInputException", "Permissions must not be empty.")
    unknown = sorted((change.verbs | change.options) - verbs.KNOWN)
    if unknown:
        named = f"[{', '.join(unknown)}]"
        text = f"Please grant only valid Lake Formation permissions. {named} are not all valid Lake Formation permissions."
        raise AwsError("InvalidInputException", text)
    allowed = verbs.on(change.resource) if change.target.columns is None else verbs.ON_COLUMNS
    wrong = (change.verbs | change.options) - allowed
    if wrong:
        raise invalid(f"{sorted(wrong)} cannot be held on {change.resource.kind.value}.")


def check_options(change: Change, *, columns_take_it: bool) -> None:
    """Grant options are a subset of the permissions, and name columns they include.

    SUPER_USER has none (terraform-provider-aws #46233).
    """
    if verbs.SUPER_USER in change.options:
        raise invalid("SUPER_USER has no grant option.")
    if not change.options <= change.verbs:
        raise invalid("The grant option must be a subset of the permissions.")
    columns = change.target.columns
    if change.options and columns is not None and (columns.excluding or not columns_take_it):
        raise invalid("A grant option needs an include list of columns.")


def check_exists(world: World, change: Change) -> None:
    """EntityNotFoundException for a missing database or table; data locations must be registered."""
    resource, region = change.resource, change.grantor.region
    if resource.kind is Kind.DATA_LOCATION:
        _check_registered(book_of(world, resource.catalog_id, region), resource.location)
    if resource.is_nested and find_catalog(world, resource.catalog_id, region) is None:
        raise _missing(world, f"Catalog not found: {resource.catalog_id}")
    if resource.kind not in (Kind.DATABASE, *INSIDE_DATABASE):
        return
    database = find_database(world, resource.catalog_id, region, resource.database)
    if database is None:
        raise _missing(world, f"Database not found: {resource.database}")
    if resource.kind is Kind.TABLE and not resource.is_all_tables:
        found = find_table(world, resource.catalog_id, region, resource.database, resource.table)
        if found is None:
            raise _missing(world, f"Table not found: {resource.table}")
        _check_columns(found, change.target.columns)
        _check_link(change, found.link)
        if found.body.get("TableType") == "VIRTUAL_VIEW" and not change.verbs <= verbs.ON_VIEW:
            raise invalid("A view takes ALL, DESCRIBE, DROP and SELECT only.")
    elif resource.kind is Kind.DATA_CELLS_FILTER:
        _check_filter(world, change)
    else:
        _check_link(change, database.link)


def _missing(world: World, text: str) -> AwsError:
    if world.switches.missing_looks_denied:
        return unauthorized()
    return AwsError("EntityNotFoundException", text)


def check_tags(world: World, change: Change) -> None:
    """EntityNotFoundException for a key, value or named expression that the catalog does not have."""
    resource = change.resource
    owner = book_of(world, resource.catalog_id, change.grantor.region)
    for key, values in resource.expression:
        known = owner.tags[key].values if key in owner.tags else []
        if not known or set(values) - {*known, ANY_VALUE}:
            raise AwsError("EntityNotFoundException", "Tag or tag value does not exist.")
    if resource.expression_name and resource.expression_name not in owner.expressions:
        text = f"LF-Tag expression does not exist: {resource.expression_name}"
        raise AwsError("EntityNotFoundException", text)


def check_principal(change: Change) -> None:
    """Who can be granted what, apart from crossing accounts."""
    who, account = change.principal.who, change.grantor.account
    if who is Who.ACCOUNT and change.principal.account == account:
        raise AwsError("InvalidInputException", f"Invalid principal, {change.principal.id}")
    if change.is_delegated and who is Who.IDENTITY_CENTER:
        raise AwsError("InvalidInputException", NO_SUCH_RECEIVER)
    if change.is_delegated and (who is Who.EVERYONE or change.is_foreign):
        raise invalid("A shared resource can be granted only to principals of the receiving account.")
    if who is not Who.EVERYONE:
        return
    if change.resource.kind in TAG_KINDS:
        raise invalid(f"{IAM_ALLOWED_PRINCIPALS} cannot be granted anything by LF-Tags.")
    if change.options or not change.verbs <= {"ALL", "CREATE_DATABASE"}:
        raise invalid(
            f"{IAM_ALLOWED_PRINCIPALS} can hold ALL and CREATE_DATABASE only, without grant option."
        )


def check_columns_beside_writing(world: World, change: Change) -> None:
    """Partial SELECT and write permissions exclude each other (DG:data-filtering-notes)."""
    book, table = change.book(world), change.resource.whole_table
    is_filter = change.resource.kind is Kind.DATA_CELLS_FILTER
    if is_filter and "SELECT" not in change.verbs:
        return
    filters = _filter_rows(world, change)
    partial = change.target.columns is not None or is_filter
    row = book.find(change.principal.id, table)
    beside = verbs.WRITING if world.switches.describe_beside_partial_select else verbs.WRITING | {"DESCRIBE"}
    if partial and row is not None and row.verbs & beside:
        raise invalid("A principal that may write cannot have SELECT on some columns or rows.")
    if (filters or (row and row.selections)) and not partial and change.verbs & beside:
        raise invalid("A principal with SELECT on some columns or rows cannot be allowed to write.")
    if is_filter and change.resource not in filters:
        _check_room(len(filters))


def _filter_rows(world: World, change: Change) -> list[Resource]:
    """The filters on the table by which the grantee reads."""
    table, book = change.resource.whole_table, change.book(world)
    known = filters_on(world, change.grantor.account, change.grantor.region, table)
    rows = ((one, book.find(change.principal.id, one)) for one in known)
    return [one for one, row in rows if row is not None and "SELECT" in row.verbs]


def _check_room(held: int) -> None:
    if held >= FILTERS_HELD:
        text = f"A principal can hold at most {FILTERS_HELD} data cells filters on a table."
        raise AwsError("InvalidInputException", text)


def _check_filter(world: World, change: Change) -> None:
    if find_filter(world, change.grantor.account, change.grantor.region, change.resource) is None:
        raise AwsError("InvalidInputException", f"Cell Filter not found: {change.resource.filter}")


def _check_registered(book: Book, location: str) -> None:
    if not is_registered(book, location):
        raise AwsError("EntityNotFoundException", f"Please register the S3 path {location} first.")


def _check_columns(table: Table, columns: Columns | None) -> None:
    if columns is None:
        return
    if columns.names & set(table.partition_keys):
        raise invalid("Column permissions cannot cover partition keys.")
    missing = columns.names - set(table.data_columns)
    if missing:
        text = f"Permissions modification is invalid: cannot grant/revoke permission on non-existent column {min(missing)}"
        raise AwsError("InvalidInputException", text)


def _check_link(change: Change, link: dict[str, str] | None) -> None:
    if link is None or change.principal.who is Who.EVERYONE:
        return
    if change.is_foreign or not change.verbs <= verbs.ON_LINK:
        raise invalid("A resource link takes DESCRIBE and DROP only, within its account.")
