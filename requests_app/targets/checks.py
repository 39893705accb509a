"""Whether a request can be granted: principal, table, columns, use and effects. Each check names the input."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.mirror.models import Table
from catalog.mirror.snapshot import NO_SCHEMA, SPARK_SCHEMA
from catalog.products.models import DataProduct
from catalog.products.offers.models import DataUse
from identity.accounts import ConnectedCatalog, Principal, named_arn
from identity.people.models import Person
from kernel.errors import RefusedError
from kernel.queries import QueryCache
from lakeformation.effects.table_effects import Effects
from lakeformation.values.row_filters import RowFilterError, parse_row_filter
from lakeformation.values.wording import list_names, to_sentence
from requests_app.access_requests.item_targets import get_extent, get_target_kind
from requests_app.access_requests.models import RequestItem
from requests_app.targets.requested_item import CheckedItem, RequestedItem
from requests_app.targets.visible_targets import VisibleTargets

ROW_FILTER_FIELD = "row_filter"
VIEW_KINDS = frozenset({"VIRTUAL_VIEW", "MATERIALIZED_VIEW"})


def check_row_filter(text: str, table: Table) -> str:
    """The canonical text; empty for none. RefusedError with the character at which it cannot be read."""
    if not text.strip():
        return ""
    if table.kind in VIEW_KINDS:
        words = _("%(table)s is a view, and AWS can't filter rows of views. Leave the row filter empty.")
        raise RefusedError(words % {"table": table}, ROW_FILTER_FIELD)
    if SPARK_SCHEMA in table.flags:
        words = _("Lake Formation doesn't know the columns of %(table)s. Leave the row filter empty.")
        raise RefusedError(words % {"table": table}, ROW_FILTER_FIELD)
    try:
        return str(parse_row_filter(text, get_column_types(table)))
    except RowFilterError as error:
        place = _("%(reason)s, at character %(position)s")
        message = place % {"reason": error.reason, "position": error.position}
        raise RefusedError(to_sentence(message), ROW_FILTER_FIELD) from error


def is_same_row_filter(text: str, stored: str, table: Table) -> bool:
    """Whether what was typed is the row filter that is stored."""
    try:
        return check_row_filter(text, table) == stored
    except RefusedError:
        return False


def get_column_types(table: Table) -> dict[str, str]:
    """Glue's types by column, partition keys among them: a row filter may use these, too."""
    return {column.name: column.type for column in table.column_facts}


MAX_LISTED = 9
"""Or ten, of the columns that are not there: see `list_names`."""
TABLE_NOT_FOUND_MESSAGE = gettext_lazy("This table is not in the catalog.")
NO_DOMAIN_MESSAGE = gettext_lazy(
    "%(table)s belongs to no domain yet, so nobody can give access to it. Ask a governance admin for its domain."
)
NOT_IN_PRODUCT_MESSAGE = gettext_lazy("%(table)s is not part of this data product.")


def check_principal(principal: Principal) -> None:
    """RefusedError for a principal that AWS no longer knows, one of the portal's, or one outside the consuming accounts."""
    check_recipient(principal)
    if not principal.account.is_consumer:
        sentence = _("%(account)s is not a consumer account.")
        raise RefusedError(sentence % {"account": principal.account.name}, "principal")


def check_recipient(principal: Principal) -> None:
    """RefusedError for a principal that cannot be given data any more."""
    if principal.gone_at is not None:
        raise RefusedError(describe_deleted_principal(principal), "principal")
    if principal.is_portal:
        words = _("%(role)s is one of the portal's own roles. It can't be granted data.")
        raise RefusedError(words % {"role": principal.name}, "principal")


