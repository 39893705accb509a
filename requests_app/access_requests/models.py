"""Requests, their items, decisions, changes and comments."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.models import Event
from catalog.mirror.models import Table
from catalog.products.models import DataProduct
from catalog.products.offers.models import DataUse, OfferVersion
from identity.accounts import LocalGroup, Principal
from identity.people.models import Person, Team
from requests_app.access_requests.item_targets import ItemTarget, get_target
from requests_app.access_requests.states import ItemState
from requests_app.policy_engine.request_texts import FURTHER_TEXTS, get_texts
from requests_app.policy_engine.rules import DeciderRole

ROLE_CHOICES = [(role.value, role.value) for role in DeciderRole]


def get_default_roles() -> list[str]:
    """Roles whose approval is needed where no rule says anything."""
    return [DeciderRole.OWNER.value]


class AccessRequest(models.Model):
    """A request: for a principal, for a purpose, until a day. What is requested is in the items."""

    requester = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="requests")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="requests")
    principal = models.ForeignKey(Principal, on_delete=models.PROTECT, related_name="requests")
    group = models.ForeignKey(
        LocalGroup,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="requests",
        help_text="The local group that receives access, if the recipient is its whole account.",
    )
    purpose = models.TextField()
    ends_at = models.DateTimeField()
    submitted_at = models.DateTimeField()
    taken_over_by = models.ForeignKey(
        Person,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Who took it over after the requester left.",
    )
    taken_over_ids = ArrayField(
        models.BigIntegerField(),
        default=list,
        blank=True,
        editable=False,
        help_text="People who took it over; maintained by the database.",
    )
    member_ids = ArrayField(
        models.BigIntegerField(),
        default=list,
        blank=True,
        editable=False,
        help_text="People who were in the requesting teams when it was sent, changed or taken over; maintained by the database.",
    )
    idempotency_key = models.CharField(
        max_length=64, help_text="Key of the form, so that submitting twice counts once."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["requester", "idempotency_key"], name="request_submitted_once"),
            models.UniqueConstraint(fields=["id", "requester"], name="request_id_requester"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("submitted_at")), name="request_ends_later"),
        ]

    def __str__(self) -> str:
        return f"request {self.pk} of {self.requester}"

    @property
    def current_requester(self) -> Person:
        """Who took it over last, else who sent it."""
        return self.taken_over_by or self.requester

    @property
    def further_texts(self) -> list[tuple[str, str]]:
        """Labels and what was typed, besides the purpose; without those left out."""
        typed = get_texts(self)
        return [(_(text.label), typed[text.name]) for text in FURTHER_TEXTS if typed[text.name]]


class RequestItem(models.Model):
    """One table in a request, whatever carries some LF-Tags, or every table of a database. `requester` repeats the
    request's (composite foreign key). Of what is not one table, `table` is the first table
    reached at submission: an example, of the owner's domain.
    """

    request = models.ForeignKey(AccessRequest, on_delete=models.PROTECT, related_name="items")
    requester = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey(
        DataProduct, null=True, blank=True, on_delete=models.PROTECT, related_name="items"
    )
    table = models.ForeignKey(Table, on_delete=models.PROTECT, related_name="items")
    columns = ArrayField(models.CharField(max_length=255), default=list)
    whole_table = models.BooleanField(default=False, help_text="Includes future columns.")
    row_filter = models.TextField(
        blank=True, default="", help_text="Canonical row filter; empty for all rows."
    )
    metadata_only = models.BooleanField(default=False, help_text="Names and types, no data.")
    tags = models.JSONField(
        default=dict,
        blank=True,
        help_text="For a request by LF-Tags: values by key; all keys must match.",
    )
    whole_database = models.BooleanField(
        default=False, help_text="All tables of the table's database, including future ones."
    )
    offer = models.ForeignKey(
        OfferVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="items"
    )
    use = models.CharField(
        max_length=10, choices=DataUse, blank=True, default="", help_text="Empty if not specified."
    )
    ends_at = models.DateTimeField(
        help_text="The end of the request, unless a decision or a change set another."
    )
    risk = models.PositiveSmallIntegerField(
        default=0, help_text="Used for sorting: see `requests_app.review.risk`."
    )
    risk_facts = models.JSONField(default=dict, blank=True, help_text="Reasons for the risk.")
    state = models.CharField(max_length=12, choices=ItemState, default=ItemState.SUBMITTED)
    state_changed_at = models.DateTimeField()
    facts = models.JSONField(default=dict, blank=True, help_text="Facts that the policies were evaluated on.")
    verdict = models.JSONField(
        default=dict, blank=True, help_text="Verdict of the policies; empty if one data owner decides."
    )
    answers = models.JSONField(
        default=dict, blank=True, help_text="Information that a policy required, by field name."
    )
    needed_from = ArrayField(
        models.CharField(max_length=10),
        default=get_default_roles,
        help_text="All roles that have to approve.",
    )
    waits_for = ArrayField(
        models.CharField(max_length=10),
        default=get_default_roles,
        help_text="The roles that have to approve next.",
    )
    agreed_hash = models.CharField(
        max_length=64,
        blank=True,
        default="",
        help_text="Effects that some have approved and others have not yet.",
    )

    class Meta:
        indexes = [
            models.Index(
                F("risk").desc(),
                "id",
                condition=Q(state__in=("submitted", "returned")),
                name="item_waiting",
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["id", "requester"], name="item_id_requester"),
            models.UniqueConstraint(fields=["request", "table"], name="item_table_once"),
            models.CheckConstraint(
                condition=Q(whole_table=True) | Q(metadata_only=True) | ~Q(columns=[]),
                name="item_asks_for_something",
            ),
            models.CheckConstraint(
                condition=Q(metadata_only=False) | Q(columns=[], whole_table=False, row_filter=""),
                name="item_metadata_without_data",
            ),
            models.CheckConstraint(
                condition=Q(tags={}) | Q(whole_table=True, columns=[], row_filter="", metadata_only=False),
                name="item_by_tags_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(whole_database=False)
                | Q(whole_table=True, columns=[], row_filter="", metadata_only=False, tags={}),
                name="item_of_database_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(offer=None) | ~Q(use=""), name="item_under_an_offer_says_its_use"
            ),
            models.CheckConstraint(
                condition=Q(use="")
                | Q(use="metadata", metadata_only=True)
                | (~Q(use="metadata") & Q(metadata_only=False)),
                name="item_used_as_metadata_has_no_data",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} in request {self.request_id}"

    @property
    def name(self) -> str:
        """The table's, or the LF-Tags in words, or which database's tables."""
        return self.target.format_name(self.table.database.name, self.table.name, self)

    @property
    def target(self) -> ItemTarget:
        """What it requests, as an object of its kind."""
        return get_target(self)


class Decision(models.Model):
    """One recorded approve or reject, with its reason and the effects that were shown."""

    class Answer(models.TextChoices):
        APPROVE = "approve", gettext_lazy("approve")
        REJECT = "reject", gettext_lazy("reject")

    item = models.ForeignKey(RequestItem, on_delete=models.PROTECT, related_name="decisions")
    requester = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="decisions")
    on_behalf_of = models.ForeignKey(
        Person,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The data owner for whom a delegate decided.",
    )
    decided_at = models.DateTimeField()
    answer = models.CharField(max_length=10, choices=Answer)
    effects_hash = models.CharField(max_length=64)
    widenings = models.JSONField(
        default=list, help_text="Widenings that were approved separately: columns, rows, text."
    )
    comment = models.TextField(blank=True)
    trial_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Days of the trial, if approved for a trial."
    )
    role = models.CharField(max_length=10, choices=ROLE_CHOICES, default=DeciderRole.OWNER.value)
    ends_at = models.DateTimeField(null=True, blank=True, help_text="Approved until.")
    by_rule = models.ForeignKey(
        "requests.PolicyVersion",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="decisions",
        help_text="The policy that approved it automatically.",
    )
    by_offer = models.ForeignKey(
        OfferVersion,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="decisions",
        help_text="The offer that approved it in advance.",
    )
    by_consent = models.ForeignKey(
        "requests.BreakGlassConsent",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="decisions",
        help_text="The break-glass consent that approved it.",
    )
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["decided_at"], name="decision_by_time")]
        constraints = [
            models.CheckConstraint(condition=~Q(decided_by=F("requester")), name="decision_by_another"),
            models.CheckConstraint(
                condition=Q(on_behalf_of=None)
                | (~Q(on_behalf_of=F("requester")) & ~Q(on_behalf_of=F("decided_by"))),
                name="decision_for_another",
            ),
            models.CheckConstraint(
                condition=Q(by_consent=None) | Q(answer="approve"), name="decision_by_consent_is_a_yes"
            ),
            models.CheckConstraint(
                condition=Q(by_rule=None) | Q(answer="approve", role=DeciderRole.OWNER.value),
                name="decision_by_rule_is_the_owners_yes",
            ),
            models.CheckConstraint(
                condition=Q(by_offer=None)
                | Q(
                    answer="approve",
                    role=DeciderRole.OWNER.value,
                    on_behalf_of=None,
                    by_rule=None,
                    by_consent=None,
                ),
                name="decision_by_offer_is_the_owners_yes",
            ),
            models.UniqueConstraint(
                fields=["item", "effects_hash", "decided_by", "ends_at"],
                nulls_distinct=False,
                name="decision_once_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.answer} of {self.item} by {self.decided_by}"

    @property
    def by_whom(self) -> str:
        """Who decided, and for whom where that was another."""
        if self.on_behalf_of is None:
            return self.decided_by.name
        return _("%(name)s for %(owner)s") % {"name": self.decided_by.name, "owner": self.on_behalf_of.name}


class ItemChange(models.Model):
    """What an item requested before and after a change by its requester, or before and after it was narrowed.

    `before` and `after` are `review.terms.RequestTerms` as JSON. The first `before` is the original request.
    """

    item = models.ForeignKey(RequestItem, on_delete=models.PROTECT, related_name="changes")
    created_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    before = models.JSONField()
    after = models.JSONField()
    comment = models.TextField(blank=True)
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"change of {self.item} by {self.created_by}"


class Comment(models.Model):
    """A comment on an item by its requester or its deciders; one that requests changes returns the item."""

    class Kind(models.TextChoices):
        COMMENT = "comment", gettext_lazy("comment")
        RETURN = "return", gettext_lazy("asks for a change")

    item = models.ForeignKey(RequestItem, on_delete=models.PROTECT, related_name="remarks")
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    posted_at = models.DateTimeField()
    kind = models.CharField(max_length=10, choices=Kind)
    text = models.TextField()
    key = models.CharField(max_length=64, help_text="Key of the form, so that submitting twice counts once.")
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["item", "author", "key"], name="remark_said_once"),
            models.CheckConstraint(condition=~Q(text=""), name="remark_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} on {self.item} by {self.author}"
