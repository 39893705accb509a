"""Does an ask stand? Each check says in one sentence what is wrong and at which input."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from django.conf import settings
from django.db.models import prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.mirror.models import Table
from catalog.products.models import DataProduct
from catalog.products.offers.models import OfferVersion
from catalog.products.offers.states import Use
from identity.accounts.models import ConnectedCatalog, Principal
from identity.errors import RefusedError
from identity.people.models import Person
from lakeformation.effects.table_effects import Effects
from lakeformation.values.wording import as_sentence, listed
from requests_app.errors import ItemsRefusedError
from requests_app.findable import Findable
from requests_app.models import AccessRequest, Item
from requests_app.row_rules import check_row_rule, same_rule

SHORTEST_PURPOSE = 10
LONGEST_KEY = 64
LONGEST_TEXT = 2000
TOO_LONG = gettext_lazy("Say it in 2,000 characters at most.")
"""Of purpose, comment and reason; an API's schema and a page's fields name the same number."""
MOST_NAMED = 9
"""Or ten, of the columns that are not there: see `listed`."""
NOT_THERE = gettext_lazy("This table is not in the catalog.")
NOT_PART = gettext_lazy("%(table)s is not part of this data product.")
ASKED = ("product", "table", "columns", "whole_table", "row_rule", "metadata_only", "offer", "use")
"""Of a checked ask, what an item keeps under the same name."""
MOST_ITEMS = 100
"""Tables in one request, and in a basket."""
SAME_END = timedelta(minutes=1)
"""Access is given to the minute: what ends within it ends at the same time."""


@dataclass(frozen=True)
class ItemAsk:
    """One table asked for: some columns, or the whole table with columns yet to come; of all rows, or of those
    that pass a rule (as typed). Or its metadata only: names and types, no data. Under an offer's version by its id,
    or none; `use` is how it will be used, empty where that is not said.
    """

    table_id: int
    columns: tuple[str, ...]
    whole_table: bool
    product_id: int | None
    row_rule: str = ""
    metadata_only: bool = False
    offer_id: int | None = None
    use: str = ""


@dataclass(frozen=True)
class CheckedAsk:
    """An ask whose table, columns and product were found in the mirror; `row_rule` is canonical."""

    table: Table
    columns: tuple[str, ...]
    whole_table: bool
    product: DataProduct | None
    row_rule: str = ""
    metadata_only: bool = False
    offer: OfferVersion | None = None
    use: str = ""

    @property
    def table_id(self) -> int:
        return self.table.pk


class OnTable(Protocol):
    """An ask, checked or not."""

    @property
    def table_id(self) -> int: ...


One = TypeVar("One", bound=OnTable)
Found = TypeVar("Found")


def check_each(asks: Sequence[One], check: Callable[[One], Found]) -> list[Found]:
    """What `check` gives for each. RefusedError of the only one; ItemsRefusedError with all that do not stand."""
    found: list[Found] = []
    refused: dict[int, RefusedError] = {}
    for place, ask in enumerate(asks):
        try:
            found.append(check(ask))
        except RefusedError as error:
            refused[place] = error
    if refused and len(asks) == 1:
        raise refused[0]
    if refused:
        said = {asks[place].table_id: error.message for place, error in refused.items()}
        raise ItemsRefusedError(min(refused), said)
    return found


def check_form(*, purpose: str, ends_at: datetime, items: Sequence[ItemAsk], key: str, now: datetime) -> None:
    """RefusedError for a purpose too short or too long, an end out of range, no items or a table asked for twice."""
    if len(purpose.strip()) < SHORTEST_PURPOSE:
        raise RefusedError(_("Say in a sentence what the data is for."), "purpose")
    check_text(purpose, "purpose")
    check_end(ends_at, now)
    if not items:
        raise RefusedError(_("Choose at least one table."), "items")
    if len(items) > MOST_ITEMS:
        raise RefusedError(_("Ask for %(most)s tables at most at once.") % {"most": MOST_ITEMS}, "items")
    if len({item.table_id for item in items}) < len(items):
        raise RefusedError(
            _("A table stands in the request twice. Ask for all its columns in one place."), "items"
        )
    check_key(key, "submission_key")


def check_key(key: str, field: str = "key") -> None:
    """RefusedError at the field for a form's own key that is none, or too long."""
    if not 0 < len(key) <= LONGEST_KEY:
        raise RefusedError(_("The key needs 1 to %(most)s characters.") % {"most": LONGEST_KEY}, field)


def check_text(text: str, field: str) -> None:
    """RefusedError for words that are too many; a line break counts once, as browsers count it."""
    if len(text.strip().replace("\r\n", "\n")) > LONGEST_TEXT:
        raise RefusedError(str(TOO_LONG), field)


