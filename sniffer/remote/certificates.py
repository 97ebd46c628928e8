"""Makes the certificates by which a store's box and its sensors know each other. No files here.

An authority of the store's own signs one for the box and one for each sensor. They say what
they are for: with a sensor's key nobody can play the box.
"""

import datetime as dt
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sniffer.remote.shape import BOX_NAME

# The authority need not be renewed within a box's life. A sensor's certificate ends, so
# that a box which was given away with its key does not send for ever.
_AUTHORITY_LASTS = dt.timedelta(days=20 * 365)
_LEAF_LASTS = dt.timedelta(days=3 * 365)
# To a sensor box whose clock is behind they shall not seem too young.
_BEGAN = dt.timedelta(days=2)


class Pair(NamedTuple):
    """A key and its certificate."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def pem(self) -> bytes:
        key = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return key + pem(self.certificate)

    def signed(self, certificate: x509.Certificate) -> bool:
        try:
            certificate.verify_directly_issued_by(self.certificate)
        except (ValueError, TypeError, InvalidSignature):
            return False
        return True

    def __repr__(self) -> str:
        return "Pair(hidden)"


def read(content: bytes) -> Pair:
    """What `Pair.pem` gave, or ValueError."""
    key = load_pem_private_key(content, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError("not a key of ours")  # noqa: TRY004 - what is wrong is the content
    return Pair(key, x509.load_pem_x509_certificate(content))


def pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)


def make_authority(now: dt.datetime) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("Doorman store authority")
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - _BEGAN)
        .not_valid_after(now + _AUTHORITY_LASTS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Pair(key, made)


def make_box(authority: Pair, now: dt.datetime) -> Pair:
    return _leaf(authority, BOX_NAME, ExtendedKeyUsageOID.SERVER_AUTH, now)


def make_sensor(authority: Pair, name: str, now: dt.datetime) -> Pair:
    return _leaf(authority, name, ExtendedKeyUsageOID.CLIENT_AUTH, now)


def _leaf(authority: Pair, name: str, purpose: x509.ObjectIdentifier, now: dt.datetime) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())
    made = (
        x509.CertificateBuilder(
            authority.certificate.subject,
            _name(name),
            key.public_key(),
            x509.random_serial_number(),
        )
        .not_valid_before(now - _BEGAN)
        .not_valid_after(min(now + _LEAF_LASTS, authority.certificate.not_valid_after_utc))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(issuer_key, critical=False)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=True)
        .sign(authority.key, hashes.SHA256())
    )
    return Pair(key, made)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
