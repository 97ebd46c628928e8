"""All carriers of a store, as one: the first that can takes the message."""

import dataclasses
import datetime as dt
import time
from collections.abc import Callable, Mapping

import phonenumbers

from core import webhook_signature
from core.headquarters_line import Line
from core.log import Log
from core.metrics import counted
from core.phone_number import PhoneNumber
from core.setting_groups.sms import Carrier, SmsSettings
from core.settings import SettingsError
from portal.sms.aliyun import AliyunSms
from portal.sms.gammu import GammuSms
from portal.sms.headquarters import HeadquartersSms
from portal.sms.shape import (
    CarrierDownError,
    CarrierError,
    CarrierSetUpError,
    CodeKeeper,
    NumberBusyError,
    NumberRefusedError,
    SmsError,
    SmsMessage,
    SmsProvider,
)
from portal.sms.tencent import TencentSms
from portal.sms.twilio import TwilioVerify
from portal.sms.webhook import WebhookSms
from portal.sms.wire import Wire

# A carrier that failed is not asked again for this long, unless there is no other.
_REST_S = 30.0

_WORDS: dict[type[SmsError], str] = {
    CarrierDownError: "down",
    CarrierSetUpError: "set_up",
    NumberRefusedError: "number_refused",
    NumberBusyError: "number_busy",
}

_log = Log("portal")


@dataclasses.dataclass(frozen=True, slots=True)
class Sent:
    carrier: str
    message_id: str
    keeps_code: bool
    """Whether the carrier made the code, and only it can check what is typed."""


class Carriers:
    """Asks carriers in their order. Used by several threads; at worst one is asked in vain."""

    def __init__(
        self,
        providers: Mapping[str, SmsProvider],
        countries: Mapping[str, tuple[str, ...]],
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """`countries`: by carrier, ISO 3166 codes of the numbers it is for; none: all."""
        self._providers = dict(providers)
        self._countries = countries
        self._clock_s = clock_s
        self._rests_until = dict.fromkeys(providers, 0.0)
        for name in providers:
            for outcome in _WORDS.values():
                counted.SMS_SENDS.begin(name, outcome)

    def send(self, message: SmsMessage, now: dt.datetime, usual: str | None = None) -> Sent:
        """Hand `message` to the first carrier that takes it.

        Args:
            message: the message.
            now: the time.
            usual: the carrier that made this login's code: asked first, so that the code
                stays the same.

        Raises:
            NumberError: the number's fault; the next carrier was not asked.
            CarrierError: none took it; the last one's.
        """
        failed: CarrierError = CarrierSetUpError("no carrier is for numbers of this country")
        for name in self._order(message.to, usual):
            provider = self._providers[name]
            try:
                message_id = _counting(name, provider, message, now)
            except CarrierError as error:
                self._rests_until[name] = self._clock_s() + _REST_S
                _tell(name, error)
                failed = error
            else:
                return Sent(name, message_id, isinstance(provider, CodeKeeper))
        raise failed

    def check(self, carrier: str, to: PhoneNumber, code: str) -> bool:
        """Whether `code` is the one that `carrier` made. Raises SmsError."""
        keeper = self._providers.get(carrier)
        if not isinstance(keeper, CodeKeeper):
            raise CarrierSetUpError(f"{carrier} made this code and is no longer set up")
        return keeper.check(to, code)

    def __getitem__(self, name: str) -> SmsProvider:
        return self._providers[name]

    def __contains__(self, name: object) -> bool:
        return name in self._providers

    def _order(self, to: PhoneNumber, usual: str | None) -> list[str]:
        country = phonenumbers.region_code_for_number(phonenumbers.parse(to.e164()))
        able = [
            name
            for name in self._providers
            if not self._countries.get(name) or country in self._countries[name]
        ]
        moment = self._clock_s()
        return sorted(able, key=lambda name: (self._rests_until[name] > moment, name != usual))


def open_carriers(found: SmsSettings, line: Line | None = None) -> Carriers | None:
    """The carriers in the order of the settings; None if there is none.

    `line`: to headquarters, for the carrier of that name.
    """
    if not found.carriers:
        return None
    wire = Wire()
    makers: dict[Carrier, Callable[[], SmsProvider]] = {
        Carrier.WEBHOOK: lambda: _webhook(found, wire),
        Carrier.ALIYUN: lambda: AliyunSms(found.aliyun, wire),
        Carrier.TENCENT: lambda: TencentSms(found.tencent, wire),
        Carrier.TWILIO: lambda: TwilioVerify(found.twilio, wire),
        Carrier.GAMMU: lambda: GammuSms(found.gammu),
        Carrier.HEADQUARTERS: lambda: _headquarters(line),
    }
    return Carriers(
        {carrier.value: makers[carrier]() for carrier in found.carriers},
        {carrier.value: getattr(found, carrier).countries for carrier in found.carriers},
    )


def _headquarters(line: Line | None) -> HeadquartersSms:
    if line is None:
        raise SettingsError('sms.carriers names "headquarters": set headquarters.url')
    return HeadquartersSms(line)


def _webhook(found: SmsSettings, wire: Wire) -> WebhookSms:
    try:
        key = webhook_signature.read_key(found.webhook.signing_key.get_secret_value())
    except ValueError as error:
        raise SettingsError(
            f"sms.webhook.signing_key (or DOORMAN_SMS__WEBHOOK__SIGNING_KEY): {error}"
        ) from None
    return WebhookSms(found.webhook.url, key, wire)


def _counting(name: str, provider: SmsProvider, message: SmsMessage, now: dt.datetime) -> str:
    begun, outcome = time.perf_counter(), "failed"
    try:
        message_id = provider.send(message, now)
        outcome = "taken"
    except SmsError as error:
        outcome = next((word for sort, word in _WORDS.items() if isinstance(error, sort)), outcome)
        raise
    else:
        return message_id
    finally:
        counted.SMS_SENDS.add(name, outcome)
        counted.SMS_DURATION.observe(name, value=time.perf_counter() - begun)


def _tell(name: str, error: CarrierError) -> None:
    # Down is the carrier's business and passes; set up wrong is ours and does not.
    tell = _log.warning if isinstance(error, CarrierDownError) else _log.error
    tell("a carrier did not take a code", carrier=name, reason=str(error))
