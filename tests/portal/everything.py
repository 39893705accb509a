"""One of each thing that an address of asking and deciding names."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from audit import clock
from catalog.search.models import SavedSearch
from identity.people.models import Membership
from requests_app.notifications.models import Notice
from requests_app.policy_editing.actions import draft_policy
from requests_app.review.delegation.actions import delegate_decisions
from tests import factories
from tests.bank import Bank, approve, ask, asked_item
from tests.offering import write
from tests.requests_app.access_reviews.test_campaigns import start
from tests.requests_app.break_glass.test_break_glass import Scene
from tests.requests_app.notifications.projection_setup import tell
from tests.requests_app.policy_setup import AT_ONCE
from tests.requests_app.review.test_bulk_decisions import decide


def one_of_each(bank: Bank) -> dict[str, Any]:
    """Made by the verbs: its id, by the name of its address without `api-`."""
    now, dev, ben = clock.now(), factories.make_person("Dev Roth"), factories.make_person("Ben Frey")
    factories.join(bank.insurance, Membership.Role.DATA_OWNER, [dev])
    factories.join(bank.bi, Membership.Role.MEMBER, [ben])
    grant = approve(bank, asked_item(bank, submission_key="granted"))
    campaign = start(bank)
    other = factories.make_principal(bank.bi_account, "other")
    item = ask(bank, principal=other).items.get()
    scene = Scene(bank, ben)
    consent = scene.give()
    taken = scene.take(consent)
    times = {"starts_at": now, "ends_at": now + timedelta(days=3), "now": now}
    delegation = delegate_decisions(acting_user=bank.ines, team=bank.insurance, delegate=dev, **times)
    version = write(bank)
    draft = draft_policy(
        acting_user=bank.ines, domain=bank.domain, rules=[AT_ONCE], note="As agreed.", now=now
    )
    bulk = decide(bank, [item], "reject")
    tell()
    table, scope = bank.claims.pk, bank.domain.slug
    numbered = {"pk": version.offer_id, "number": version.number}
    drafted = {"slug": scope, "number": draft.number}
    there = {

        "saved-search-delete": SavedSearch.objects.create(person=bank.ana, name="Mine", querystring="q=a", saved_at=now).pk,
        "api-offer-version": version.pk, "offer-version": numbered, "offer-version-publish": numbered,
        "offer-edit": version.offer_id, "offer-retire": version.offer_id, "offer-in-force": version.pk,
        "offer-withdraw": version.offer_id, "access-request": item.request_id,
        "access-request-take-over": item.request_id, "request-item-withdraw": item.pk,
        "request-item-resubmit": item.pk, "request-item-comments": item.pk, "review": item.pk, "approve": item.pk,
        "reject": item.pk, "return": item.pk, "remarks": item.pk, "bulk-decision": bulk.pk,
        "bulk-decision-cancel": bulk.pk,
        "notification": Notice.objects.filter(person=bank.ines).first().pk,  # type: ignore[union-attr] "delegation-end": delegation.pk,
        "grant-query": grant.pk, "grant-revoke": grant.pk, "grant": grant.pk, "holds": grant.pk,
        "grant-proof": grant.pk, "grant-check": grant.pk, "grant-test-queries": grant.pk,
        "break-glass-consent-revoke": consent.pk,  "break-glass-session": taken.pk,
        "break-glass-session-confirm": taken.pk, "break-glass-session-end": taken.pk,
        "break-glass-session-review": taken.pk, "access-review": campaign.pk, "access-review-decide": campaign.pk,
        "access-review-cancel": campaign.pk, "access-review-evidence": campaign.pk, "campaign-lines": campaign.pk,
        "campaign-evidence": campaign.pk, "policy": scope, "policy-evaluate": scope,
        "policy-version-publish": drafted, "policy-version-retire": drafted, "policy-simulation": scope,
        "policy-force": draft.pk, "policy-retire": draft.pk, "basket": bank.bi.slug, "basket-items": bank.bi.slug,
        "basket-submit": bank.bi.slug, "table": table, "access-explanation": table,
        "data-product": bank.product.slug,
    }  # fmt: skip
    return there | api_names(there)


def api_names(there: Mapping[str, Any]) -> dict[str, Any]:
    """Addresses of the API whose names differ from those of the pages."""
    same = {
        "revoke": "grant-revoke", "standing": "grant-proof", "look-again": "grant-check",
        "query-as-role": "grant-test-queries", "campaign": "access-review", "campaign-answer": "access-review-decide",
        "campaign-call-off": "access-review-cancel", "consent-withdraw": "break-glass-consent-revoke",
        "break-glass-one": "break-glass-session", "break-glass-confirm": "break-glass-session",
        "break-glass-end": "break-glass-session", "break-glass-review": "break-glass-session",
        "bulk": "bulk-decision", "bulk-undo": "bulk-decision", "why": "access-explanation",
        "what-if": "policy-evaluate", "product": "data-product", "request": "access-request",
        "take-over": "access-request", "withdraw": "request-item-withdraw", "change": "request-item-withdraw",
    }  # fmt: skip
    return {f"api-{old}": there[new] for old, new in same.items()}


def args_of(name: str, takes: tuple[str, ...], there: Mapping[str, Any], bank: Bank) -> dict[str, Any]:
    """Of the thing that stands there; KeyError for an address that nobody has thought of here."""
    value = there.get(name, there.get(name.removeprefix("api-")))
    if isinstance(value, dict):
        return dict(value)
    known = {
        "account_id": bank.bi_account.account_id,
        "slug": bank.product.slug,
        "catalog": bank.catalog.short_name,
    }
    found = {one: known.get(one) for one in takes}
    last = next((one for one in takes if one in ("pk", "slug")), "")
    if "pk" in takes or (last and value is not None):
        if value is None:
            raise KeyError(name)
        found["pk" if "pk" in takes else "slug"] = value
    return found
