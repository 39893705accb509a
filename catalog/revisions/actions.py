"""Actions on revisions of data products. Each is one transaction."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from catalog.products.may import visible_products
from catalog.products.models import DataProduct, Domain, ProductInput
from catalog.revisions.content import (
    COLUMNS,
    ProductContent,
    check_content,
    check_owner,
    check_texts,
    compare_content,
    compute_state_digest,
    parse_content,
    read_content,
    set_content,
)
from catalog.revisions.models import REVISION_TRANSITIONS, ProductRevision, RevisionState
from catalog.revisions.queries import (
    get_draft,
    may_create_product,
    may_discard_product_draft,
    may_publish_product_draft,
    may_save_product_draft,
)
from catalog.revisions.rule_results import require_rules_met
from catalog.revisions.versions import NextVersion, compute_draft_version, write_tables
from catalog.search.index.indexing import index_products
from identity.keys import normalize_slug
from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.advisory_locks import AdvisoryLock, acquire_transaction_lock
from kernel.errors import NotFoundError, RefusedError, require_allowed
from kernel.text import build_slug, check_length, choose_free_slug


def list_choosable_inputs(person: Person, product: DataProduct) -> QuerySet[DataProduct]:
    """Published products that the person sees, by domain and name."""
    shown = visible_products(person).filter(is_published=True).exclude(pk=product.pk).select_related("domain")
    return shown.order_by(Lower("domain__name"), Lower("name"), "pk")


def list_chosen_inputs(product: DataProduct, draft: ProductRevision | None) -> set[int]:
    """Ids that the product or its draft has already."""
    drafted = draft.content.get("inputs", []) if draft else []
    return {*product.input_links.values_list("input_id", flat=True), *drafted}


def check_new_inputs(
    person: Person, inputs: Collection[int], product: DataProduct, draft: ProductRevision | None
) -> None:
    """RefusedError for one that was not chosen before and that the person does not see."""
    new = set(inputs) - list_chosen_inputs(product, draft)
    if visible_products(person).filter(pk__in=new).count() != len(new):
        raise RefusedError(_("Choose products that you can see."), "inputs")


def choose_inputs(person: Person, slugs: Collection[str], known: Collection[int]) -> tuple[int, ...]:
    """Ids of the products with these slugs, and of those in `known` that the person does not see: they stay. RefusedError for one
    that does not exist or that the person does not see.
    """
    shown, slugs = visible_products(person), set(map(normalize_slug, slugs))
    found = dict(shown.filter(slug__in=slugs).values_list("slug", "pk"))
    if slugs - found.keys():
        raise RefusedError(_("Choose products that you can see."), "inputs")
    hidden = set(known) - set(shown.filter(pk__in=known).values_list("pk", flat=True))
    return (*found.values(), *sorted(hidden))


def write_inputs(product: DataProduct, inputs: Collection[int]) -> None:
    """Exactly these."""
    product.input_links.exclude(input__in=inputs).delete()
    rows = [ProductInput(product=product, input_id=pk) for pk in inputs]
    ProductInput.objects.bulk_create(rows, ignore_conflicts=True)


MAX_NOTE_LENGTH = 2000


@transaction.atomic(durable=True)
def save_product_draft(
    *,
    acting_user: Person,
    slug: str,
    content: ProductContent,
    note: str,
    now: datetime,
    based_on: str,
) -> ProductRevision:
    """Store what the product is to say; it changes nothing until it is published. `based_on` is the
    `compute_state_digest` of what the writer saw.

    NotFoundError for whoever may not edit it; RefusedError for an invalid field, for a retired product, or for `based_on`
    if the product or its draft changed since.
    """
    return write_draft(person=acting_user, slug=slug, content=content, note=note, now=now, based_on=based_on)


def write_draft(
    *, person: Person, slug: str, content: ProductContent, note: str, now: datetime, based_on: str
) -> ProductRevision:
    """`save_product_draft` within the caller's transaction."""
    product = _lock_product(person, slug)
    _check_not_retired(product)
    checked = check_content(content, product)
    draft = get_draft(product)
    check_new_inputs(person, checked.inputs, product, draft)
    check_length(note.strip(), "note", MAX_NOTE_LENGTH)
    if compute_state_digest(product, draft) != based_on:
        raise RefusedError(_describe_conflict(draft), "based_on")
    if draft is None:
        newest = product.revisions.order_by("-number").first()
        number = newest.number + 1 if newest else 1
        data = {"revision": number, "edit": 1}
        event = record_by_person("save_product_draft", person, f"product:{product.pk}", data, now)
        return ProductRevision.objects.create(
            product=product,
            number=number,
            content=checked.to_json(),
            note=note.strip(),
            written_by=person,
            written_at=now,
            event=event,
        )
    if (draft.content, draft.note) == (checked.to_json(), note.strip()):
        return draft
    draft.content, draft.note, draft.edit = checked.to_json(), note.strip(), draft.edit + 1
    draft.written_by, draft.written_at = person, now
    draft.save(update_fields=["content", "note", "edit", "written_by", "written_at"])
    _record("save_product_draft", draft, person, now)
    return draft


