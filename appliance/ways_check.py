"""What `doorman doctor` says of the ways in: whether any works, and whether each can finish."""

from appliance.finding import Finding, Grade
from core import clock, law
from core.settings import Settings
from core.wechat_relay import Way

_NO_LOGIN = "0" * 32


def ways(found: Settings) -> Finding:
    """Whether there is a way in at all. A member's phone needs another one first."""
    offered, mail = found.ways, found.mail
    working = {
        "text message": offered.sms and bool(found.sms.carriers),
        "WeChat": _has_wechat(found) and _wechat_finishes(found),
        "e-mail": offered.email and bool(mail.host and mail.sender),
        "voucher": offered.voucher,
        "staff": offered.sponsor,
    }
    if offered.email and not working["e-mail"]:
        mend = "set mail.host and mail.sender, or ways.email = false (docs/ways.md)"
        return Finding(Grade.WRONG, "ways.email is on, and no mail server is set", mend)
    if _has_wechat(found) and not working["WeChat"]:
        text = "a login by WeChat asks for a phone number, and ways.sms does not work"
        mend = 'set sms.carriers, or "mini_program" in wechat.ways (docs/wechat.md)'
        return Finding(Grade.WRONG, text, mend)
    if not any(working.values()):
        mend = "switch one on that works (docs/ways.md)"
        return Finding(Grade.WRONG, "no shopper can log in: no way in works", mend)
    names = ", ".join(name for name, works in working.items() if works)
    return Finding(Grade.GOOD, f"shoppers log in by {names}")


def real_names(found: Settings) -> Finding:
    """Whether the law wants real names, and a way in proves none."""
    unnamed, rule = nameless(found), found.law_profile.real_name
    if not rule.is_needed:
        return Finding(Grade.GOOD, "no law that we know of asks for real names here")
    if not unnamed:
        return Finding(Grade.GOOD, "whoever is online has proven a phone number")
    text = f"no real name is proven by {', '.join(unnamed)}: {law.cited(found.law_profile, rule)}"
    mend = "switch them off, or have the local police say that they will do (docs/ways.md)"
    return Finding(Grade.NOTE, text.rstrip(","), mend)


def nameless(found: Settings) -> list[str]:
    """Settings that let somebody in of whom no phone number is proven."""
    offered = found.ways
    on = {
        "ways.email": offered.email,
        "ways.voucher": offered.voucher,
        "ways.sponsor": offered.sponsor,
        "wechat.openid_suffices": _has_wechat(found) and found.wechat.openid_suffices,
    }
    return [name for name, is_on in on.items() if is_on]


def _has_wechat(found: Settings) -> bool:
    return bool(found.headquarters.url and found.wechat.ways)


def _wechat_finishes(found: Settings) -> bool:
    """Whether it can lead online: all ways but one need a number, which SMS has to prove."""
    by_sms = found.ways.sms and bool(found.sms.carriers)
    proves_number = Way.MINI_PROGRAM in found.wechat.ways
    return by_sms or proves_number or found.wechat.openid_suffices


def sms(found: Settings) -> Finding:
    if not found.ways.sms:
        return Finding(Grade.NOTE, "ways.sms is off: no login by text message")
    if not found.sms.carriers:
        return Finding(Grade.WRONG, "nobody carries the codes", "set sms.carriers (docs/sms.md)")
    return Finding(Grade.GOOD, f"codes are carried by {', '.join(found.sms.carriers)}")


def my_data(found: Settings) -> Finding:
    """Whether shoppers can show whose data they ask about, whichever ways in are open."""
    by_mail = bool(found.mail.host and found.mail.sender)
    if found.sms.carriers or by_mail or _has_wechat(found):
        return Finding(Grade.GOOD, "shoppers can see and withdraw what is known of them")
    mend = "set sms.carriers, or mail.host and mail.sender, or wechat.ways (docs/privacy.md)"
    return Finding(Grade.WRONG, "nobody can prove whose My data they ask for", mend)


def wechat(found: Settings) -> Finding:
    from portal.wechat import relay, shape  # noqa: PLC0415 - only where it is asked

    asked = relay.open_relay(found)
    if asked is None:
        lacking = "wechat.ways are none" if found.headquarters.url else "no headquarters.url"
        return Finding(Grade.NOTE, f"{lacking}: no login by WeChat")
    try:
        asked.look(_NO_LOGIN, clock.now())
    except shape.LoginOverError:
        # It has believed us, and looked.
        return _way_to_wechat(found)
    except shape.PermanentRelayError as error:
        return Finding(Grade.WRONG, "the WeChat relay refuses this store", str(error))
    except shape.TemporaryRelayError as error:
        mend = "see that doorman hq runs, and is reached at headquarters.url"
        return Finding(Grade.WRONG, str(error), mend)
    return Finding(Grade.WRONG, "the WeChat relay knows a login that nobody began")


def _way_to_wechat(found: Settings) -> Finding:
    if not found.passes.per_day:
        mend = "set passes.per_day (docs/wechat.md)"
        return Finding(Grade.NOTE, "phones reach WeChat by mobile data alone", mend)
    return Finding(Grade.GOOD, "the WeChat relay knows this store")
