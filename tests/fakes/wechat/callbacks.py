"""Sends the official account's callbacks, signed and (if it has a key) sealed by wechatpy.

No answer within five seconds, or none that fits: again, three times in all.
"""

import hashlib
import secrets
import ssl
from xml.etree import ElementTree as ET

import httpx
from wechatpy.crypto import WeChatCrypto

TRIES = 3
# Reading the authorities' certificates takes longer than all the rest.
TLS = ssl.create_default_context()


def sign(token, *parts):
    joined = "".join(sorted((token, *parts))).encode()
    return hashlib.sha1(joined, usedforsecurity=False).hexdigest()


def event(app, openid, now, **fields):
    """The fields of an event, as WeChat sends them."""
    return {
        "ToUserName": f"gh_{app.app_id[2:14]}",
        "FromUserName": openid,
        "CreateTime": str(int(now)),
        "MsgType": "event",
        **fields,
    }


def document(fields):
    inner = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in fields.items())
    return f"<xml>{inner}</xml>"


def parcel(app, text, now):
    """Query and body of the request that carries `text`."""
    timestamp, nonce = str(int(now)), secrets.token_hex(5)
    query = {
        "signature": sign(app.callback_token, timestamp, nonce),
        "timestamp": timestamp,
        "nonce": nonce,
    }
    if not app.encoding_key:
        return query, text
    crypto = WeChatCrypto(app.callback_token, app.encoding_key, app.app_id)
    sealed = fields_of(crypto.encrypt_message(text, nonce, timestamp))["Encrypt"]
    query |= {
        "encrypt_type": "aes",
        "msg_signature": sign(app.callback_token, timestamp, nonce, sealed),
    }
    return query, document({"ToUserName": "gh", "Encrypt": sealed})


def deliver(app, fields, now, within_s, tries=TRIES):
    """What the shopper reads, if anything, and how often it had to be sent."""
    text = document(fields)
    for number in range(1, tries + 1):
        query, body = parcel(app, text, now)
        try:
            response = httpx.post(
                app.callback_url,
                params=query,
                content=body.encode(),
                headers={"content-type": "text/xml"},
                timeout=within_s,
                trust_env=False,
                verify=TLS,
            )
        except httpx.HTTPError:
            continue
        if response.status_code == 200:
            return {"tries": number, "reply": reply(app, response.text, fields)}
    return {"tries": tries, "reply": None, "failed": True}


def confirm(app, now):
    """As when the address is entered in the console: whether our own words came back."""
    query, _ = parcel(app, "", now)
    words = secrets.token_hex(8)
    response = httpx.get(
        app.callback_url, params=query | {"echostr": words}, timeout=5, trust_env=False, verify=TLS
    )
    return response.status_code == 200 and response.text == words


def reply(app, text, fields):
    if text in {"", "success"}:
        return None
    if app.encoding_key:
        outer = fields_of(text)
        crypto = WeChatCrypto(app.callback_token, app.encoding_key, app.app_id)
        # Raises unless the signature fits.
        text = crypto.decrypt_message(
            text, outer["MsgSignature"], outer["TimeStamp"], outer["Nonce"]
        )
    found = fields_of(text)
    assert found["MsgType"] == "text"
    assert (found["ToUserName"], found["FromUserName"]) == (
        fields["FromUserName"],
        fields["ToUserName"],
    )
    assert len(found["Content"].encode()) <= 2048
    return found["Content"]


def fields_of(text):
    root = ET.fromstring(text)  # noqa: S314 - of our own program
    return {child.tag: child.text or "" for child in root}