def check_same(
    first: AccessRequest, words: Mapping[str, Any], items: Sequence[ItemAsk], now: datetime
) -> None:
    """RefusedError when the key of an earlier request comes with another ask: it would be lost unsaid."""
    before = {item.table_id: item for item in first.items.select_related("table")}
    same = len(before) == len(items) and all(_is_same(before.get(ask.table_id), ask) for ask in items)
    if not same or not has_same_words(first, words, now):
        raise sent_before()


def sent_under(person: Person, key: str) -> AccessRequest | None:
    """What the person sent with this form before."""
    return AccessRequest.objects.filter(requester=person, submission_key=key).first()


def has_same_words(first: AccessRequest, words: Mapping[str, Any], now: datetime) -> bool:
    """Whether a form that is sent again, now, says of the whole request what it said at first.

    It ends as it did: then, or as long after it was sent, as hours are counted.
    """
    longer = (words["ends_at"] - now) - (first.ends_at - first.submitted_at)
    apart = min(abs(words["ends_at"] - first.ends_at), abs(longer))
    same = all(getattr(first, name) == words.get(name) for name in ("team", "principal", "group", "purpose"))
    return same and apart < SAME_END


def sent_before() -> RefusedError:
    """For a key that came with another ask."""
    said = _(
        "This form was sent before, with something else in it: that stands in your requests."
        " Send it again to ask for this, too."
    )
    return RefusedError(said, "submission_key")


def check_repeated(*, is_same: bool) -> None:
    """RefusedError where the key of what stands already comes with other contents: they would be lost unsaid."""
    if not is_same:
        said = _(
            "This form was sent before, with something else in it: that stands. Send it again for this, too."
        )
        raise RefusedError(said, "key")


def _is_same(item: Item | None, ask: ItemAsk) -> bool:
    if item is None or item.reaches_many or set(item.columns) != set(ask.columns):
        return False
    same = (item.whole_table, item.metadata_only) == (ask.whole_table, ask.metadata_only)
    same = same and (item.offer_id, item.use) == (ask.offer_id, ask.use)
    return same and same_rule(ask.row_rule, item.row_rule, item.table)


def check_end(ends_at: datetime, now: datetime) -> None:
    """RefusedError for an end that is past, or later than the longest access; the last day counts whole."""
    if ends_at <= now:
        raise RefusedError(_("The end lies in the past. Choose a later day."), "ends_at")
    days = settings.LONGEST_ACCESS_DAYS
    if timezone.localdate(ends_at) > timezone.localdate(now + timedelta(days=days)):
        most = _("Access is given for %(days)s days at most. Choose an earlier day.") % {"days": days}
        raise RefusedError(most, "ends_at")


def check_principal(principal: Principal) -> None:
    """RefusedError for a principal that AWS no longer knows, one of the portal's, or one outside the consuming accounts."""
    check_reader(principal)
    if not principal.account.is_consumer:
        sentence = _("%(account)s is not an account that uses data.")
        raise RefusedError(sentence % {"account": principal.account.name}, "principal")


def check_reader(principal: Principal) -> None:
    """RefusedError for a principal that cannot be given data any more."""
    if principal.gone_at is not None:
        raise RefusedError(gone_sentence(principal), "principal")
    if principal.is_portal:
        words = _("%(role)s is a role of the portal itself. It cannot be given data.")
        raise RefusedError(words % {"role": principal.name}, "principal")


def check_reachable(principal: Principal, catalog: ConnectedCatalog) -> None:
    """RefusedError where the workers cannot grant: in nested catalogs, such as those of S3 Tables, whose tables they would
    look for in the account's own catalog; and where AWS links nothing: between partitions. Between regions of one, a
    link is made.
    """
    if catalog.path:
        said = _(
            "%(catalog)s lies within another catalog (%(path)s). You can find its tables here, but the portal does not"
            " grant access to them yet: ask their owner."
        )
        raise RefusedError(said % {"catalog": catalog.short_name, "path": catalog.path}, "items")
    here, there = catalog.account, principal.account
    if here.partition != there.partition:
        words = {
            "account": there.name,
            "there": there.partition,
            "region": catalog.region,
            "here": here.partition,
        }
        said = _(
            "%(account)s lies in the partition %(there)s, and the data in %(here)s (%(region)s): AWS links nothing"
            " between them, and no replica of the data is known."
        )
        raise RefusedError(said % words, "principal")


def gone_sentence(principal: Principal) -> str:
    """Why a principal that is gone cannot be used: deleted, or made anew under its name."""
    if Principal.objects.filter(arn=principal.arn, gone_at__isnull=True).exists():
        anew = _("The role %(role)s was deleted and made anew since. That is another role: ask again for it.")
        return anew % {"role": principal.name}
    words = {"role": principal.name, "account": principal.account.name}
    return _("The role %(role)s no longer exists in %(account)s.") % words