@transaction.atomic(durable=True)
def publish_product_draft(
    *, acting_user: Person, slug: str, shown: str, now: datetime, accepts_breaking: bool = False
) -> ProductRevision:
    """The product says what the draft says, and is published if it was not. `shown` is the `compute_state_digest` of the preview.
    `accepts_breaking`: the publisher confirmed that consumers' queries may fail.

    NotFoundError for whoever may not edit it, ForbiddenError for who may not publish, RefusedError if another state
    was shown, it changes nothing, a field is no longer valid, or a breaking change was not confirmed.
    """
    return publish_draft(
        person=acting_user, slug=slug, shown=shown, now=now, accepts_breaking=accepts_breaking
    )


def publish_draft(
    *, person: Person, slug: str, shown: str, now: datetime, accepts_breaking: bool
) -> ProductRevision:
    """`publish_product_draft` within the caller's transaction."""
    product = _lock_product(person, slug)
    require_allowed(may_publish_product_draft(person, product))
    _check_not_retired(product)
    draft = _get_shown_draft(product, shown)
    before = read_content(product)
    content = check_content(parse_content(draft.content, before), product)
    require_rules_met(person, product, content, now)
    if product.is_published and not compare_content(before.to_json(), content.to_json()):
        raise RefusedError(
            _("The draft says what the product says already. Discard it, or change something.")
        )
    following = compute_draft_version(product, before.to_json(), content.to_json())
    if following.breaking_changes and not accepts_breaking:
        raise RefusedError(
            _("This breaks what consumers use. Confirm it, or change the draft."), "accepts_breaking"
        )
    was_published = product.is_published
    set_content(product, content)
    product.is_published = True
    product.save(update_fields=[*COLUMNS, "owner", "is_published"])
    write_tables(product, content.tables)
    write_inputs(product, content.inputs)
    index_products([product.pk])
    draft.state = REVISION_TRANSITIONS.check(draft.state, RevisionState.PUBLISHED)
    draft.before, draft.published_by, draft.published_at = before.to_json(), person, now
    for field, value in following.revision_fields.items():
        setattr(draft, field, value)
    draft.save(update_fields=["state", "before", "published_by", "published_at", *following.revision_fields])
    _record("publish_product_draft", draft, person, now)
    _announce(product, following, was_published=was_published, person=person, now=now)
    return draft


@transaction.atomic(durable=True)
def discard_product_draft(*, acting_user: Person, slug: str, shown: str, now: datetime) -> ProductRevision:
    """The draft is kept in the history, and changes nothing any more. `shown` as for publishing.

    NotFoundError for whoever may not edit it, RefusedError if another state was shown.
    """
    product = _lock_product(acting_user, slug)
    require_allowed(may_discard_product_draft(acting_user, product))
    draft = _get_shown_draft(product, shown)
    draft.state = REVISION_TRANSITIONS.check(draft.state, RevisionState.DISCARDED)
    draft.save(update_fields=["state"])
    _record("discard_product_draft", draft, acting_user, now)
    return draft


