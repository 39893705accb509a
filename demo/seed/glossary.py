"""Words that people at Harbour Bank use, searches that they saved, and searches that found nothing."""

from dataclasses import dataclass, replace
from datetime import timedelta

from catalog.glossary.actions import create_term, replace_term
from catalog.glossary.content import TermContent, compute_term_digest, read_content
from catalog.glossary.link_actions import LinkTarget, link_term
from catalog.glossary.models import Term, TermProposal
from catalog.glossary.proposal_actions import propose_term, propose_term_change
from catalog.products.models import Domain
from catalog.search.models import RecentSearch, SavedSearch
from catalog.search.query import SearchQuery
from catalog.search.saved_searches import save_search
from demo.seed.people import find_person
from identity.people.models import Person
from kernel import clock
from kernel.clock import now as database_now

SEARCHES = (
    ("leasing contracts", 4, ("tom.brandt", "priya.nair", "felix.baum", "helena.vogt", "nina.falk")),
    ("branch footfall", 11, ("tom.brandt", "helena.vogt", "ana.keller")),
    ("atm withdrawals", 19, ("priya.nair", "felix.baum", "nina.falk", "tom.brandt")),
    ("complaint letters", 33, ("helena.vogt", "tom.brandt", "priya.nair")),
)
"""The text, how many days ago, and who."""


@dataclass(frozen=True)
class TermRow:
    name: str
    domain: str
    definition: str
    synonyms: tuple[str, ...]
    products: tuple[str, ...] = ()
    is_approved: bool = True
    successor: str = ""


TERMS = (
    TermRow(
        "Churn", "retail-banking",
        "A customer who closed the last account within a year, by their own wish.",
        ("attrition", "customer loss"), ("customer-360",),
    ),
    TermRow(
        "Claim", "insurance",
        "A policyholder's demand to be paid for a loss that the policy covers, from its report to its last payment.",
        ("indemnity", "loss event"), ("claims",),
    ),
    TermRow(
        "Liquidity coverage ratio", "treasury",
        "High-quality liquid assets over the net outflows of thirty days under stress; the regulator asks for 100 %.",
        ("LCR", "liquidity buffer"), ("liquidity-coverage",),
    ),
    TermRow(
        "Mortgage", "retail-banking",
        "A loan that is secured by a property.", ("home loan", "housing credit"), ("mortgage-book",),
    ),
    TermRow(
        "Premium", "insurance",
        "What a policyholder pays for cover: written when it is agreed, earned as time goes by.",
        ("insurance fee",), ("premium-income",),
    ),
    TermRow(
        "Reinsurance", "insurance",
        "Cover that the insurer buys for its own risks; the part passed on is ceded.",
        ("ceded risk", "retrocession"), ("reinsurance",),
    ),
    TermRow(
        "Premium", "treasury",
        "What the buyer of an option pays for it up front, whether or not it is exercised later.",
        ("option price",), ("liquidity-coverage",),
    ),
    TermRow(
        "Customer attrition", "retail-banking",
        "Customers who left, as the marketing reports counted them until 2025.", (), successor="churn",
    ),
    TermRow(
        "Active customer", "retail-banking",
        "A customer with at least one transaction of their own in the last ninety days.",
        ("engaged customer",), is_approved=False,
    ),
)  # fmt: skip


def seed_terms() -> int:
    """Make the terms that are missing, with their links and proposals; returns how many there are."""
    steward, consumer = find_person("ruth.steiner"), find_person("ana.keller")
    for row in TERMS:
        if not Term.objects.filter(name=row.name, domain__slug=row.domain).exists():
            _create_term(row, steward)
    if not TermProposal.objects.exists():
        _propose(consumer)
    return len(TERMS)


def _create_term(row: TermRow, steward: Person) -> None:
    domain = Domain.objects.get(slug=row.domain)
    content = TermContent(row.name, domain.pk, row.definition, row.synonyms, domain.owner_team_id)
    term = create_term(
        acting_user=steward, content=content, note="From the word list of the domain.", now=clock.now(),
        is_approved=row.is_approved,
    )  # fmt: skip
    for product in row.products:
        link_term(acting_user=steward, slug=term.slug, target=LinkTarget(product), now=clock.now())
    if row.successor:
        note = "One word for one thing: reports say churn since 2025."
        replace_term(
            acting_user=steward, slug=term.slug, successor=row.successor, note=note,
            shown=compute_term_digest(term), now=clock.now(),
        )  # fmt: skip


def _propose(person: Person) -> None:
    """A change of a term and a new one."""
    term = Term.objects.get(slug="churn")
    definition = (
        "A customer who closed the last account within twelve months, by their own wish; deaths do not count."
    )
    propose_term_change(
        acting_user=person, slug=term.slug, content=replace(read_content(term), definition=definition),
        reason="Reports differ on whether deaths count.", based_on=compute_term_digest(term), now=clock.now(),
    )  # fmt: skip
    domain = Domain.objects.get(slug="insurance")
    content = TermContent(
        "Loss ratio", domain.pk, "Claims paid and reserved over premiums earned.", ("claims ratio",),
        domain.owner_team_id,
    )  # fmt: skip
    reason = "Three dashboards compute it in three ways."
    propose_term(acting_user=person, content=content, reason=reason, now=clock.now())


def seed_searches_without_result() -> int:
    """As their searches of those days; the worker counts them. Returns how many texts there are."""
    now = database_now()
    for text, days_ago, people in SEARCHES:
        at = (now - timedelta(days=days_ago)).replace(hour=10, minute=0)
        for name in people:
            RecentSearch.objects.get_or_create(
                person=find_person(name),
                querystring=SearchQuery(text=text).to_querystring(),
                defaults={"text": text, "created_at": at, "found_nothing": True},
            )
    return len(SEARCHES)


def seed_saved_searches() -> int:
    """Save it for a person without any; returns how many they have."""
    person = find_person("ana.keller")
    own = SavedSearch.objects.filter(person=person)
    if not own.exists():
        save_search(
            acting_user=person, name="New gold products in Insurance", querystring="domain=insurance&tier=gold",
            alert=SavedSearch.Alert.AT_ONCE, now=database_now(),
        )  # fmt: skip
    return own.count()
