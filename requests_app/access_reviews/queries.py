"""Campaigns and lines that a person may see, and whether several lines can be confirmed at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from identity.errors import NotFoundError
from identity.people.may import sees_everything, teams_as
from identity.people.models import Membership, Person
from identity.verdicts import ALLOWED, Verdict, refused
from requests_app.access_requests.may import build_owner_filter
from requests_app.access_requests.models import Item
from requests_app.access_reviews.models import Campaign, CampaignLine
from requests_app.access_reviews.states import CampaignState, LineState
from requests_app.grants.models import Grant
from requests_app.grants.queries import GRANT_RELATED_FIELDS
from requests_app.grants.states import GrantState

LineSimilarity = tuple[int | None, int | None, str | None]
"""Product, or table where there is none; and the highest class that was shown when it was asked for."""


def judge_line_similarity(found: Iterable[LineSimilarity]) -> Verdict:
    """To end, anything goes together; to keep, what one reason can hold for."""
    if len(set(found)) <= 1:
        return ALLOWED
    return refused(
        _("You can only keep grants of one product and one classification together. Select fewer.")
    )


CAMPAIGN_RELATED_FIELDS = ("started_by", "domain", "product", "account", "event__seal", "closing_event__seal")
COUNT_NAMES = ("open", "kept", "revoked", "defaulted", "ended")
GRANT_HAS_ENDED = ~Q(grant__state=GrantState.LIVE)
"""Of an open line: its grant has ended, and the clerk writes it at its next look."""


@dataclass(frozen=True)
class LineCounts:
    """How many lines wait, were kept, were ended on a word, ended by default, ended otherwise."""

    open: int
    kept: int
    revoked: int
    defaulted: int
    ended: int

    @property
    def total(self) -> int:
        return self.open + self.answered

    @property
    def answered(self) -> int:
        return self.kept + self.revoked + self.defaulted + self.ended


def list_campaigns(person: Person) -> QuerySet[Campaign]:
    """Those with a line that the person sees, the next due first."""
    seen = _list_visible_lines(person).filter(campaign=OuterRef("pk"))
    return Campaign.objects.filter(Exists(seen)).select_related(*CAMPAIGN_RELATED_FIELDS)


def get_campaign(person: Person, pk: int) -> Campaign:
    """NotFoundError for one without a line that the person sees."""
    found = list_campaigns(person).filter(pk=pk).first()
    if found is None:
        raise NotFoundError
    return found


def list_lines(person: Person, campaign: Campaign) -> QuerySet[CampaignLine]:
    """The lines that the person sees, with all that is shown of them, by id."""
    rows = (
        _list_visible_lines(person)
        .filter(campaign=campaign)
        .select_related("answered_by", "event__seal", *(f"grant__{path}" for path in GRANT_RELATED_FIELDS))
    )
    return rows.order_by("pk")


def get_line_similarity(line: CampaignLine) -> LineSimilarity:
    """What lines that are kept with one word have in common."""
    item = line.grant.item
    table = None if item.product_id else item.table_id
    return (item.product_id, table, item.risk_facts.get("classification"))


def count_lines(person: Person, campaigns: Iterable[Campaign]) -> dict[int, LineCounts]:
    """By campaign, of the lines that the person sees. One query."""
    open_ = Q(state=LineState.OPEN)
    rows = (
        _list_visible_lines(person)
        .filter(campaign__in=[one.pk for one in campaigns])
        .order_by()
        .values("campaign")
    )
    counted = rows.annotate(
        open=Count("pk", filter=open_ & ~GRANT_HAS_ENDED),
        kept=Count("pk", filter=Q(state=LineState.KEPT)),
        revoked=Count("pk", filter=Q(state=LineState.REVOKED)),
        defaulted=Count("pk", filter=Q(state=LineState.DEFAULTED)),
        ended=Count("pk", filter=Q(state=LineState.ENDED) | (open_ & GRANT_HAS_ENDED)),
    )
    return {pk: LineCounts(*counts) for pk, *counts in counted.values_list("campaign", *COUNT_NAMES)}


def map_review_deadlines(grants: Iterable[Grant]) -> dict[int, datetime]:
    """By grant, when it ends unless somebody keeps it: of those that a campaign asks about. One query."""
    lines = CampaignLine.objects.filter(
        grant__in=[one.pk for one in grants], state=LineState.OPEN, campaign__state=CampaignState.OPEN
    )
    found = lines.order_by("-campaign__due_at").values_list("grant", "campaign__due_at")
    return dict(found)


def _list_visible_lines(person: Person) -> QuerySet[CampaignLine]:
    if sees_everything(person):
        return CampaignLine.objects.all()
    owned = Item.objects.filter(build_owner_filter(teams_as(person, Membership.Role.DATA_OWNER)))
    return CampaignLine.objects.filter(grant__item__in=owned)
