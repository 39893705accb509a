"""Transactions that change the count of one word do not wait for each other, and none is lost."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from catalog.products.models import DataProduct
from catalog.search.index.vocabulary import fold_word_counts
from tests.catalog.sample_catalog import make_sample_catalog
from tests.catalog.search.index.test_word_counts import WRONG_COUNTS, WRONG_WORDS, edit_product, query


@pytest.mark.usefixtures("committed")
def test_writers_of_one_word_do_not_wait_for_each_other() -> None:
    shelf = make_sample_catalog()

    def hide_claims() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '2s'")
            DataProduct.objects.filter(pk=shelf.claims.pk).update(is_published=False)
            fold_word_counts()
        finally:
            connection.close()

    with transaction.atomic(), ThreadPoolExecutor(1) as other:
        edit_product(shelf)
        other.submit(hide_claims).result()

    assert query(WRONG_COUNTS) == []
    fold_word_counts()
    assert query(WRONG_COUNTS) == query(WRONG_WORDS) == []
