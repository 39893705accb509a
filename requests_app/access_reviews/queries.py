"""Access reviews and items that a person may see, and whether several items can be kept at once."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from identity.people.may import can_read_everything, get_team_ids, get_team_ids_with_role
from identity.people.models import Membership, Person
from kernel.errors import NotFoundError
from kernel.verdicts import ALLOWED, Verdict, refusal
from requests_app.access_requests.may import build_owner_filter, build_requester_filter
from requests_app.access_requests.models import RequestItem
from requests_app.access_reviews.models import AccessReview, AccessReviewItem
from requests_app.access_reviews.states import AccessReviewItemState, AccessReviewState
from requests_app.grants.queries import GRANT_RELATED_FIELDS
from requests_app.grants.states import GrantState

ReviewItemSimilarity = tuple[int | None, int | None, str | None]
"""Product, or table where there is none; and the highest class that was shown when it was requested."""


def may_keep_together(found: Iterable[ReviewItemSimilarity]) -> Verdict:
    """Whether these items may be kept with one reason. Any items may be revoked together."""
    if len(set(found)) <= 1:
        return ALLOWED
    return refusal(
        _("You can only keep grants of one product and one classification together. Select fewer.")
    )


ACCESS_REVIEW_RELATED_FIELDS = (
    "started_by",
    "domain",
    "product",
    "account",
    "event__seal",
    "closing_event__seal",
)
COUNT_NAMES = ("open", "kept", "revoked", "defaulted", "ended")
GRANT_HAS_ENDED = ~Q(grant__state=GrantState.LIVE)
"""Of an open item: its grant has ended, and the next pass settles it."""


@dataclass(frozen=True)
class ReviewItemCounts:
    """How many items are open, were kept, were revoked, ended by default, ended otherwise."""

    open: int
    kept: int
    revoked: int
    defaulted: int
    ended: int

    @property
    def total(self) -> int:
        return self.open + self.decided

    @property
    def decided(self) -> int:
        return self.kept + self.revoked + self.defaulted + self.ended


def list_access_reviews(person: Person) -> QuerySet[AccessReview]:
    """Lists reviews with an item that the person sees, the next due first."""
    seen = _list_visible_items(person).filter(access_review=OuterRef("pk"))
    return AccessReview.objects.filter(Exists(seen)).select_related(*ACCESS_REVIEW_RELATED_FIELDS)


def get_access_review(person: Person, pk: int) -> AccessReview:
    """NotFoundError for one without an item that the person sees."""
    found = list_access_reviews(person).filter(pk=pk).first()
    if found is None:
        raise NotFoundError
    return found


def list_review_items(person: Person, access_review: AccessReview) -> QuerySet[AccessReviewItem]:
    """The items that the person sees, with all that is shown of them, by id."""
    rows = (
        _list_visible_items(person)
        .filter(access_review=access_review)
        .select_related("decided_by", "event__seal", *(f"grant__{path}" for path in GRANT_RELATED_FIELDS))
    )
    return rows.order_by("pk")


def get_review_item_similarity(review_item: AccessReviewItem) -> ReviewItemSimilarity:
    """What items that are kept with one reason have in common."""
    item = review_item.grant.item
    table = None if item.product_id else item.table_id
    return (item.product_id, table, item.risk_facts.get("classification"))


def count_review_items(person: Person, access_reviews: Iterable[AccessReview]) -> dict[int, ReviewItemCounts]:
    """By access review, of the items that the person sees. One query."""
    open_ = Q(state=AccessReviewItemState.OPEN)
    rows = (
        _list_visible_items(person)
        .filter(access_review__in=[access_review.pk for access_review in access_reviews])
        .order_by()
        .values("access_review")
    )
    counted = rows.annotate(
        open=Count("pk", filter=open_ & ~GRANT_HAS_ENDED),
        kept=Count("pk", filter=Q(state=AccessReviewItemState.KEPT)),
        revoked=Count("pk", filter=Q(state=AccessReviewItemState.REVOKED)),
        defaulted=Count("pk", filter=Q(state=AccessReviewItemState.DEFAULTED)),
        ended=Count("pk", filter=Q(state=AccessReviewItemState.ENDED) | (open_ & GRANT_HAS_ENDED)),
    )
    return {
        pk: ReviewItemCounts(*counts) for pk, *counts in counted.values_list("access_review", *COUNT_NAMES)
    }


def list_decidable_reviews(person: Person) -> QuerySet[AccessReview]:
    """Open ones with an open item of a live grant on which the person decides as a data owner: of none that they or their teams
    requested.
    """
    owned = RequestItem.objects.filter(
        build_owner_filter(get_team_ids_with_role(person, Membership.Role.DATA_OWNER))
    ).exclude(build_requester_filter(person, get_team_ids(person)))
    open_items = AccessReviewItem.objects.filter(
        access_review=OuterRef("pk"), state=AccessReviewItemState.OPEN, grant__item__in=owned
    ).exclude(GRANT_HAS_ENDED)
    return AccessReview.objects.filter(Exists(open_items), state=AccessReviewState.OPEN).order_by("pk")


def _list_visible_items(person: Person) -> QuerySet[AccessReviewItem]:
    if can_read_everything(person):
        return AccessReviewItem.objects.all()
    owned = RequestItem.objects.filter(
        build_owner_filter(get_team_ids_with_role(person, Membership.Role.DATA_OWNER))
    )
    return AccessReviewItem.objects.filter(grant__item__in=owned)
