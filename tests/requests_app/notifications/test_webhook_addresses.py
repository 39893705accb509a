"""Where webhooks may lead: only to public addresses, however they are written, wrapped or looked up."""

import ipaddress
import socket
from typing import Any

import pytest

from requests_app.notifications.webhooks.addresses import (
    RefusedAddressError,
    find_url_problem,
    is_public,
    resolve_host,
)

PRIVATE_ADDRESSES = (
    "::127.0.0.1", "::10.0.0.1", "::ffff:127.0.0.1", "::ffff:0:7f00:1", "::ffff:0:a00:1", "::1", "::",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "64:ff9b:1:7f00:0:1::", "64:ff9b:1:ffff::808:808",
    "2002:7f00:1::", "2002:808:808::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:2::1",
    "2001:10::1", "2001:20::1", "2001:db8::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1",
    "fec0::1", "ff02::1", "100::1", "4000::1", "e000::1",
    "0.0.0.1", "10.0.0.1", "100.100.100.200", "127.0.0.1", "169.254.169.254", "172.16.0.1", "192.0.0.8",
    "192.0.0.170", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.51.100.1", "203.0.113.1",
    "224.0.0.1", "240.0.0.1", "255.255.255.255", "168.63.129.16",
)  # fmt: skip
OTHER_NOTATIONS = (
    "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001", "127.1", "127.0.1", "1.2.3",
    "127.0.0.1.", "10.0.0.1.", "localhost.", "LOCALHOST", "a.localhost.", "x.internal.", "host.home.arpa",
    "[fe80::1%25eth0]", "[2606:4700::1111%251]",
)  # fmt: skip


@pytest.mark.parametrize("text", PRIVATE_ADDRESSES)
def test_an_address_inside_is_refused(text: str) -> None:
    address = ipaddress.ip_address(text)
    assert not is_public(address)
    host = f"[{address}]" if address.version == 6 else text
    assert find_url_problem(f"https://{host}/hook") == "The address points to a private network."


@pytest.mark.parametrize("host", OTHER_NOTATIONS)
def test_other_ways_of_writing_one_are_refused(host: str) -> None:
    assert find_url_problem(f"https://{host}/hook")


@pytest.mark.parametrize(
    "host",
    ["8.8.8.8", "[2606:4700:4700::1111]", "[2a00:1450:4001:82a::200e]", "[64:ff9b::808:808]", "hooks.example", "1.example"],
)  # fmt: skip
def test_public_addresses_and_names_are_taken(host: str) -> None:
    assert find_url_problem(f"https://{host}/hook") == ""


def resolve_to(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """What a name leads to at each look-up; the names that were looked up."""
    asked: list[str] = []

    def look_up(host: str, port: int, **_options: object) -> list[tuple[Any, ...]]:
        asked.append(host)
        found = answers[min(len(asked), len(answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


@pytest.mark.parametrize("second", PRIVATE_ADDRESSES[:12])
def test_a_name_with_one_address_inside_is_refused(monkeypatch: pytest.MonkeyPatch, second: str) -> None:
    resolve_to(monkeypatch, ["8.8.8.8", second])
    with pytest.raises(RefusedAddressError, match="private"):
        resolve_host("hooks.example", 443)


def test_a_name_that_leads_elsewhere_a_moment_later_was_looked_up_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = resolve_to(monkeypatch, ["8.8.8.8"], ["127.0.0.1"])
    assert resolve_host("hooks.example", 443) == "8.8.8.8"
    assert asked == ["hooks.example"]
