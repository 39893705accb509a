"""Write release notes. Each is one transaction."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.products.may import visible_products
from catalog.products.models import DataProduct
from catalog.release_notes.may import may_write_release_note
from catalog.release_notes.models import MAX_TITLE_LENGTH, ReleaseNote
from catalog.revisions.contract import get_current_version
from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.errors import NotFoundError, RefusedError, require_allowed
from kernel.text import check_text

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
