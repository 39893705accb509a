"""Whom limits count as one client."""

import pytest

from kernel.client_networks import get_client_network


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("localhost", ""),
        ("", ""),
    ],
)
def test_a_household_counts_as_one_client(address: str, counted: str) -> None:
    assert get_client_network(address) == counted
