"""How a client's network address is counted where so many requests are let through."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network


def network_of(address: str) -> str:
    """The address as it is counted: of version 6 its network of 64 bits, for whoever has one has all of its addresses.

    An address of version 4 is one however it is spelled; what is no address counts as it stands.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ip_network((int(found) >> 64 << 64, 64)))
