"""Breaches in words, without names that the person may not see."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.derivation.evaluation import Derivation, list_tables
from catalog.derivation.floor import RANKS, ColumnFloor, Input
from catalog.derivation.may import filter_visible_inputs, find_visible_upstream
from catalog.mirror.models import Classification, Table
from identity.people.models import Person

MAX_LISTED = 3


@dataclass(frozen=True)
class DerivationProblems:
    """Each a sentence, empty if there is nothing wrong."""

    floor: str = ""
    passing_on: str = ""


def describe_problems(person: Person, derivation: Derivation) -> DerivationProblems:
    if derivation.is_allowed:
        return DerivationProblems()
    return DerivationProblems(
        describe_breaches(person, derivation.breaches), _describe_blocked(person, derivation)
    )


def describe_breaches(person: Person, breaches: Collection[ColumnFloor]) -> str:
    """The first few, with the highest input of each."""
    if not breaches:
        return ""
    pks = {
        -place.node
        for breach in breaches
        for place in (breach.place, *(each.place for each in breach.missing))
    }
    tables, visible = list_tables(pks), filter_visible_inputs(person, pks)
    shown = [_describe_breach(breach, tables, visible) for breach in list(breaches)[:MAX_LISTED]]
    return _join(shown, len(breaches) - len(shown))


def _join(sentences: Iterable[str], more: int) -> str:
    rest = [ngettext("%(n)d more.", "%(n)d more.", more) % {"n": more}] if more > 0 else []
    return " ".join([*sentences, *rest])


def _describe_breach(one: ColumnFloor, tables: dict[int, Table], visible: Collection[int]) -> str:
    worst = max(one.missing, key=lambda each: (RANKS[each.classification], -each.place.node in visible))
    words = {
        "column": f"{tables[-one.place.node].name}.{one.place.column}",
        "class": get_class_label(one.classification),
        "floor": get_class_label(worst.classification),
    }
    source = tables.get(-worst.place.node)
    if source is None or source.pk not in visible:
        return _("%(column)s is %(class)s, but made from %(floor)s data that you may not see.") % words
    words |= {"input": describe_input(worst, source), "owner": get_owner(source)}
    return _("%(column)s is %(class)s, but made from %(input)s of %(owner)s, which is %(floor)s.") % words


def describe_input(one: Input, table: Table) -> str:
    return f"{table}.{one.place.column}" if one.place.column else str(table)


def get_owner(table: Table) -> str:
    domain = table.database.domain
    return domain.name if domain else _("no domain, so nobody can agree")


def get_class_label(classification: str) -> str:
    return str(Classification(classification).label) if classification else _("not classified")


def _describe_blocked(person: Person, derivation: Derivation) -> str:
    if not derivation.blocked:
        return ""
    visible = find_visible_upstream(person, [one.pk for one in derivation.blocked])
    shown = [
        _("It is made from %(product)s of %(owner)s, which may not be passed on without their approval.")
        % {"product": visible[one.pk].name, "owner": visible[one.pk].domain.name}
        for one in derivation.blocked
        if one.pk in visible
    ]
    hidden = len(derivation.blocked) - len(shown)
    if hidden:
        words = {"n": hidden}
        shown.append(
            ngettext(
                "It is made from %(n)d data product that you may not see, which may not be passed on without approval.",
                "It is made from %(n)d data products that you may not see, which may not be passed on without approval.",
                hidden,
            )
            % words
        )
    return _join(shown[:MAX_LISTED], len(shown) - MAX_LISTED)
