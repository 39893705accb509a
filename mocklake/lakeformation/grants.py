"""GrantPermissions, RevokePermissions and their batches: what is refused, and what may leave the account.

Sources: DG:lf-permissions-reference (matrix), DG:data-filtering-notes (columns), DG:cross-account-notes and
DG:optimize-ram (versions), and texts that public projects report from live accounts.

Sources: DG:cross-account-notes, DG:optimize-ram, DG:TBAC-adding-tag-creator, DG:identity-center-lf-notes, and texts that
public projects report from live accounts.
"""

from collections.abc import Callable
from typing import Any

from mocklake import servicequotas
from mocklake.errors import AwsError
from mocklake.glue.store import Table, find_catalog, find_database, find_table
from mocklake.iam.callers import Caller
from mocklake.iam.principals import exists
from mocklake.lakeformation import principals, verbs
from mocklake.lakeformation.changes import Change, build_invalid_error, build_unauthorized_error, read_change
from mocklake.lakeformation.grantors import check_grantor, check_revoker
from mocklake.lakeformation.hybrid import is_hybrid
from mocklake.lakeformation.locations import is_registered
from mocklake.lakeformation.principals import Who
from mocklake.lakeformation.resources import Columns, Kind, Resource
from mocklake.lakeformation.row_filters import find_filter, list_filters_on
from mocklake.lakeformation.selections import Selection, add_selection, covers_columns, take_selection
from mocklake.lakeformation.sharing import TAG_KINDS, TAG_SHARE_VERSION, close_way, open_way
from mocklake.lakeformation.store import IAM_ALLOWED_PRINCIPALS, INSIDE_DATABASE, Book, Row, book_of
from mocklake.lakeformation.tag_policies import ANY_VALUE
from mocklake.ram.shares import get_store as ram_store
from mocklake.world import World

BATCH_LIMIT = 20
Apply = Callable[[World, Caller, Change], None]
FILTERS_HELD = int(servicequotas.FILTERS_HELD.value)
DIRECT_FOREIGN_VERSION = 3
HYBRID_VERSION = 4
NESTED_VERSION = 4
ON_DATABASES = (Kind.DATABASE, Kind.LF_TAG_POLICY_DATABASE)
NO_SUCH_RECEIVER = "Cross-account grants are not supported for the principal."


