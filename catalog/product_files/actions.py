"""Apply a file to its product."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.discovery import write_settings
from catalog.product_files.formats import read_file
from catalog.product_files.plan import ProductPlan, locate_refusal, may_apply_product_file, plan_file
from catalog.products.models import DataProduct
from catalog.revisions.actions import make_product, publish_draft, write_draft
from catalog.revisions.content import compute_state_digest
from catalog.revisions.models import ProductRevision
from catalog.revisions.queries import get_draft
from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.errors import RefusedError, require_allowed


@dataclass(frozen=True)
class AppliedFile:
    """`revision` is the draft or what was published; None if the words stay."""

    product: DataProduct
    revision: ProductRevision | None


@transaction.atomic(durable=True)
def apply_product_file(
    *,
    acting_user: Person,
    text: str,
    shown: str,
    note: str,
    now: datetime,
    accepts_breaking: bool = False,
    publishes: bool = True,
) -> AppliedFile:
    """All that the file changes or nothing: creates the product, saves its draft, publishes it and sets who may see and request
    it, as the verbs of these names. `shown` is the digest of the plan. With `publishes` off the draft is left to be published.

    NotFoundError as `find_target`; RefusedError for an unreadable file, for another plan than the one shown, for a plan that
    does nothing, and as the verbs; ForbiddenError as the verbs.
    """
    read = read_file(text)
    plan = plan_file(acting_user, read, publishes=publishes, locks=True)
    if plan.digest != shown:
        raise RefusedError(
            _("The product or the file is no longer as the plan shows it. Check the new plan."), "shown"
        )
    if not plan.has_changes:
        raise RefusedError(_("The product already matches the file."), "file")
    if plan.problem is not None:
        raise plan.problem
    try:
        product, revision = _write(plan, acting_user, note, now, accepts_breaking=accepts_breaking)
    except RefusedError as error:
        raise locate_refusal(error, read) from error
    require_allowed(may_apply_product_file(acting_user, product))
    data = {"sha256": hashlib.sha256(text.encode()).hexdigest(), "published": plan.publishes}
    record_by_person("apply_product_file", acting_user, f"product:{product.pk}", data, now)
    return AppliedFile(DataProduct.objects.select_related("domain").get(pk=product.pk), revision)


def _write(
    plan: ProductPlan, person: Person, note: str, now: datetime, *, accepts_breaking: bool
) -> tuple[DataProduct, ProductRevision | None]:
    product, content, revision = plan.product, plan.content, None
    if product is None:
        product = make_product(
            person=person,
            domain=plan.target.domain.slug,
            name=content.name,
            summary=content.summary,
            owner=content.owner,
            now=now,
            slug=plan.read.product.slug,
        )
    slug = product.slug
    common: dict[str, Any] = {"person": person, "now": now}
    if plan.writes_draft:
        based_on = compute_state_digest(product, get_draft(product))
        revision = write_draft(**common, slug=slug, content=content, note=note, based_on=based_on)
        if plan.publishes:
            shown = compute_state_digest(product, revision)
            revision = publish_draft(**common, slug=slug, shown=shown, accepts_breaking=accepts_breaking)
    if plan.changes_settings:
        write_settings(**common, slug=slug, settings=plan.settings, shown=plan.settings_before.digest)
    return product, revision
