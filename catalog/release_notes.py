"""Release notes: what the owner of a data product tells its consumers."""

from datetime import datetime

from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from catalog.products.may import visible_products
from catalog.products.models import DataProduct
from catalog.revisions.queries import may_answer_for_product
from catalog.revisions.versions import get_current_version
from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.errors import NotFoundError, RefusedError, require_allowed
from kernel.text import check_text
from kernel.verdicts import Verdict

MAX_TITLE_LENGTH = 120


class ReleaseNote(models.Model):
    """Never changes. `version` is the product's when it was written; `text` is Markdown."""

    product = models.ForeignKey(DataProduct, on_delete=models.PROTECT, related_name="release_notes")
    version = models.CharField(max_length=20)
    title = models.CharField(max_length=MAX_TITLE_LENGTH)
    text = models.TextField(blank=True)
    written_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(title=""), name="release_note_has_a_title")]

    def __str__(self) -> str:
        return self.title

    @property
    def subject(self) -> str:
        """What its event is about."""
        return f"release_note:{self.pk}"


def visible_release_notes(person: Person) -> QuerySet[ReleaseNote]:
    """Notes of products that the person may see."""
    if not person.is_active:
        return ReleaseNote.objects.none()
    return ReleaseNote.objects.filter(product__in=visible_products(person))


def may_write_release_note(person: Person, product: DataProduct) -> Verdict:
    """Its owner, and the data owners of its domain's team."""
    return may_answer_for_product(person, product)


def list_release_notes(person: Person) -> QuerySet[ReleaseNote]:
    """What the person may see, newest first."""
    rows = visible_release_notes(person).select_related("product", "written_by")
    return rows.order_by("-written_at", "-pk")


def get_release_note(person: Person, note_id: int) -> ReleaseNote:
    """NotFoundError for whoever may not see it."""
    note = list_release_notes(person).filter(pk=note_id).first()
    if note is None:
        raise NotFoundError
    return note


MAX_TEXT_LENGTH = 10_000


@transaction.atomic(durable=True)
def write_release_note(
    *, acting_user: Person, slug: str, title: str, text: str, now: datetime
) -> ReleaseNote:
    """Everybody with live access to the product or who follows it is told. It can't be changed afterwards.

    NotFoundError for a product that the person may not see; ForbiddenError for who may not publish it; RefusedError for an
    invalid field, for a product that is not published, or for what its last release note says already.
    """
    rows = DataProduct.objects.select_for_update(of=("self",), no_key=True)
    rows = rows.select_related("domain__owner_team", "owner")
    product = rows.filter(slug=slug, pk__in=visible_products(acting_user).values("pk")).first()
    if product is None:
        raise NotFoundError
    require_allowed(may_write_release_note(acting_user, product))
    if not product.is_published:
        raise RefusedError(_("The product is not published, so nobody would read it."))
    said = check_text(
        " ".join(title.split()), "title", MAX_TITLE_LENGTH, _("Describe what is new in one line.")
    )
    body = check_text(text, "text", MAX_TEXT_LENGTH)
    last = product.release_notes.order_by("-pk").first()
    if last is not None and (last.title, last.text) == (said, body):
        raise RefusedError(_("The last release note says this already."), "title")
    note = ReleaseNote.objects.create(
        product=product,
        version=get_current_version(product),
        title=said,
        text=body,
        written_by=acting_user,
        written_at=now,
    )
    data = {
        "what": product.name,
        "product": product.pk,
        "slug": product.slug,
        "version": note.version,
        "reason": said,
    }
    record_by_person("write_release_note", acting_user, note.subject, data, now)
    return note