def grant_permissions(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Granting what is there already is accepted and changes nothing but the time."""
    grant(world, caller, read_change(world, caller, params, params.get("CatalogId")))
    return {}


def revoke_permissions(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """InvalidInputException "No permissions revoked. Grantee …" for what is not held; then nothing changes."""
    revoke(world, caller, read_change(world, caller, params, params.get("CatalogId")))
    return {}


def batch_grant_permissions(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    return _batch(world, caller, params, grant)


def batch_revoke_permissions(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    return _batch(world, caller, params, revoke)


def grant(world: World, caller: Caller, change: Change) -> None:
    check_verbs(change)
    check_options(change, columns_take_it=world.switches.columns_take_grant_option)
    check_principal(change)
    principals.require_known(world, change.principal, change.grantor.account)
    check_grantor(world, change)
    check_exists(world, change)
    check_tags(world, change)
    check_foreign(world, change)
    check_columns_beside_writing(world, change)
    if world.switches.identical_grant != "accepted" and _is_there(world, change):
        raise _already(world.switches.identical_grant)
    _add(world, caller, change)


def revoke(world: World, caller: Caller, change: Change) -> None:
    """Permissions and grant options are revoked separately: either list may name what it takes."""
    check_verbs(change)
    check_revoker(world, change)
    if not change.is_delegated:
        check_exists(world, change)
    row = change.book(world).find(change.key, change.resource)
    if row is None or _is_lost(world, change):
        raise AwsError("InvalidInputException", "No permissions revoked. Grantee has no permissions.")
    if change.target.columns is not None:
        _take_columns(row, change, merge=world.switches.merge_column_rows)
    else:
        _take(row, change, folds=world.switches.super_folds)
    row.updated_at, row.updated_by = world.now(), caller.session_arn
    if row.is_empty:
        book = change.book(world)
        book.drop(row)
        if row.receiver:
            close_way(world, book=book, row=row)


def _is_lost(world: World, change: Change) -> bool:
    """Whether what a deleted role or user held is out of reach."""
    is_iam, kept = change.principal.who is Who.IAM, world.switches.revokes_from_deleted_principals
    return is_iam and not kept and not exists(change.principal.id)


def _is_there(world: World, change: Change) -> bool:
    row, columns = change.book(world).find(change.key, change.resource), change.target.columns
    if row is None:
        return False
    if columns is not None:
        return covers_columns(row.selections, columns, held=True, grantable="SELECT" in change.options)
    return change.verbs <= row.verbs and change.options <= row.grantable


def _already(code: str) -> AwsError:
    text = "Permissions modification is invalid." if code == "InvalidInputException" else "Already granted."
    return AwsError(code, text)


def _add(world: World, caller: Caller, change: Change) -> None:
    book = change.book(world)
    who, now, by = change.principal.id, world.now(), caller.session_arn
    row = book.row(who, change.resource, now=now, by=by, condition=change.condition)
    if change.target.columns is not None:
        new = Selection(change.target.columns, held=True, grantable="SELECT" in change.options)
        row.selections = add_selection(row.selections, new, merge=world.switches.merge_column_rows)
    elif change.principal.id == IAM_ALLOWED_PRINCIPALS or not world.switches.super_folds:
        row.verbs |= change.verbs
        row.grantable |= change.options
    else:
        row.verbs |= verbs.expand_verbs(change.resource.kind, change.verbs)
        row.grantable |= verbs.expand_verbs(change.resource.kind, change.options)
    if change.is_foreign:
        owner, region = change.grantor.account, change.grantor.region
        open_way(world, owner=owner, region=region, book=book, row=row, principal=change.principal)


def _take(row: Row, change: Change, *, folds: bool) -> None:
    missing = sorted((change.verbs - row.verbs) | (change.options - row.grantable))
    if missing == ["SELECT"] and row.selections:
        raise build_invalid_error("SELECT is held on some columns.")
    if missing:
        raise _unheld(missing)
    if folds:
        row.verbs = verbs.contract_verbs(change.resource.kind, row.verbs, change.verbs)
        row.grantable = verbs.contract_verbs(change.resource.kind, row.grantable, change.options)
    else:
        row.verbs -= change.verbs
        row.grantable -= change.options


def _take_columns(row: Row, change: Change, *, merge: bool) -> None:
    columns, held, grantable = change.target.columns, bool(change.verbs), bool(change.options)
    assert columns is not None
    if not row.selections and "SELECT" in row.verbs | row.grantable:
        raise build_invalid_error("SELECT is held on the whole table.")
    if not covers_columns(row.selections, columns, held=held, grantable=grantable):
        raise _unheld(["SELECT"])
    row.selections = take_selection(row.selections, columns, held=held, grantable=grantable, merge=merge)


def _unheld(missing: list[str]) -> AwsError:
    text = f"No permissions revoked. Grantee does not have:[{', '.join(missing)}]"
    return AwsError("InvalidInputException", text)


def _batch(world: World, caller: Caller, params: dict[str, Any], apply: Apply) -> dict[str, Any]:
    """Each entry stands alone; up to 20 of them (API reference)."""
    entries = params["Entries"]
    if not 1 <= len(entries) <= BATCH_LIMIT:
        raise AwsError("InvalidInputException", f"Entries must number between 1 and {BATCH_LIMIT}.")
    failures = []
    for entry in entries:
        try:
            apply(world, caller, read_change(world, caller, entry, params.get("CatalogId")))
        except AwsError as error:
            if error.code == "MocklakeNotImplemented":
                raise
            cause = {"ErrorCode": error.code, "ErrorMessage": error.message}
            failures.append({"RequestEntry": entry, "Error": cause})
    return {"Failures": failures}


def check_verbs(change: Change) -> None:
    """Permissions fit the kind of resource, and the shape that named it."""
    if not (change.verbs or change.options):
        raise AwsError("InvalidInputException", "Permissions must not be empty.")
    unknown = sorted((change.verbs | change.options) - verbs.KNOWN)
    if unknown:
        named = f"[{', '.join(unknown)}]"
        text = f"Please grant only valid Lake Formation permissions. {named} are not all valid Lake Formation permissions."
        raise AwsError("InvalidInputException", text)
    allowed = verbs.list_verbs(change.resource) if change.target.columns is None else verbs.ON_COLUMNS
    wrong = (change.verbs | change.options) - allowed
    if wrong:
        raise build_invalid_error(f"{sorted(wrong)} cannot be held on {change.resource.kind.value}.")


def check_options(change: Change, *, columns_take_it: bool) -> None:
    """Grant options are a subset of the permissions, and name columns they include.

    SUPER_USER has none (terraform-provider-aws #46233).
    """
    if verbs.SUPER_USER in change.options:
        raise build_invalid_error("SUPER_USER has no grant option.")
    if not change.options <= change.verbs:
        raise build_invalid_error("The grant option must be a subset of the permissions.")
    columns = change.target.columns
    if change.options and columns is not None and (columns.excluding or not columns_take_it):
        raise build_invalid_error("A grant option needs an include list of columns.")


def check_exists(world: World, change: Change) -> None:
    """EntityNotFoundException for a missing database or table; data locations must be registered."""
    resource, region = change.resource, change.grantor.region
    if resource.kind is Kind.DATA_LOCATION:
        _check_registered(book_of(world, resource.catalog_id, region), resource.location)
    if resource.is_nested and find_catalog(world, resource.catalog_id, region) is None:
        raise _build_missing_error(world, f"Catalog not found: {resource.catalog_id}")
    if resource.kind not in (Kind.DATABASE, *INSIDE_DATABASE):
        return
    database = find_database(world, resource.catalog_id, region, resource.database)
    if database is None:
        raise _build_missing_error(world, f"Database not found: {resource.database}")
    if resource.kind is Kind.TABLE and not resource.is_all_tables:
        table = find_table(world, resource.catalog_id, region, resource.database, resource.table)
        if table is None:
            raise _build_missing_error(world, f"Table not found: {resource.table}")
        _check_columns(table, change.target.columns)
        _check_link(change, table.link)
        if table.body.get("TableType") == "VIRTUAL_VIEW" and not change.verbs <= verbs.ON_VIEW:
            raise build_invalid_error("A view takes ALL, DESCRIBE, DROP and SELECT only.")
    elif resource.kind is Kind.DATA_CELLS_FILTER:
        _check_filter(world, change)
    else:
        _check_link(change, database.link)


def _build_missing_error(world: World, text: str) -> AwsError:
    if world.switches.missing_looks_denied:
        return build_unauthorized_error()
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
        raise build_invalid_error(
            "A shared resource can be granted only to principals of the receiving account."
        )
    if who is not Who.EVERYONE:
        return
    if change.resource.kind in TAG_KINDS:
        raise build_invalid_error(f"{IAM_ALLOWED_PRINCIPALS} cannot be granted anything by LF-Tags.")
    if change.options or not change.verbs <= {"ALL", "CREATE_DATABASE"}:
        raise build_invalid_error(
            f"{IAM_ALLOWED_PRINCIPALS} can hold ALL and CREATE_DATABASE only, without grant option."
        )


def check_columns_beside_writing(world: World, change: Change) -> None:
    """Partial SELECT and write permissions exclude each other (DG:data-filtering-notes)."""
    book, table = change.book(world), change.resource.whole_table
    is_filter = change.resource.kind is Kind.DATA_CELLS_FILTER
    if is_filter and "SELECT" not in change.verbs:
        return
    filters = _list_filter_rows(world, change)
    partial = change.target.columns is not None or is_filter
    row = book.find(change.principal.id, table)
    beside = verbs.WRITING if world.switches.describe_beside_partial_select else verbs.WRITING | {"DESCRIBE"}
    if partial and row is not None and row.verbs & beside:
        raise build_invalid_error("A principal that may write cannot have SELECT on some columns or rows.")
    if (filters or (row and row.selections)) and not partial and change.verbs & beside:
        raise build_invalid_error(
            "A principal with SELECT on some columns or rows cannot be allowed to write."
        )
    if is_filter and change.resource not in filters:
        _check_room(len(filters))


def _list_filter_rows(world: World, change: Change) -> list[Resource]:
    """The filters on the table by which the grantee reads."""
    table, book = change.resource.whole_table, change.book(world)
    filters = list_filters_on(world, change.grantor.account, change.grantor.region, table)
    rows = ((one, book.find(change.principal.id, one)) for one in filters)
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
        raise build_invalid_error("Column permissions cannot cover partition keys.")
    missing = columns.names - set(table.data_columns)
    if missing:
        text = f"Permissions modification is invalid: cannot grant/revoke permission on non-existent column {min(missing)}"
        raise AwsError("InvalidInputException", text)


def _check_link(change: Change, link: dict[str, str] | None) -> None:
    if link is None or change.principal.who is Who.EVERYONE:
        return
    if change.is_foreign or not change.verbs <= verbs.ON_LINK:
        raise build_invalid_error("A resource link takes DESCRIBE and DROP only, within its account.")


def check_foreign(world: World, change: Change) -> None:
    """What may leave the account, for whom, and in which cross-account version."""
    if not change.is_foreign:
        return
    if change.resource.is_nested:
        _check_nested(world, change)
    elif change.resource.kind is Kind.CATALOG:
        raise build_invalid_error("CATALOG permissions cannot go to another account.")
    if change.resource.kind in ON_DATABASES and change.verbs & verbs.NOT_ON_FOREIGN_DATABASE:
        raise build_invalid_error("DROP and ALL on a database cannot go to another account.")
    if change.resource.kind is Kind.LF_TAG and not change.verbs <= verbs.ON_FOREIGN_TAG:
        raise build_invalid_error("Only DESCRIBE and ASSOCIATE on an LF-Tag can go to another account.")
    if change.resource.kind is Kind.DATA_CELLS_FILTER and not change.verbs <= verbs.ON_FOREIGN_FILTER:
        raise build_invalid_error("Only SELECT on a data cells filter can go to another account.")
    _check_receiver(world, change)
    _check_versions(world, change)
    _check_everyone_is_gone(world, change)


def _check_nested(world: World, change: Change) -> None:
    """Nested catalogs are shared from version 4 on, never with SUPER_USER (DG:s3-tables-grant-permissions)."""
    if int(change.book(world).version) < NESTED_VERSION:
        text = "Cross-account grants on nested catalogs need cross-account version 4 or above."
        raise AwsError("InvalidInputException", text)
    if verbs.SUPER_USER in change.verbs:
        raise build_invalid_error("SUPER_USER cannot go to another account.")


def _check_receiver(world: World, change: Change) -> None:
    principal = change.principal
    if principal.who is Who.FEDERATED and not world.switches.federated_across_accounts:
        raise AwsError("InvalidInputException", NO_SUCH_RECEIVER)
    if principal.who is Who.ORGANISATION:
        _check_organisation(world, change)
    if principal.who not in (Who.IAM, Who.ALL_IAM, Who.FEDERATED):
        return
    if int(change.book(world).version) < DIRECT_FOREIGN_VERSION:
        text = "Cross-account grants to IAM principals need cross-account version 3 or above."
        raise AwsError("InvalidInputException", text)
    if change.options:
        raise build_invalid_error("The grant option cannot go to a principal of another account.")


def _check_organisation(world: World, change: Change) -> None:
    """RAM must share with the organisation; by LF-Tags from version 3 on (DG:optimize-ram)."""
    inside = change.grantor.account in world.organisation and ram_store(world).shares_in_organisation
    by_tags = change.resource.kind in TAG_KINDS
    if not inside or (by_tags and int(change.book(world).version) < TAG_SHARE_VERSION):
        raise AwsError("InvalidInputException", f"Invalid principal, {change.principal.id}")


def _check_versions(world: World, change: Change) -> None:
    """DG:optimize-ram: below version 3 LF-Tags reach no account of version 3 or later.

    Whether databases and tables of a version 1 do is a switch.
    """
    version, receiver = int(change.book(world).version), change.principal.account
    if version >= TAG_SHARE_VERSION or not receiver:
        return
    is_later = int(book_of(world, receiver, change.grantor.region).version) >= TAG_SHARE_VERSION
    by_tags = change.resource.kind in TAG_KINDS
    if is_later and (by_tags or (version == 1 and not world.switches.version_one_reaches_later)):
        text = (
            "Invalid cross account grant request. Consumer account has opt-in to cross account version: v3. "
            "Please update `CrossAccountVersion` in `DataLakeSetting` to minimal version v3"
        )
        raise AwsError("InvalidInputException", text)


def _check_everyone_is_gone(world: World, change: Change) -> None:
    """A table open to all of IAM cannot be shared, but in hybrid access mode from version 4."""
    resource = change.resource.whole_table
    book = book_of(world, resource.catalog_id, change.grantor.region)
    if change.resource.kind not in INSIDE_DATABASE or book.find(IAM_ALLOWED_PRINCIPALS, resource) is None:
        return
    if int(book.version) >= HYBRID_VERSION and _is_hybrid(world, change):
        return
    text = "Please revoke permission(s) for IAM_ALLOWED_PRINCIPALS on the table"
    raise AwsError("InvalidInputException", text)


def _is_hybrid(world: World, change: Change) -> bool:
    resource, region = change.resource, change.grantor.region
    table = find_table(world, resource.catalog_id, region, resource.database, resource.table)
    return is_hybrid(book_of(world, resource.catalog_id, region), table)