def check_item(seen: Findable, ask: ItemAsk) -> CheckedAsk:
    """The ask with its rows, or RefusedError: what the person may not see is not in the catalog. No query."""
    table = seen.tables.get(ask.table_id)
    if table is None:
        raise RefusedError(str(NOT_THERE), "items")
    check_ask(ask, table)
    if ask.offer_id is not None and ask.offer_id not in seen.offers:
        raise no_such_offer()
    return CheckedAsk(
        table,
        tuple(dict.fromkeys(ask.columns)),
        ask.whole_table,
        _product(seen, ask, table),
        check_row_rule(ask.row_rule, table),
        ask.metadata_only,
        seen.offers[ask.offer_id] if ask.offer_id is not None else None,
        ask.use,
    )


def check_ask(ask: ItemAsk, table: Table) -> None:
    """RefusedError when the table cannot give this. No query where its columns are prefetched."""
    check_table(table)
    check_use(ask.use, metadata_only=ask.metadata_only)
    if ask.metadata_only:
        check_metadata_only(ask)
    else:
        check_columns(table, ask.columns, whole_table=ask.whole_table)
        check_row_rule(ask.row_rule, table)


def check_metadata_only(ask: ItemAsk) -> None:
    """RefusedError when data are asked for as well."""
    if ask.columns or ask.whole_table or ask.row_rule.strip():
        raise RefusedError(_("Metadata only means no data: leave out columns and row rule."), "items")


def check_use(use: str, *, metadata_only: bool) -> None:
    """RefusedError for a use that is none, or one that does not go with what is asked for."""
    if use and use not in Use.values:
        raise RefusedError(_("Choose how the data will be used."), "use")
    if use and (use == Use.METADATA) != metadata_only:
        raise RefusedError(_("Metadata only is a use of its own: choose both, or neither."), "use")


def no_such_offer() -> RefusedError:
    """For a version that the person cannot have seen."""
    return RefusedError(_("There is no such offer."), "offer")


def check_table(table: Table) -> None:
    """RefusedError for a table that vanished or was made anew. The mirror holds no links."""
    if table.tombstoned_at is not None or table.database.tombstoned_at is not None:
        raise RefusedError(vanished_sentence(table), "items")


def vanished_sentence(table: Table) -> str:
    """Why a tombstoned table cannot be used: dropped, or dropped and made anew under its name."""
    anew = Table.objects.filter(
        database__catalog=table.database.catalog_id,
        database__name=table.database.name,
        name=table.name,
        tombstoned_at__isnull=True,
    )
    if anew.exists():
        sentence = _("%(table)s was dropped and made anew since. That is another table: ask again for it.")
        return sentence % {"table": table}
    return _("%(table)s no longer exists in its catalog.") % {"table": table}


def check_columns(table: Table, columns: Sequence[str], *, whole_table: bool) -> None:
    """RefusedError when nothing is asked for, or a column is not in the mirrored table."""
    is_key = {column.name: column.is_partition_key for column in table.columns.all()}
    missing = [name for name in columns if name not in is_key]
    if missing:
        words = {"table": table, "columns": listed(missing, MOST_NAMED)}
        sentence = _("%(table)s has no column %(columns)s.") % words
        if any("," in name for name in missing):
            sentence = f"{sentence} {_('Name each column by itself, not as a list with commas.')}"
        raise RefusedError(sentence, "items")
    if not whole_table and not columns:
        raise RefusedError(_("Choose at least one column of %(table)s.") % {"table": table}, "items")
    if not whole_table and all(is_key[name] for name in columns):
        sentence = _("Choose a column of %(table)s besides its partition key.")
        raise RefusedError(sentence % {"table": table}, "items")


def _product(seen: Findable, ask: ItemAsk, table: Table) -> DataProduct | None:
    if ask.product_id is None:
        return None
    product = seen.products.get((ask.product_id, table.pk))
    if product is None:
        raise RefusedError(NOT_PART % {"table": table}, "items")
    return product


def check_still_stands(item: Item, now: datetime) -> None:
    """RefusedError when what was asked for cannot be given any more."""
    if not item.reaches_many:
        check_table(item.table)
        # The effects, too, look at them.
        prefetch_related_objects([item.table], "columns")
    if not (item.metadata_only or item.reaches_many):
        check_columns(item.table, item.columns, whole_table=item.whole_table)
        check_row_rule(item.row_rule, item.table)
    check_reader(item.request.principal)
    if item.ends_at <= now:
        raise RefusedError(
            _("The end that was asked for has passed. It has to be asked for again."), "ends_at"
        )


def check_widenings(effects: Effects, agreed: Collection[str]) -> None:
    """RefusedError unless each overlap that widens what is seen was agreed to, by its key."""
    left = [one for one in effects.widenings if one.key not in agreed]
    if left:
        words = _("%(what)s. That needs a yes of its own.")
        raise RefusedError(words % {"what": as_sentence(f"the role {left[0].text}").rstrip(".")}, "widenings")


def check_effects(effects: Effects) -> None:
    """RefusedError when a yes would show more than it says."""
    if effects.refusals:
        raise RefusedError(as_sentence(effects.refusals[0]), "items")