def check_reachable(principal: Principal, catalog: ConnectedCatalog) -> None:
    """RefusedError where the workers cannot grant: in nested catalogs, such as those of S3 Tables, whose tables they would
    look for in the account's own catalog; and where AWS links nothing: between partitions. Between regions of one, a
    link is made.
    """
    if catalog.path:
        message = _(
            "%(catalog)s is inside another catalog (%(path)s). You can find its tables here, but the portal can't grant access to them yet. Ask their owner."
        )
        raise RefusedError(message % {"catalog": catalog.short_name, "path": catalog.path}, "items")
    here, there = catalog.account, principal.account
    if here.partition != there.partition:
        words = {
            "account": there.name,
            "there": there.partition,
            "region": catalog.region,
            "here": here.partition,
        }
        message = _(
            "%(account)s is in the partition %(there)s, and the data is in %(here)s (%(region)s). AWS can't share data between them, and no copy of the data is known."
        )
        raise RefusedError(message % words, "principal")


def describe_deleted_principal(principal: Principal) -> str:
    """Why a principal that is gone cannot be used: deleted, or made anew under its name."""
    if Principal.objects.filter(named_arn(principal.arn), gone_at__isnull=True).exists():
        anew = _(
            "The role %(role)s was deleted and created again. It counts as another role: request access for it again."
        )
        return anew % {"role": principal.name}
    words = {"role": principal.name, "account": principal.account.name}
    return _("The role %(role)s no longer exists in %(account)s.") % words


def check_requested_item(seen: VisibleTargets, requested_item: RequestedItem) -> CheckedItem:
    """The item with its rows. RefusedError, alike for what is hidden and what does not exist. No query."""
    table = seen.tables.get(requested_item.table_id)
    if table is None:
        raise RefusedError(str(TABLE_NOT_FOUND_MESSAGE), "items")
    if not (verdict := seen.find_refusal(requested_item)):
        raise RefusedError(verdict.reason, "items")
    check_item_on_table(requested_item, table)
    if requested_item.offer_id is not None and requested_item.offer_id not in seen.offers:
        raise build_offer_not_found_error()
    extent = {
        **get_extent(requested_item),
        "columns": tuple(dict.fromkeys(requested_item.columns)),
        "row_filter": check_row_filter(requested_item.row_filter, table),
    }
    return CheckedItem(
        table,
        product=_get_product(seen, requested_item, table),
        offer=seen.offers[requested_item.offer_id] if requested_item.offer_id is not None else None,
        use=requested_item.use,
        **extent,
    )


def check_item_on_table(requested_item: RequestedItem, table: Table) -> None:
    """RefusedError when the table cannot give this. No query where its columns are prefetched."""
    check_table(table)
    check_domain(table)
    kind = get_target_kind(requested_item)
    check_use(requested_item.use, shows_data=kind.shows_data)
    kind.check_request(requested_item, table)


def check_use(use: str, *, shows_data: bool) -> None:
    """RefusedError for an unknown use, or one that does not fit what is requested."""
    if use and use not in DataUse.values:
        raise RefusedError(_("Choose how you will use the data."), "use")
    if use and (use == DataUse.METADATA) == shows_data:
        raise RefusedError(_("Metadata only is a separate use. Choose it for both, or for neither."), "use")


def build_offer_not_found_error() -> RefusedError:
    """For a version that the person cannot have seen."""
    return RefusedError(_("This offer does not exist."), "offer")


def check_table(table: Table) -> None:
    """RefusedError for a table that vanished or was made anew. The mirror holds no links."""
    if table.tombstoned_at is not None or table.database.tombstoned_at is not None:
        raise RefusedError(describe_deleted_table(table), "items")


def check_domain(table: Table) -> None:
    """RefusedError for a table for which no confirmed domain answers: nobody can give it to others."""
    if table.database.domain_id is None:
        raise RefusedError(NO_DOMAIN_MESSAGE % {"table": table}, "items")


def describe_deleted_table(table: Table) -> str:
    """Why a tombstoned table cannot be used: dropped, or dropped and made anew under its name."""
    anew = Table.objects.filter(
        database__catalog=table.database.catalog_id,
        database__name=table.database.name,
        name=table.name,
        tombstoned_at__isnull=True,
    )
    if anew.exists():
        sentence = _(
            "%(table)s was deleted and created again. It counts as another table: request access to it again."
        )
        return sentence % {"table": table}
    return _("%(table)s no longer exists in its catalog.") % {"table": table}


