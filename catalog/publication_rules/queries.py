"""The rules in force, their draft, and which products meet them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.db.models.functions import Lower

from catalog.products.models import DataProduct
from catalog.publication_rules.facts import read_facts, read_facts_of_many
from catalog.publication_rules.models import PublicationRules, RuleException
from catalog.publication_rules.rules import RuleResult, Rules, evaluate_rules
from catalog.publication_rules.states import RulesState
from lakeformation.values.canonical_json import digest


@dataclass(frozen=True)
class ProductResults:
    product: DataProduct
    results: tuple[RuleResult, ...]

    @property
    def failures(self) -> tuple[RuleResult, ...]:
        return tuple(one for one in self.results if not one.is_met)


def get_rules_in_force() -> Rules:
    """None of the rules before a version is in force."""
    row = PublicationRules.objects.filter(state=RulesState.IN_FORCE).first()
    return Rules.from_json(row.rules) if row else Rules()


def get_rules_draft() -> PublicationRules | None:
    return PublicationRules.objects.filter(state=RulesState.DRAFT).select_related("written_by").first()


def list_versions() -> QuerySet[PublicationRules]:
    """Those that are or were in force, newest first."""
    rows = PublicationRules.objects.filter(state__in=[RulesState.IN_FORCE, RulesState.REPLACED])
    return rows.select_related("written_by", "in_force_by").order_by("-number")


def compute_rules_digest() -> str:
    """What a form or preview was made from: the rules in force and the draft. It changes with both."""
    draft = get_rules_draft()
    return digest([get_rules_in_force().to_json(), [draft.number, draft.edit] if draft else None])


def check_product(
    product: DataProduct, tables: Collection[int], rules: Rules | None = None
) -> tuple[RuleResult, ...]:
    """The product with its fields as they are to be, and these tables, by id; by the rules in force unless others are given."""
    chosen = get_rules_in_force() if rules is None else rules
    exceptions = dict(_list_exceptions([product]).values_list("key", "reason"))
    return evaluate_rules(chosen, read_facts(product, tables), exceptions)


def check_products(rules: Rules) -> list[ProductResults]:
    """Every published product by these rules, by name. Six queries however many."""
    rows = DataProduct.objects.filter(is_published=True).select_related("domain__owner_team", "owner")
    products: Sequence[DataProduct] = list(rows.order_by(Lower("name"), "pk"))
    facts = read_facts_of_many(products)
    exceptions: dict[int, dict[str, str]] = {}
    for product, key, reason in _list_exceptions(products).values_list("product_id", "key", "reason"):
        exceptions.setdefault(product, {})[key] = reason
    return [
        ProductResults(one, evaluate_rules(rules, facts[one.pk], exceptions.get(one.pk, {})))
        for one in products
    ]


def list_open_exceptions(product: DataProduct) -> QuerySet[RuleException]:
    return _list_exceptions([product]).select_related("allowed_by").order_by("key")


def _list_exceptions(products: Sequence[DataProduct]) -> QuerySet[RuleException]:
    return RuleException.objects.filter(product__in=products, ended_at=None)
