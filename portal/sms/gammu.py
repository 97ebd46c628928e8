"""A GSM modem, through gammu-smsd: a message is a file in the folder it sends from.

File names and encoding are those of its FILES backend (gammu-smsd-files(7)). The number is
part of the name, so the folder must be closed to other users. Its `TransmitFormat` must be
`auto`: the default, 7 bits, makes question marks of Chinese.
"""

import codecs
import datetime as dt
import secrets
from pathlib import Path

from core.phone_number import PhoneNumber
from core.setting_groups.sms import GammuSettings
from portal.sms.shape import CarrierDownError, CarrierSetUpError, Receipt, SmsMessage

# More than this waiting means that the modem sends nothing.
_MOST_WAITING = 50


class GammuSms:
    def __init__(self, found: GammuSettings) -> None:
        self._outbox = Path(found.outbox)
        self._errors = Path(found.errors)

    def send(self, message: SmsMessage, now: dt.datetime) -> str:
        """Queue the message; its id is what of the file's name is not the number."""
        message_id = secrets.token_hex(8)
        stamp = now.astimezone(dt.UTC).strftime("%Y%m%d_%H%M%S")
        name = f"OUTA{stamp}_00_{message.to.e164()}_{message_id}.txt"
        draft = self._outbox / f".{message_id}"
        try:
            if sum(1 for _ in self._outbox.glob("OUT*")) >= _MOST_WAITING:
                raise CarrierDownError("the modem sends nothing: its outbox is full")
            draft.write_bytes(codecs.BOM_UTF16_LE + message.text.encode("utf-16-le"))
            draft.rename(self._outbox / name)
        except OSError as error:
            raise CarrierSetUpError(
                f"the outbox of gammu-smsd cannot be written ({type(error).__name__})"
            ) from None
        return message_id

    def receipt(
        self,
        message_id: str,
        to: PhoneNumber,  # noqa: ARG002 - the id is enough
        sent_at: dt.datetime,  # noqa: ARG002 - as above
        now: dt.datetime,  # noqa: ARG002 - as above
    ) -> Receipt | None:
        if any(self._outbox.glob(f"OUT*_{message_id}.txt")):
            return None
        failed = any(self._errors.glob(f"OUT*_{message_id}.txt"))
        return Receipt(not failed, "ERROR" if failed else "SENT")
