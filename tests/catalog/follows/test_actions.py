"""Follows: a person's own, of what they see; and which followers are told."""

import pytest

from audit.models import Event
from catalog.follows import (
    Follow,
    follow_domain,
    follow_product,
    get_following,
    list_domain_followers,
    list_follows,
    list_product_followers,
    unfollow,
)
from catalog.products.models import DataProduct
from identity.people.models import Person
from kernel import clock
from kernel.errors import NotFoundError
from tests import factories
from tests.bank import Bank
from tests.discussion import hide


def follow(bank: Bank, person: Person) -> Follow:
    return follow_product(acting_user=person, slug=bank.product.slug, now=clock.now())


def test_followed_twice_is_followed_once(bank: Bank) -> None:
    assert follow(bank, bank.ana) == follow(bank, bank.ana)
    follow_domain(acting_user=bank.ana, slug=bank.domain.slug, now=clock.now())
    follow_domain(acting_user=bank.ana, slug=bank.domain.slug, now=clock.now())
    assert list_follows(bank.ana).count() == 2
    assert Event.objects.filter(verb__startswith="follow_").count() == 2


def test_unfollowed_it_is_gone_for_its_person_alone(bank: Bank) -> None:
    own, other = follow(bank, bank.ana), follow(bank, bank.sam)
    with pytest.raises(NotFoundError):
        unfollow(acting_user=bank.ana, follow_id=other.pk, now=clock.now())
    unfollow(acting_user=bank.ana, follow_id=own.pk, now=clock.now())
    with pytest.raises(NotFoundError):
        unfollow(acting_user=bank.ana, follow_id=own.pk, now=clock.now())
    rows = Follow.objects.filter(product=bank.product)
    assert (get_following(bank.ana, rows).is_followed, get_following(bank.sam, rows).count) == (False, 1)


def test_what_is_hidden_can_be_unfollowed_but_not_followed(bank: Bank) -> None:
    own = follow(bank, bank.ana)
    hide(bank)
    assert not list_follows(bank.ana).exists()
    with pytest.raises(NotFoundError):
        follow(bank, bank.sam)
    unfollow(acting_user=bank.ana, follow_id=own.pk, now=clock.now())


def test_followers_who_no_longer_see_the_product_are_not_told(bank: Bank) -> None:
    for person in (bank.ana, bank.ines):
        follow(bank, person)
        follow_domain(acting_user=person, slug=bank.domain.slug, now=clock.now())
    listed = (list_product_followers, list_domain_followers)
    for list_people in listed:
        assert set(list_people(bank.product)) == {bank.ana, bank.ines}
    hide(bank)
    product = DataProduct.objects.get(pk=bank.product.pk)
    for list_people in listed:
        assert list_people(product) == [bank.ines]


def test_of_an_unpublished_product_only_its_editors_are_told(bank: Bank) -> None:
    draft = factories.make_product(bank.domain, bank.ines, [], "Draft")
    for person in (bank.ana, bank.greta, bank.ivo):
        follow_product(acting_user=person, slug=draft.slug, now=clock.now())
    DataProduct.objects.filter(pk=draft.pk).update(is_published=False)
    assert list_product_followers(DataProduct.objects.get(pk=draft.pk)) == [bank.ivo]


def test_a_deactivated_follower_is_not_told(bank: Bank) -> None:
    follow(bank, bank.ana)
    Person.objects.filter(pk=bank.ana.pk).update(is_active=False)
    assert list_product_followers(bank.product) == []