def check_columns(table: Table, columns: Collection[str], *, has_future_columns: bool = False) -> None:
    """RefusedError if nothing is requested, or a column is not in the mirrored table, or AWS cannot grant columns of it."""
    check_schema(table, has_future_columns=has_future_columns)
    is_key = {column.name: column.is_partition_key for column in table.column_facts}
    missing = [name for name in columns if name not in is_key]
    if missing:
        words = {"table": table, "columns": list_names(missing, MAX_LISTED)}
        sentence = _("%(table)s has no column %(columns)s.") % words
        if any("," in name for name in missing):
            sentence = f"{sentence} {_('Name each column separately, not as a list with commas.')}"
        raise RefusedError(sentence, "items")
    if has_future_columns:
        return
    if not columns:
        raise RefusedError(_("Choose at least one column of %(table)s.") % {"table": table}, "items")
    if all(is_key[name] for name in columns):
        sentence = _("Choose a column of %(table)s besides its partition key.")
        raise RefusedError(sentence % {"table": table}, "items")


def check_schema(table: Table, *, has_future_columns: bool) -> None:
    """RefusedError where the columns are unknown, or where Lake Formation does not know those that are requested."""
    if NO_SCHEMA in table.flags:
        sentence = _(
            "The schema of %(table)s cannot be read from Glue, so nobody can review what a grant shows."
        )
        raise RefusedError(sentence % {"table": table}, "items")
    if SPARK_SCHEMA not in table.flags:
        return
    words = {"table": table}
    if not has_future_columns:
        sentence = _("Lake Formation doesn't know the single columns of %(table)s. Request the whole table.")
        raise RefusedError(sentence % words, "items")
    if table.database.catalog.holds_new_columns:
        sentence = _(
            "In this catalog, new columns wait until they are classified, but Lake Formation doesn't know the single columns of %(table)s."
        )
        raise RefusedError(sentence % words, "items")


def _get_product(seen: VisibleTargets, requested_item: RequestedItem, table: Table) -> DataProduct | None:
    if requested_item.product_id is None:
        return None
    product = seen.products.get((requested_item.product_id, table.pk))
    if product is None:
        raise RefusedError(NOT_IN_PRODUCT_MESSAGE % {"table": table}, "items")
    return product


def check_still_grantable(item: RequestItem, now: datetime) -> None:
    """RefusedError if what was requested can no longer be granted."""
    item.target.check_grantable()
    check_recipient(item.request.principal)
    if item.ends_at <= now:
        raise RefusedError(_("The requested end date has passed. Request access again."), "ends_at")


def check_widenings(effects: Effects, agreed: Collection[str]) -> None:
    """RefusedError unless each overlap that widens what is seen was agreed to, by its key."""
    left = [widening for widening in effects.widenings if widening.key not in agreed]
    if left:
        words = _("%(what)s. You have to approve this separately.")
        raise RefusedError(words % {"what": to_sentence(f"the role {left[0].text}").rstrip(".")}, "widenings")


def check_effects(effects: Effects) -> None:
    """RefusedError if an approval would show more than it says."""
    if effects.refusals:
        raise RefusedError(to_sentence(effects.refusals[0]), "items")


def compute_effects(item: RequestItem, readings: QueryCache | None = None) -> Effects:
    """The effects of agreeing to the item, from the mirror as it is now."""
    return item.target.preview(readings).effects


def hide_obstacle(viewer: Person, item: RequestItem, effects: Effects) -> Effects:
    """The effects without an obstacle that rests on tables which the viewer does not see either."""
    obstacle = item.target.find_hidden_obstacle(viewer) if effects.refusals else ""
    if not obstacle:
        return effects
    return replace(effects, refusals=tuple(refusal for refusal in effects.refusals if refusal != obstacle))
