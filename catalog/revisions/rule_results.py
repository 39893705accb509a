"""What a product meets of the publication rules, as its draft has it."""

from collections.abc import Iterator
from copy import copy
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.derivation.evaluation import Derivation, Subject, read_derivation
from catalog.derivation.wording import describe_problems
from catalog.products.models import DataProduct
from catalog.publication_rules.queries import check_product
from catalog.publication_rules.rules import RuleResult
from catalog.revisions.content import ProductContent, parse_content, read_content, set_content
from catalog.revisions.models import ProductRevision
from identity.people.models import Person
from kernel.errors import RefusedError

FLOOR_RULE, PASSING_ON_RULE = "derivation_floor", "derivation_terms"
DERIVATION_RULES = (FLOOR_RULE, PASSING_ON_RULE)
"""They hold for every product that is made from others, whatever the rules in force."""


def check_draft(
    person: Person, product: DataProduct, draft: ProductRevision | None, now: datetime
) -> tuple[RuleResult, ...]:
    """Check the draft, or the product itself where there is none. Names only what the person may see."""
    own = read_content(product)
    content = parse_content(draft.content, own) if draft else own
    return check_content_rules(person, product, content, now)


def check_content_rules(
    person: Person, product: DataProduct, content: ProductContent, now: datetime
) -> tuple[RuleResult, ...]:
    """Check the product with this content, which is not saved."""
    preview = copy(product)
    set_content(preview, content)
    return (
        *check_product(preview, content.tables),
        *_check_derivation(person, Subject(product, content.tables, content.inputs), now),
    )


def _check_derivation(person: Person, subject: Subject, now: datetime) -> Iterator[RuleResult]:
    """Nothing of a product that is made from no other data."""
    derivation: Derivation = read_derivation(subject, now)
    problems = describe_problems(person, derivation)
    if derivation.columns:
        text = _("No column is classified below the data that it is made from")
        yield RuleResult(FLOOR_RULE, text, problems.floor, "")
    if derivation.upstream:
        text = _("The data products that it is made from may be passed on")
        yield RuleResult(PASSING_ON_RULE, text, problems.passing_on, "")


def require_rules_met(person: Person, product: DataProduct, content: ProductContent, now: datetime) -> None:
    """RefusedError, with every problem, unless every rule is met or excepted."""
    failures = [rule for rule in check_content_rules(person, product, content, now) if not rule.is_met]
    if failures:
        said = ngettext(
            "A publication rule is not met. %(problems)s",
            "%(n)d publication rules are not met. %(problems)s",
            len(failures),
        )
        problems = " ".join(f"{failure.text}: {failure.problem}" for failure in failures)
        raise RefusedError(said % {"n": len(failures), "problems": problems}, "rules")
