"""Why phones are not told of the Captive Portal API: each reason has a name for the log."""

import enum


class Fault(enum.StrEnum):
    NO_ADDRESS = "no_address"
    UNREACHABLE = "unreachable"
    TOO_SLOW = "too_slow"
    TLS_FAILED = "tls_failed"
    SELF_SIGNED = "certificate_self_signed"
    CHAIN_INCOMPLETE = "certificate_chain_incomplete"
    UNTRUSTED = "certificate_untrusted"
    WRONG_NAME = "certificate_of_another_name"
    NOT_YET_VALID = "certificate_not_yet_valid"
    EXPIRED = "certificate_expired"
    ENDS_SOON = "certificate_ends_soon"
    NOT_HTTP = "answer_is_not_http"
    NOT_OK = "answer_is_not_200"
    WRONG_TYPE = "answer_of_another_type"
    TOO_LONG = "answer_too_long"
    NOT_JSON = "answer_is_not_json"
    NO_CAPTIVE = "answer_without_captive"
    NO_PORTAL_URL = "answer_without_portal_url"


_MENDING = {
    Fault.NO_ADDRESS: "give gate.shopper_interface an address, or set advertise.addresses",
    Fault.UNREACHABLE: "start it: doorman front, doorman portal",
    Fault.TOO_SLOW: "it has to answer within 3 seconds: doorman front, doorman portal",
    Fault.TLS_FAILED: "https must be spoken there: set certificate.chain, then doorman front",
    Fault.SELF_SIGNED: "no phone trusts it: docs/certificate.md",
    Fault.CHAIN_INCOMPLETE: "add its issuers to certificate.chain: docs/certificate.md",
    Fault.UNTRUSTED: "take one of an authority that phones trust: docs/certificate.md",
    Fault.WRONG_NAME: "it must be of the name in portal.url: docs/certificate.md",
    Fault.NOT_YET_VALID: "set this machine's clock, or wait",
    Fault.EXPIRED: "renew it: docs/certificate.md",
    Fault.ENDS_SOON: "renew it: docs/certificate.md (advertise.withdraw_hours)",
}


def mending(fault: Fault) -> str:
    """What to do about it."""
    return _MENDING.get(fault, "portal.url must lead to Doorman's portal, over https")


class UnfitError(Exception):
    """The API must not be advertised as it is."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault
