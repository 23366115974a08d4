"""Under what the visitors of one network are counted together."""

from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

# A single device has as many addresses as fit into its IPv6 network: 2^64.
IPV6_NETWORK_BITS = 64
# What is no address is kept so far.
LONGEST_NAME = 64


@lru_cache(4096)
def network_of(host: str) -> str:
    """An IPv4 address itself; of an IPv6 address its network."""
    try:
        address = ip_address(host.split("%")[0])
    except ValueError:
        return host[:LONGEST_NAME]
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ip_network((int(address), IPV6_NETWORK_BITS), strict=False))
