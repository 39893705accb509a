"""Costs in words."""

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from catalog.product_usage.costs import Cost


def describe_cost(cost: Cost | None) -> str:
    """`12.40 USD`; what is not known is told as such, never as nothing."""
    if cost is None or not cost.is_known:
        return _("Not known")
    amounts = _list_amounts(cost)
    return _("at least %(cost)s") % {"cost": amounts} if cost.unpriced_bytes else amounts


def _list_amounts(cost: Cost) -> str:
    return " + ".join(amount.text for amount in cost.amounts) or _("nothing billed")


def describe_cost_note(cost: Cost | None) -> str:
    """Why the cost is not known, or not wholly; empty if it is."""
    if cost is None or cost.queries == 0:
        return _("you can see none of its queries")
    if cost.unpriced_bytes:
        return _("no price is set for %(size)s") % {"size": filesizeformat(cost.unpriced_bytes)}
    return ""
