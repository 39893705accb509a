"""Sample objects for every URL of requests and decisions."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from catalog.glossary.link_actions import LinkTarget, link_term
from catalog.search.models import SavedSearch
from identity.accounts import LocalGroup
from identity.people.models import Membership
from kernel import clock
from portal.access.api import bulk_revocation_id
from requests_app.grants.actions import revoke_grant
from requests_app.notifications.models import Notification
from requests_app.notifications.webhooks.models import Webhook
from requests_app.policy_editing.actions import draft_policy
from requests_app.review.delegation.actions import delegate_decisions
from tests import factories
from tests.bank import Bank, approve, submit_bank_item, submit_bank_request
from tests.catalog.classification.findings import make_sample_findings
from tests.catalog.lineage.samples import make_sample_lineage
from tests.catalog.quality.samples import make_sample_quality
from tests.data_queries import make_sample_data_queries
from tests.database import as_operator
from tests.derivation import make_sample_derivation
from tests.discussion import make_sample_discussion
from tests.glossary import add_term, propose_change, replace_by
from tests.identity.service_tokens.samples import make_service_token
from tests.offers import write_draft
from tests.portal.sample_names import NAMES
from tests.product_lifecycle import make_sample_deprecation
from tests.products import save_draft
from tests.publication_rules import make_sample_rule_exception
from tests.recreated_tables import make_sample_recreated_table
from tests.requests_app.access_reviews.test_access_reviews import start_review
from tests.requests_app.break_glass.test_break_glass import BreakGlassSetup
from tests.requests_app.notifications.projection import project_all_events
from tests.requests_app.policy_setup import AUTOMATIC_RULE
from tests.requests_app.review.test_bulk_decisions import decide_all
from tests.schema_updates import make_sample_registrations
from tests.tag_keys import make_sample_tag_change
from tests.write_access import make_sample_write_requests


def make_sample_objects(bank: Bank) -> dict[str, Any]:
    """Made by the verbs: its id, by the name of its address without `api-`."""
    now, dev, ben = clock.now(), factories.make_person("Dev Roth"), factories.make_person("Ben Frey")
    factories.add_members(bank.insurance, Membership.Role.DATA_OWNER, [dev])
    factories.add_members(bank.bi, Membership.Role.MEMBER, [ben])
    grant = approve(bank, submit_bank_item(bank, idempotency_key="granted"))
    leaving = factories.make_principal(bank.bi_account, "gone")
    gone = approve(bank, submit_bank_item(bank, idempotency_key="gone", principal=leaving))
    revoked = revoke_grant(acting_user=bank.ines, grant_id=gone.pk, reason="Over.", now=now)
    group = LocalGroup.objects.create(
        account=bank.bi_account, name="Pricing", created_by=bank.ana, created_at=now
    )
    access_review = start_review(bank)
    other = factories.make_principal(bank.bi_account, "other")
    item = submit_bank_request(bank, principal=other).items.get()
    scene = BreakGlassSetup(bank, ben)
    consent = scene.give_consent()
    taken = scene.open_session(consent)
    times = {"starts_at": now, "ends_at": now + timedelta(days=3), "now": now}
    delegation = delegate_decisions(acting_user=bank.ines, team=bank.insurance, delegate=dev, **times)
    version = write_draft(bank)
    draft = draft_policy(
        acting_user=bank.ines, domain=bank.domain, rules=[AUTOMATIC_RULE], note="As agreed.", now=now
    )
    save_draft(bank, bank.ines, summary="Claims of every line, each night.")
    bulk = decide_all(bank, [item], "reject")
    project_all_events()
    notice = Notification.objects.filter(person=bank.ines).earliest("pk")
    search = SavedSearch.objects.create(person=bank.ana, name="Mine", querystring="q=a", saved_at=now)
    things: dict[str, Any] = {
        "search": search.pk, "offer": version.offer_id,
        "numbered_version": {"pk": version.offer_id, "number": version.number}, "request": item.request_id,
        "item": item.pk, "bulk": bulk.pk, "notification": notice.pk, "delegation": delegation.pk,
        "grant": grant.pk, "consent": consent.pk, "session": taken.pk, "access_review": access_review.pk,
        "domain": bank.domain.slug, "numbered_draft": {"slug": bank.domain.slug, "number": draft.number},
        "team": bank.bi.slug, "person": bank.ines.pk, "table": bank.claims.pk, "product": bank.product.slug, "revocation": bulk_revocation_id(revoked.ended_at or now),
        "rule_exception": make_sample_rule_exception(bank), "database": bank.claims.database_id, "catalog": bank.catalog.short_name, "group": group.pk, **make_sample_findings(bank.claims), **make_sample_tag_change(bank),
    }  # fmt: skip
    things |= _make_more_objects(bank)
    things["decision"] = {"kind": "write_request", "pk": things["write_request"]}
    return {name: things[thing] for thing, names in NAMES.items() for name in names}


def _make_more_objects(bank: Bank) -> dict[str, Any]:
    """Of the rooms that make their own."""
    registrations = make_sample_registrations(bank)
    more = (
        make_sample_discussion(bank)
        | make_sample_terms(bank)
        | make_sample_deprecation(bank)
        | make_sample_write_requests(bank)
        | make_sample_recreated_table(bank)
        | make_sample_lineage(bank)
        | make_sample_derivation(bank)
        | make_sample_quality(bank)
        | make_sample_data_queries(bank)
    )
    with as_operator():
        webhook = Webhook.objects.create(name="Business catalog", url="https://hooks.example.com/catalog")
    rest = {"webhook": webhook.pk, "mesh_section": "use", "mesh_report": {"report": "products"}}
    return registrations | more | rest | {"service_token": make_service_token(bank.ines).token.pk}


def make_sample_terms(bank: Bank) -> dict[str, Any]:
    """Of each state one, a link and a proposal."""
    term, old = (add_term(bank.ines, name, bank.domain) for name in ("Claim", "Demand"))
    draft = add_term(bank.ines, "Draft word", bank.domain, is_approved=False)
    replace_by(bank.ines, old, term)
    target = LinkTarget(bank.product.slug)
    link = link_term(acting_user=bank.ines, slug=term.slug, target=target, now=clock.now())
    proposal = propose_change(bank.ana, term, definition="A demand to be paid for a loss.")
    return {
        "term": term.slug, "draft_term": draft.slug, "replaced_term": old.slug, "proposal": proposal.pk,
        "term_link": {"slug": term.slug, "pk": link.pk},
    }  # fmt: skip


def build_url_arguments(
    name: str, takes: tuple[str, ...], there: Mapping[str, Any], bank: Bank
) -> dict[str, Any]:
    """Of the thing that stands there; KeyError for an address that nobody has thought of here."""
    value = there.get(name, there.get(name.removeprefix("api-")))
    if isinstance(value, dict):
        return dict(value)
    known = {
        "account_id": bank.bi_account.account_id,
        "slug": bank.product.slug,
        "catalog": bank.catalog.short_name,
        "name": "claim_id",
        "route": "audit-log",
    }
    found = {one: known.get(one) for one in takes}
    last = next((one for one in takes if one in ("pk", "slug")), "")
    if "pk" in takes or (last and value is not None):
        if value is None:
            raise KeyError(name)
        found["pk" if "pk" in takes else "slug"] = value
    return found
