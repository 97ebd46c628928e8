"""Lines for the store's dnsmasq, which finds addresses for all phones. Pure.

What a store has of its own, such as its leases and its name servers, stands elsewhere.
"""

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


def configuration(*, refuse_private_relay: bool) -> str:
    if not refuse_private_relay:
        return _ALWAYS
    names = "".join(f"address=/{name}/\n" for name in (*_PRIVATE_RELAY, _FIREFOX))
    return f"{_ALWAYS}# There is no such name: the documented way to switch these off.\n{names}"
