"""The portal's certificate."""

from core.setting_groups.base import Group


class CertificateSettings(Group):
    chain: str = ""
    """PEM file: the certificate of the name in `portal.url`, then its issuers. Empty: no TLS."""
    key: str = ""
    """PEM file with its private key."""
