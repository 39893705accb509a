"""Whether data products keep what they promise, and since when they do not."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import models, transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from audit.actions import record_event
from catalog.products.may import list_product_owner_ids, visible_products
from catalog.products.models import DataProduct, ProductLifecycle
from identity.people.models import Person
from kernel.advisory_locks import AdvisoryLock, acquire_transaction_lock
from lakeformation.values.messages import gettext_noop, message

MAX_TEXT_LENGTH = 300


class PromiseKind(models.TextChoices):
    """Promises that are compared with facts."""

    FRESHNESS = "freshness", _("Freshness")
    QUALITY = "quality", _("Quality")


class PromiseBreach(models.Model):
    """From when until when a product did not keep a promise. While it is open, `fact` and `cause` follow what was found last.

    The texts are in English.
    """

    product = models.ForeignKey(DataProduct, on_delete=models.PROTECT, related_name="promise_breaches")
    kind = models.CharField(max_length=12, choices=PromiseKind)
    promised = models.CharField(max_length=MAX_TEXT_LENGTH, help_text="Such as: at most 24 hours old.")
    fact = models.CharField(max_length=MAX_TEXT_LENGTH, help_text="What was found last while it was open.")
    cause = models.CharField(max_length=MAX_TEXT_LENGTH, blank=True)
    began_at = models.DateTimeField()
    checked_at = models.DateTimeField(help_text="When the fact was last compared with the promise.")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "promise breaches"
        constraints = [
            models.UniqueConstraint(
                fields=["product", "kind"], condition=Q(ended_at=None), name="promise_breach_open_once"
            ),
            models.CheckConstraint(condition=Q(kind__in=PromiseKind.values), name="promise_breach_kind"),
            models.CheckConstraint(condition=~Q(promised="") & ~Q(fact=""), name="promise_breach_says_what"),
            models.CheckConstraint(
                condition=Q(checked_at__gte=F("began_at"))
                & (Q(ended_at=None) | Q(ended_at__gte=F("began_at"))),
                name="promise_breach_begins_first",
            ),
        ]
        indexes = [models.Index(fields=["product", "-began_at"], name="promise_breach_history")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.product}"

    @property
    def is_open(self) -> bool:
        return self.ended_at is None

    @property
    def subject(self) -> str:
        """What its events are about."""
        return f"product:{self.product_id}"


def visible_breaches(person: Person) -> QuerySet[PromiseBreach]:
    """Breaches of products that the person may see."""
    if not person.is_active:
        return PromiseBreach.objects.none()
    return PromiseBreach.objects.filter(product__in=visible_products(person))


def find_open_breaches(products: Iterable[DataProduct | int]) -> dict[int, list[PromiseBreach]]:
    """By product, for a person who sees them; products that keep their promises are left out. One query."""
    ids = {product if isinstance(product, int) else product.pk for product in products}
    found: dict[int, list[PromiseBreach]] = defaultdict(list)
    if ids:
        for breach in PromiseBreach.objects.filter(product__in=ids, ended_at=None).order_by("kind"):
            found[breach.product_id].append(breach)
    return dict(found)


def list_product_breaches(product: DataProduct) -> QuerySet[PromiseBreach]:
    """For a person who sees the product: newest first."""
    return PromiseBreach.objects.filter(product=product).order_by("-began_at", "-pk")


ENGINE = "engine:promises"
PROMISING = (ProductLifecycle.PUBLISHED, ProductLifecycle.DEPRECATED)


NO_PROMISE_LEFT = message(gettext_noop("%(fact)s; nothing promised any more"))
PROMISE_KEPT = message(gettext_noop("%(fact)s; promised: %(promised)s"))
PROMISE_BROKEN = message(gettext_noop("%(fact)s; promised: %(promised)s; since %(time)s UTC"))


@dataclass(frozen=True)
class _Finding:
    promised: str
    fact: str
    cause: str
    since: datetime
    now: datetime


@transaction.atomic
def record_promise_state(
    *,
    product: DataProduct,
    kind: PromiseKind | str,
    broken: bool,
    promised: str,
    fact: str,
    cause: str = "",
    since: datetime | None = None,
    now: datetime,
) -> PromiseBreach | None:
    """Open a breach, keep it or end it; returns the open one. Saying the same again tells nobody anything.

    `since` is when the promise began to be broken, if that is known to be before `now`. The texts are in English, such as `at most 24 hours old` and `31 hours old`. Do not call it while the fact is unknown:
    an open breach stays open. Drafts and retired products have no open breach.
    """
    kind = PromiseKind(kind)
    acquire_transaction_lock(AdvisoryLock.PROMISE, f"{product.pk}:{kind.value}")
    finding = _Finding(_shorten(promised), _shorten(fact), _shorten(cause), min(since or now, now), now)
    lifecycle = DataProduct.objects.values_list("lifecycle", flat=True).get(pk=product.pk)
    broken = broken and lifecycle in PROMISING
    breach = PromiseBreach.objects.filter(product=product, kind=kind, ended_at=None).first()
    if breach is None:
        return _open(product, kind, finding) if broken else None
    if broken:
        # A finding that is older than the last one changes nothing.
        if finding.now > breach.checked_at:
            breach.promised, breach.fact, breach.cause = finding.promised, finding.fact, finding.cause
            breach.checked_at = finding.now
            breach.save(update_fields=["promised", "fact", "cause", "checked_at"])
        return breach
    # A retired product has told its consumers already that it ended. The breach keeps the fact that it had.
    breach.ended_at = max(finding.now, breach.checked_at)
    breach.checked_at = breach.ended_at
    breach.save(update_fields=["ended_at", "checked_at"])
    _record(
        "close_promise_breach" if lifecycle == ProductLifecycle.RETIRED else "mend_promise",
        breach,
        product,
        finding,
    )
    return None


def _shorten(text: str) -> str:
    """One line that fits."""
    line = " ".join(text.split())
    return line if len(line) <= MAX_TEXT_LENGTH else f"{line[: MAX_TEXT_LENGTH - 1]}…"


def _open(product: DataProduct, kind: PromiseKind, finding: _Finding) -> PromiseBreach:
    breach = PromiseBreach.objects.create(
        product=product,
        kind=kind,
        promised=finding.promised,
        fact=finding.fact,
        cause=finding.cause,
        began_at=finding.since,
        checked_at=finding.now,
    )
    _record("break_promise", breach, product, finding)
    return breach


def _record(verb: str, breach: PromiseBreach, product: DataProduct, finding: _Finding) -> None:
    """`reason` stands in the notification."""
    began_at = f"{breach.began_at.astimezone(UTC):%Y-%m-%d %H:%M}"
    if not finding.promised:
        reason = NO_PROMISE_LEFT.format(fact=finding.fact)
    elif breach.ended_at:
        reason = PROMISE_KEPT.format(fact=finding.fact, promised=finding.promised)
    else:
        reason = PROMISE_BROKEN.format(fact=finding.fact, promised=finding.promised, time=began_at)
    data = {
        "what": product.name,
        "slug": product.slug,
        "kind": breach.kind,
        "breach": breach.pk,
        "promised": finding.promised,
        "fact": finding.fact,
        "cause": finding.cause,
        "reason": reason,
        "people": list_product_owner_ids(product),
    }
    record_event(verb=verb, actor=ENGINE, subject=breach.subject, data=data, now=finding.now)
