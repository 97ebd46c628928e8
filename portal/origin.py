"""Refuses forms that another site made a shopper's browser send.

The portal knows a phone by its hardware address and uses no cookies, so a form's
origin is all there is to tell. Browsers send `Origin` with every POST, and newer ones
`Sec-Fetch-Site` over HTTPS; a client that sends neither is no browser.

The pages' Referrer-Policy must not be `no-referrer`: browsers then say `Origin: null`
for our own forms, too. `same-origin` tells other sites just as little.
"""


def is_foreign(host: str, origin: str | None, fetch_site: str | None) -> bool:
    """Whether a POST to `host`, with these headers, comes from another site."""
    if fetch_site not in {None, "same-origin", "none"}:
        return True
    # Not `urlsplit`, which raises at some: an origin is a scheme and a host, and no more.
    return origin is not None and origin.partition("://")[2].lower() != host.lower()
