"""The text message, or mail, that carries a code."""

import datetime as dt

from core.texts import Texts
from portal.sms.shape import SmsMessage
from portal.ways.login import CodeToSend


def write(texts: Texts, store_name: str, language: str, sending: CodeToSend) -> SmsMessage:
    """The code comes first, so that the phone's banner shows it without being opened."""
    minutes = max(1, sending.lasts // dt.timedelta(minutes=1))
    text = texts.text(language, "sms.text", code=sending.code, store=store_name, minutes=minutes)
    return SmsMessage(sending.account.phone, text, sending.code, minutes, language)


def write_mail(
    texts: Texts, store_name: str, language: str, sending: CodeToSend
) -> tuple[str, str]:
    """Subject and text. The code is in both: a list of mails shows the subject alone."""
    minutes = max(1, sending.lasts // dt.timedelta(minutes=1))
    subject = texts.text(language, "mail.subject", code=sending.code, store=store_name)
    text = texts.text(language, "mail.text", code=sending.code, store=store_name, minutes=minutes)
    return subject, text