def _check_not_retired(product: DataProduct) -> None:
    if product.retired_at is not None:
        raise RefusedError(_("The product is retired. It can't be changed any more."))


def _lock_product(person: Person, slug: str) -> DataProduct:
    rows = DataProduct.objects.select_for_update(of=("self",)).select_related("domain__owner_team")
    product = rows.filter(slug=slug).first()
    if product is None or not may_save_product_draft(person, product):
        raise NotFoundError
    return product


def _get_shown_draft(product: DataProduct, shown: str) -> ProductRevision:
    draft = get_draft(product)
    if draft is None or compute_state_digest(product, draft) != shown:
        raise RefusedError(_("The product or its draft changed in the meantime. Check it again."), "shown")
    return draft


def _describe_conflict(draft: ProductRevision | None) -> str:
    if draft is None:
        return _(
            "The product changed while you were editing. Your text is still below: compare it, and save it again."
        )
    said = _(
        "%(name)s saved another draft while you were editing. Your text is still below: save it again to replace that draft."
    )
    return said % {"name": draft.written_by.name}


def _announce(
    product: DataProduct, following: NextVersion, *, was_published: bool, person: Person, now: datetime
) -> None:
    """The event from which consumers and followers are told."""
    verb = "announce_version" if was_published else "announce_product"
    data = {
        "what": product.name,
        "slug": product.slug,
        "version": following.version,
        "count": len(following.breaking_changes),
        "reason": following.version,
        "changes": [change.to_json() for change in following.breaking_changes],
    }
    if following.breaking_changes:
        verb = "announce_breaking_change"
    record_by_person(verb, person, f"product:{product.pk}", data, now)


def _record(verb: str, revision: ProductRevision, person: Person, now: datetime) -> None:
    data = {"revision": revision.number, "edit": revision.edit}
    record_by_person(verb, person, f"product:{revision.product_id}", data, now)


@transaction.atomic(durable=True)
def create_product(
    *, acting_user: Person, domain: str, name: str, summary: str, owner: int, now: datetime
) -> DataProduct:
    """In the domain with this slug, unpublished and without tables. `owner` is the id of a data owner of its team.

    NotFoundError for a domain in which the person may not create products; RefusedError for an invalid field, or for a
    name that another product of the domain has.
    """
    return make_product(
        person=acting_user, domain=domain, name=name, summary=summary, owner=owner, now=now, slug=""
    )


def make_product(
    *, person: Person, domain: str, name: str, summary: str, owner: int, now: datetime, slug: str
) -> DataProduct:
    """`create_product` within the caller's transaction. `slug` is what it is to be called, if that is free; empty: by its name."""
    found = Domain.objects.select_related("owner_team").filter(slug=domain).first()
    if found is None or not may_create_product(person, found):
        raise NotFoundError
    acquire_transaction_lock(AdvisoryLock.NEW_PRODUCT, found.pk)
    texts = check_texts({"name": name, "summary": summary})
    if DataProduct.objects.filter(domain=found, name__iexact=texts["name"]).exists():
        raise RefusedError(
            _("%(domain)s has a product of this name already.") % {"domain": found.name}, "name"
        )
    check_owner(owner, found)
    # Of the name, with a number if another product has it. Slugs are unique across domains.
    base = build_slug(slug or texts["name"], "product")
    taken = set(DataProduct.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    product = DataProduct.objects.create(
        slug=choose_free_slug((base,), taken), domain=found, owner_id=owner, is_published=False, **texts
    )
    index_products([product.pk])
    record_by_person("create_product", person, f"product:{product.pk}", {"domain": found.slug}, now)
    return product
