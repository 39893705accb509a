"""Schedule the retirement of a product, call it off, carry it out. Each is one transaction."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from audit.actions import record_event
from catalog.product_lifecycle.actions import check_shown, lock_product
from catalog.product_lifecycle.models import (
    RETIREMENT_TRANSITIONS,
    Retirement,
    RetirementState,
    get_open_deprecation,
    get_scheduled_retirement,
)
from catalog.products.models import PRODUCT_TRANSITIONS, DataProduct, ProductLifecycle
from catalog.search.index.indexing import index_products
from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.errors import NotFoundError, RefusedError, require_allowed
from kernel.text import builds_stored_text
from requests_app.access_requests.locks import get_locked_item_rows, save_item_state
from requests_app.access_requests.models import RequestItem
from requests_app.access_requests.states import ITEM_TRANSITIONS, ItemState
from requests_app.grants.ending import end_grant_early
from requests_app.grants.models import Grant
from requests_app.grants.queries import GRANT_RELATED_FIELDS, get_locked_grant
from requests_app.grants.states import GrantState
from requests_app.product_retirement.may import (
    may_call_off_retirement,
    may_close_retired_item,
    may_end_retired_grant,
    may_retire_product,
    may_schedule_retirement,
    may_warn_of_retirement,
)
from requests_app.product_retirement.plan import (
    build_plan,
    list_consumers,
    list_due_grants,
    list_waiting_items,
)

ENGINE = "engine:retire"


@transaction.atomic(durable=True)
def schedule_retirement(
    *, acting_user: Person, slug: str, due_at: datetime | None, shown: str, now: datetime
) -> Retirement:
    """At `due_at`, or at once where it is None, the grants of the plan end and the product is retired. `shown` is the
    digest of the plan on the page. Consumers are told; of what is done at once, by `retire_product`.

    NotFoundError for whoever may not edit it, ForbiddenError for who may not retire it, RefusedError for a product that is
    not deprecated, a time that is past, or a plan that changed since.
    """
    product = lock_product(acting_user, slug)
    require_allowed(may_schedule_retirement(acting_user, product))
    deprecation = get_open_deprecation(product)
    if deprecation is None or product.lifecycle != ProductLifecycle.DEPRECATED:
        raise RefusedError(_("Deprecate the product first."), "shown")
    if get_scheduled_retirement(product) is not None:
        raise RefusedError(_("Its retirement is scheduled already."), "shown")
    if due_at is not None and due_at <= now:
        raise RefusedError(_("Choose a day after today, or retire it now."), "on")
    plan = build_plan(product, due_at, now)
    if plan.digest != shown:
        raise RefusedError(_("The plan has changed in the meantime. Check it again."), "shown")
    product.retires_at = plan.due_at
    product.save(update_fields=["retires_at"])
    planned = [end.to_json() for end in plan.ends]
    data = {
        "what": product.name,
        "slug": product.slug,
        "due_at": plan.due_at.isoformat(),
        "count": len(plan.ends),
        "grants": [one["grant"] for one in planned],
        "reason": _describe_day(plan.due_at),
        "people": [person.pk for person in list_consumers(end.grant for end in plan.ends)] if due_at else [],
    }
    event = record_by_person("schedule_retirement", acting_user, f"product:{product.pk}", data, now)
    return Retirement.objects.create(
        deprecation=deprecation,
        due_at=plan.due_at,
        planned=planned,
        scheduled_by=acting_user,
        scheduled_at=now,
        event=event,
    )


@transaction.atomic(durable=True)
def call_off_retirement(*, acting_user: Person, slug: str, shown: str, now: datetime) -> Retirement:
    """The product stays deprecated, and its grants go on. `shown` is the `compute_lifecycle_digest`. NotFoundError and
    ForbiddenError as `schedule_retirement`; RefusedError if another state was shown, none is scheduled, or it has begun.
    """
    product = lock_product(acting_user, slug)
    require_allowed(may_call_off_retirement(acting_user, product))
    check_shown(product, shown)
    retirement = get_scheduled_retirement(product)
    if retirement is None or retirement.due_at <= now or _has_begun(retirement):
        raise RefusedError(_("No retirement is scheduled."), "shown")
    product.retires_at = None
    product.save(update_fields=["retires_at"])
    retirement.state = RETIREMENT_TRANSITIONS.check(retirement.state, RetirementState.CALLED_OFF)
    retirement.called_off_by, retirement.called_off_at = acting_user, now
    retirement.save(update_fields=["state", "called_off_by", "called_off_at"])
    data = {"what": product.name, "slug": product.slug, "people": _list_planned_people(retirement)}
    record_by_person("call_off_retirement", acting_user, f"product:{product.pk}", data, now)
    return retirement


@transaction.atomic(durable=True)
def end_retired_grant(*, retirement_id: int, grant_id: int, now: datetime) -> Grant:
    """The deferred verb, of each grant of a retirement that is due; its removal is proven as that of any other.

    NotFoundError, ForbiddenError before the time, IllegalTransitionError if it has ended.
    """
    retirement, product = _lock_retirement(retirement_id)
    require_allowed(may_end_retired_grant(retirement, now))
    grant = get_locked_grant(None, grant_id)
    if grant.state == GrantState.LIVE and not list_due_grants(retirement).filter(pk=grant_id).exists():
        raise NotFoundError
    end_grant_early(
        grant,
        ended_by=retirement.scheduled_by,
        reason=_describe_end(product),
        now=now,
        actor=ENGINE,
        retirement=retirement.pk,
    )
    return grant


@transaction.atomic(durable=True)
def close_retired_item(*, retirement_id: int, item_id: int, now: datetime) -> RequestItem:
    """The deferred verb, of each request that waits for the product of a due retirement, which is not called off any more.

    NotFoundError, ForbiddenError before the time, IllegalTransitionError if it was decided.
    """
    retirement = Retirement.objects.filter(pk=retirement_id).first()
    if retirement is None:
        raise NotFoundError
    require_allowed(may_close_retired_item(retirement, now))
    item = get_locked_item_rows(item_id)
    if item.product_id != retirement.deprecation.product_id:
        raise NotFoundError
    state = ITEM_TRANSITIONS.check(item.state, ItemState.WITHDRAWN)
    data = {"closed_by_retirement": retirement.pk}
    record_event(verb="close_retired_item", actor=ENGINE, subject=f"item:{item.pk}", data=data, now=now)
    save_item_state(item, state, now)
    return item


@transaction.atomic(durable=True)
def retire_product(*, retirement_id: int, now: datetime) -> Retirement:
    """The deferred verb, once the grants of a due retirement have ended and its requests are closed. RefusedError while one
    is live or waits.

    NotFoundError, ForbiddenError before the time, or if it is done.
    """
    of_retirement = DataProduct.objects.filter(deprecations__retirements=retirement_id)
    product = of_retirement.select_for_update(of=("self",)).first()
    if product is None:
        raise NotFoundError
    retirement, _product = _lock_retirement(retirement_id)
    require_allowed(may_retire_product(retirement, now))
    if list_due_grants(retirement).exists():
        raise RefusedError(_("Grants of the product are still live."))
    if list_waiting_items(product.pk).exists():
        raise RefusedError(_("Requests for the product still wait."))
    PRODUCT_TRANSITIONS.check(product.lifecycle, ProductLifecycle.RETIRED)
    product.is_published, product.retires_at, product.retired_at = False, None, now
    product.save(update_fields=["is_published", "retires_at", "retired_at"])
    index_products([product.pk])
    retirement.state = RETIREMENT_TRANSITIONS.check(retirement.state, RetirementState.DONE)
    retirement.done_at = now
    retirement.save(update_fields=["state", "done_at"])
    data = {"what": product.name, "slug": product.slug, "people": _list_planned_people(retirement)}
    record_event(verb="retire_product", actor=ENGINE, subject=f"product:{product.pk}", data=data, now=now)
    return retirement


@transaction.atomic(durable=True)
def warn_of_retirement(*, retirement_id: int, now: datetime) -> bool:
    """The deferred verb: tell consumers once that it comes soon. False if it was told, or is not soon."""
    retirement = Retirement.objects.select_for_update().filter(pk=retirement_id).first()
    if retirement is None or not may_warn_of_retirement(retirement, now):
        return False
    product = retirement.deprecation.product
    retirement.warned_at = now
    retirement.save(update_fields=["warned_at"])
    data = {
        "what": product.name,
        "slug": product.slug,
        "reason": _describe_day(retirement.due_at),
        "people": _list_planned_people(retirement),
    }
    record_event(verb="warn_of_retirement", actor=ENGINE, subject=f"product:{product.pk}", data=data, now=now)
    return True


def _lock_retirement(retirement_id: int) -> tuple[Retirement, DataProduct]:
    """Its row, so that it is not called off while one of its grants ends. The product's row is locked before, if at all."""
    rows = Retirement.objects.select_for_update(of=("self",))
    found = rows.select_related("deprecation__product", "scheduled_by").filter(pk=retirement_id).first()
    if found is None:
        raise NotFoundError
    return found, found.deprecation.product


def _has_begun(retirement: Retirement) -> bool:
    """Whether it ended a grant, in the moment in which it is called off."""
    _lock_retirement(retirement.pk)
    planned = [one["grant"] for one in retirement.planned]
    return Grant.objects.filter(pk__in=planned, ended_at__gte=retirement.due_at).exists()


def _list_planned_people(retirement: Retirement) -> list[int]:
    """Lists the people of the grants that have not ended before the retirement."""
    grants = Grant.objects.filter(
        Q(ended_at=None) | Q(ended_at__gte=retirement.due_at),
        pk__in=[one["grant"] for one in retirement.planned],
    )
    return [person.pk for person in list_consumers(grants.select_related(*GRANT_RELATED_FIELDS))]


@builds_stored_text
def _describe_day(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "j F Y")


@builds_stored_text
def _describe_end(product: DataProduct) -> str:
    return _("%(product)s was retired.") % {"product": product.name}
