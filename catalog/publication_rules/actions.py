"""Change the publication rules, and allow exceptions from them. Each is one transaction."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.products.may import visible_products
from catalog.products.models import DataProduct
from catalog.publication_rules.models import RULES_TRANSITIONS, PublicationRules, RuleException, RulesState
from catalog.publication_rules.queries import compute_rules_digest, get_rules_draft, get_rules_in_force
from catalog.publication_rules.rules import Rules, check_rules, list_rule_keys
from identity.people.events import record_by_person
from identity.people.may import has_platform_role
from identity.people.models import Person, PlatformRole
from identity.role_changes.bars import DecisionBasis, may_decide_on_basis
from kernel.advisory_locks import AdvisoryLock, acquire_transaction_lock
from kernel.errors import NotFoundError, RefusedError, require_allowed
from kernel.text import check_text
from kernel.verdicts import ALLOWED, Verdict, refusal


def may_save_publication_rules(person: Person) -> Verdict:
    """Governance admins."""
    if person.is_active and has_platform_role(person, PlatformRole.Role.GOVERNANCE_ADMIN):
        return ALLOWED
    return refusal(_("Only governance admins can change the publication rules."))


def may_put_publication_rules_in_force(person: Person) -> Verdict:
    """Whoever may save them, unless a recent role change bars them."""
    verdict = may_save_publication_rules(person)
    basis = DecisionBasis(PlatformRole.Role.GOVERNANCE_ADMIN)
    return may_decide_on_basis(person, basis) if verdict else verdict


def may_discard_publication_rules(person: Person) -> Verdict:
    """Whoever may save them."""
    return may_save_publication_rules(person)


def may_allow_rule_exception(person: Person, product: DataProduct) -> Verdict:
    """A governance admin who does not own the product."""
    if product.owner_id == person.pk:
        return refusal(_("You own this product. Another governance admin must allow an exception."))
    if person.is_active and has_platform_role(person, PlatformRole.Role.GOVERNANCE_ADMIN):
        basis = DecisionBasis(PlatformRole.Role.GOVERNANCE_ADMIN, party_ids=[product.owner_id])
        return may_decide_on_basis(person, basis)
    return refusal(_("Only governance admins can allow exceptions."))


def may_end_rule_exception(person: Person) -> Verdict:
    """Governance admins."""
    return may_save_publication_rules(person)


MAX_NOTE_LENGTH = 2000


@transaction.atomic(durable=True)
def save_publication_rules(
    *, acting_user: Person, rules: Rules, note: str, based_on: str, now: datetime
) -> PublicationRules:
    """Store a draft; it changes nothing until it is in force. `based_on` is the `compute_rules_digest` of what was shown.

    ForbiddenError; RefusedError for an invalid field, or for `based_on` if the rules or their draft changed since.
    """
    acquire_transaction_lock(AdvisoryLock.PUBLICATION_RULES)
    require_allowed(may_save_publication_rules(acting_user))
    checked, reason = (
        check_rules(rules),
        check_text(note.strip(), "note", MAX_NOTE_LENGTH, _("Say what changes, and why.")),
    )
    if compute_rules_digest() != based_on:
        raise RefusedError(
            _("The rules have changed while you were editing. Check them and save again."), "based_on"
        )
    draft = get_rules_draft()
    if draft is None:
        newest = PublicationRules.objects.order_by("-number").first()
        number = newest.number + 1 if newest else 1
        event = record_by_person(
            "save_publication_rules", acting_user, f"publication_rules:{number}", {"edit": 1}, now
        )
        return PublicationRules.objects.create(
            number=number,
            rules=checked.to_json(),
            note=reason,
            written_by=acting_user,
            written_at=now,
            event=event,
        )
    if (draft.rules, draft.note) == (checked.to_json(), reason):
        return draft
    draft.rules, draft.note, draft.edit = checked.to_json(), reason, draft.edit + 1
    draft.written_by, draft.written_at = acting_user, now
    draft.save(update_fields=["rules", "note", "edit", "written_by", "written_at"])
    _record("save_publication_rules", draft, acting_user, now)
    return draft


@transaction.atomic(durable=True)
def put_publication_rules_in_force(*, acting_user: Person, shown: str, now: datetime) -> PublicationRules:
    """From now on a product is published only if it meets the draft's rules; what is published stays. `shown` is the
    `compute_rules_digest` of the preview. ForbiddenError; RefusedError without a draft, or if another state was shown.
    """
    acquire_transaction_lock(AdvisoryLock.PUBLICATION_RULES)
    require_allowed(may_put_publication_rules_in_force(acting_user))
    draft = _get_shown_draft(shown)
    for row in PublicationRules.objects.select_for_update().filter(state=RulesState.IN_FORCE):
        row.state = RULES_TRANSITIONS.check(row.state, RulesState.REPLACED)
        row.save(update_fields=["state"])
    draft.state = RULES_TRANSITIONS.check(draft.state, RulesState.IN_FORCE)
    draft.in_force_by, draft.in_force_at = acting_user, now
    draft.save(update_fields=["state", "in_force_by", "in_force_at"])
    _record("put_publication_rules_in_force", draft, acting_user, now)
    return draft


@transaction.atomic(durable=True)
def discard_publication_rules(*, acting_user: Person, shown: str, now: datetime) -> PublicationRules:
    """The draft is kept and changes nothing any more. Errors as `put_publication_rules_in_force`."""
    acquire_transaction_lock(AdvisoryLock.PUBLICATION_RULES)
    require_allowed(may_discard_publication_rules(acting_user))
    draft = _get_shown_draft(shown)
    draft.state = RULES_TRANSITIONS.check(draft.state, RulesState.DISCARDED)
    draft.save(update_fields=["state"])
    _record("discard_publication_rules", draft, acting_user, now)
    return draft


@transaction.atomic(durable=True)
def allow_rule_exception(
    *, acting_user: Person, slug: str, key: str, reason: str, now: datetime
) -> RuleException:
    """Let a product be published without meeting a rule, until the exception is ended.

    NotFoundError for a product that the person may not see, ForbiddenError, RefusedError without a reason, for a rule that is
    not in force, or if there is an exception already.
    """
    product = _lock_product(acting_user, slug)
    require_allowed(may_allow_rule_exception(acting_user, product))
    if key not in list_rule_keys(get_rules_in_force()):
        raise RefusedError(_("Choose a rule that is in force."), "key")
    if RuleException.objects.filter(product=product, key=key, ended_at=None).exists():
        raise RefusedError(_("The product already has an exception from this rule."), "key")
    said = check_text(reason.strip(), "reason", MAX_NOTE_LENGTH, _("Give a reason."))
    data = {"what": product.name, "slug": product.slug, "key": key, "reason": said}
    event = record_by_person("allow_rule_exception", acting_user, f"product:{product.pk}", data, now)
    return RuleException.objects.create(
        product=product, key=key, reason=said, allowed_by=acting_user, allowed_at=now, event=event
    )


@transaction.atomic(durable=True)
def end_rule_exception(*, acting_user: Person, slug: str, key: str, now: datetime) -> RuleException:
    """What is published stays. NotFoundError for a product that the person may not see, or without this exception."""
    product = _lock_product(acting_user, slug)
    require_allowed(may_end_rule_exception(acting_user))
    exception = RuleException.objects.filter(product=product, key=key, ended_at=None).first()
    if exception is None:
        raise NotFoundError
    exception.ended_by, exception.ended_at = acting_user, now
    exception.save(update_fields=["ended_by", "ended_at"])
    data = {"what": product.name, "slug": product.slug, "key": key}
    record_by_person("end_rule_exception", acting_user, f"product:{product.pk}", data, now)
    return exception


def _lock_product(person: Person, slug: str) -> DataProduct:
    rows = DataProduct.objects.select_for_update(of=("self",)).select_related("domain__owner_team")
    product = rows.filter(slug=slug, pk__in=visible_products(person).values("pk")).first()
    if product is None:
        raise NotFoundError
    return product


def _get_shown_draft(shown: str) -> PublicationRules:
    draft = get_rules_draft()
    if draft is None or compute_rules_digest() != shown:
        raise RefusedError(_("The rules have changed in the meantime. Check them again."), "shown")
    return draft


def _record(verb: str, row: PublicationRules, person: Person, now: datetime) -> None:
    record_by_person(verb, person, f"publication_rules:{row.number}", {"edit": row.edit}, now)
