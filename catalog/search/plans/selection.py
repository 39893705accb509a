"""Chooses the plan of a search."""

from catalog.search.plans.general_plan import GeneralPlan
from catalog.search.plans.matches import Matches, SearchPlan, SearchRequest
from catalog.search.plans.rare_term_plan import RareTermPlan

RARE_TERMS: SearchPlan = RareTermPlan()
GENERAL = GeneralPlan()


def find_matches(request: SearchRequest) -> Matches:
    """By the short statement where a term is rare, else by the general one. Both return the same."""
    return RARE_TERMS.find(request) or GENERAL.find(request)
