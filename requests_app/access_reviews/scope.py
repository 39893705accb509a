"""The scope of an access review: filters on live grants."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BooleanField,
    CharField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Value,
)

from catalog.mirror.models import Column
from catalog.products.models import DataProduct, Domain
from identity.accounts import Account
from requests_app.access_requests.item_targets import build_filter
from requests_app.grants.models import Grant, build_single_table_filter
from requests_app.grants.states import GrantState
from requests_app.grants.usage import filter_unused
from requests_app.targets.single_tables import WholeTable

MAX_UNUSED_DAYS = 3650


@dataclass(frozen=True)
class AccessReviewScope:
    """Each filter narrows; None and an empty classification leave nothing out.

    `unused_days`: nobody used it for so long, by a trail that tells of all these days.
    """

    domain: Domain | None = None
    product: DataProduct | None = None
    account: Account | None = None
    classification: str = ""
    unused_days: int | None = None


def list_scope_grants(scope: AccessReviewScope, now: datetime) -> QuerySet[Grant]:
    """The live grants that fit, by id."""
    found = Grant.objects.filter(state=GrantState.LIVE, ends_at__gt=now)
    if scope.domain:
        database = "table__database__domain"
        domain_filter = Q(**{database: scope.domain}) | Q(
            **{f"{database}__isnull": True, "item__product__domain": scope.domain}
        )
        found = found.filter(domain_filter)
    if scope.product:
        held = scope.product.product_tables.values("table")
        found = found.filter(Q(item__product=scope.product) | Q(table__in=held))
    if scope.account:
        found = found.filter(principal__account=scope.account)
    if scope.classification:
        found = found.filter(_build_classification_filter(scope.classification))
    if scope.unused_days:
        found = filter_unused(found, scope.unused_days, now)
    return found.order_by("pk")


def _build_classification_filter(classification: str) -> Q:
    """Grants of a column that is so by now; of one by LF-Tags or of a whole database, that was so when it
    was agreed to.
    """
    names = ArrayField(CharField(max_length=255))
    columns = Column.objects.filter(table=OuterRef("table"), classification=classification)
    listed = columns.annotate(
        granted=ExpressionWrapper(OuterRef("item__columns"), output_field=names)
    ).filter(granted__contains=[F("name")])  # type: ignore[misc]  # the stubs know no expressions in lists
    reached = Func(
        F("intent__effects"),
        Value(f'$.members[*].columns.* ? (@ == "{classification}")'),
        function="jsonb_path_exists",
        output_field=BooleanField(),
        template="%(function)s(%(expressions)s::jsonpath)",
    )
    whole = (
        build_single_table_filter() & build_filter(WholeTable.flags.items(), "item__") & Q(Exists(columns))
    )
    return whole | Q(Exists(listed)) | (~build_single_table_filter() & Q(reached))
