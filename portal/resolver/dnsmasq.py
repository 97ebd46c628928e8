"""Lines for the store's dnsmasq, which finds addresses for all phones. Pure.

What a store has of its own, such as its leases and its name servers, stands elsewhere.
"""

from collections.abc import Sequence

# iCloud Private Relay is off on a network that does not know these names
# (developer.apple.com, "Prepare your network for iCloud Private Relay").
_PRIVATE_RELAY = ("mask.icloud.com", "mask-h2.icloud.com")
# Nor does Firefox then resolve names over HTTPS by itself (support.mozilla.org, "Canary domain").
_FIREFOX = "use-application-dns.net"

_ALWAYS = """\
# Answers to ANY are large, and no phone needs them (RFC 8482).
filter-rr=ANY
# As many questions at once as portal/resolver may have open, and some of phones that are online.
dns-forward-max=512
cache-size=10000
# Addresses of no use to anybody outside are not asked for there.
bogus-priv
domain-needed
"""


# A name from the cache opens nothing. So an address that nobody used for a day, and that was
# therefore closed, is closed for this long at most before dnsmasq asks anew and tells of it.
_LONGEST_CACHED_S = 300


def portal_name(name: str, interface: str) -> str:
    """Lines by which the portal's name leads to this box, of whatever address it is."""
    return f"# The portal is on this box.\ninterface-name={name},{interface}\n"


def configuration(
    *, refuse_private_relay: bool, garden: Sequence[str] = (), passes: Sequence[str] = ()
) -> str:
    """All lines.

    Args:
        refuse_private_relay: make phones switch off iCloud Private Relay.
        garden: names that every phone may reach.
        passes: names that phones with a temporary pass may reach.
    """
    lines = _ALWAYS
    if refuse_private_relay:
        names = "".join(f"address=/{name}/\n" for name in (*_PRIVATE_RELAY, _FIREFOX))
        lines += f"# There is no such name: the documented way to switch these off.\n{names}"
    if garden or passes:
        sets = "".join(
            f"nftset=/{name}/{_sets(name, garden, passes)}\n"
            for name in dict.fromkeys((*garden, *passes))
        )
        lines += (
            "# Addresses of these names, and of those below them, are told to the firewall.\n"
            f"{sets}max-cache-ttl={_LONGEST_CACHED_S}\n"
        )
    return lines


def _sets(name: str, garden: Sequence[str], passes: Sequence[str]) -> str:
    """All that a name belongs into: dnsmasq goes by the longest of the names that fit alone."""
    return ",".join(
        f"{version}#inet#doorman#{kind}{version}"
        for kind, hosts in (("garden", garden), ("pass", passes))
        if any(name == host or name.endswith(f".{host}") for host in hosts)
        for version in (4, 6)
    )
