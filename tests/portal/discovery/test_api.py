"""Discovery settings by the API."""

import pytest

from tests.catalog.discovery.sample_people import Zephyrine, make_zephyrine
from tests.portal.api.calls import patch
from tests.portal.conftest import make_client

pytestmark = pytest.mark.django_db


@pytest.fixture
def there() -> Zephyrine:
    return make_zephyrine()


def test_settings_are_read_and_changed(there: Zephyrine) -> None:
    owner, address = there.people["domain owner"], f"data-products/{there.product.slug}/discovery"
    before = make_client(owner).get(f"/api/v1/{address}")
    assert (before.json()["seen_by"], before.json()["see_teams"]) == ("organisation", [])

    said = {"seen_by": "teams", "see_teams": [str(there.named.pk)], "requested_by": "domain"}
    assert patch(owner, address, said).status_code == 428
    done = patch(owner, address, said, **{"If-Match": before.headers["ETag"]})
    assert (done.status_code, [team["name"] for team in done.json()["see_teams"]]) == (200, ["Research"])
    assert done.headers["ETag"] != before.headers["ETag"]
    assert patch(owner, address, said, **{"If-Match": before.headers["ETag"]}).status_code == 412
    wrong = patch(owner, address, {"requested_by": "line"}, **{"If-Match": done.headers["ETag"]})
    assert wrong.status_code == 422


def test_others_may_not_change_them(there: Zephyrine) -> None:
    there.limit("line")
    address = f"data-products/{there.product.slug}/discovery"
    etag = make_client(there.people["line"]).get(f"/api/v1/{address}").headers["ETag"]
    for name, status in (("line", 403), ("domain", 403), ("other line", 404), ("outside", 404)):
        answer = patch(there.people[name], address, {"seen_by": "domain"}, **{"If-Match": etag})
        assert answer.status_code == status, name
