"""Whether doctor sees that nobody could log in."""

import pytest

from appliance import ways_check
from appliance.finding import Grade
from core import webhook_signature
from core.setting_groups.headquarters import HeadquartersSettings
from core.setting_groups.sms import SmsSettings
from core.setting_groups.ways import MailSettings, WaysSettings
from core.setting_groups.wechat import WechatSettings
from core.settings import Settings
from core.wechat_relay import Way

SMS = SmsSettings(
    carriers=["webhook"],
    webhook={
        "url": "https://carrier.example/sms",
        "signing_key": webhook_signature.write_key(bytes(32)),
    },
)
NO_SMS = WaysSettings(sms=False)


HEADQUARTERS = HeadquartersSettings(
    url="https://hq.chain.example", key=webhook_signature.write_key(bytes(32))
)


@pytest.mark.parametrize(
    ("groups", "grade", "words"),
    [
        pytest.param({"sms": SMS}, Grade.GOOD, "text message", id="sms"),
        pytest.param({}, Grade.WRONG, "no way in works", id="no-carrier"),
        pytest.param({"ways": NO_SMS}, Grade.WRONG, "no way in works", id="none"),
        pytest.param(
            {"ways": WaysSettings(sms=False, voucher=True)}, Grade.GOOD, "voucher", id="voucher"
        ),
        pytest.param(
            {"ways": WaysSettings(sms=False, email=True)}, Grade.WRONG, "mail", id="no-mail"
        ),
        pytest.param(
            {
                "ways": WaysSettings(sms=False, email=True),
                "mail": MailSettings(host="mail.example", sender="wifi@shop.example"),
            },
            Grade.GOOD,
            "e-mail",
            id="mail",
        ),
        pytest.param(
            {"ways": NO_SMS, "wechat": WechatSettings(ways=[Way.FOLLOW, Way.OAUTH])},
            Grade.WRONG,
            "asks for a phone number",
            id="wechat-wants-a-number",
        ),
        pytest.param(
            {"ways": NO_SMS, "wechat": WechatSettings(ways=[Way.MINI_PROGRAM])},
            Grade.GOOD,
            "WeChat",
            id="mini",
        ),
        pytest.param(
            {"ways": NO_SMS, "wechat": WechatSettings(ways=[Way.OAUTH], openid_suffices=True)},
            Grade.GOOD,
            "WeChat",
            id="openid-suffices",
        ),
        pytest.param(
            {"sms": SMS, "wechat": WechatSettings(ways=[Way.OAUTH])},
            Grade.GOOD,
            "text message, WeChat",
            id="number-by-sms",
        ),
    ],
)
def test_says_whether_a_shopper_can_finish(groups, grade, words):
    finding = ways_check.ways(Settings(headquarters=HEADQUARTERS, **groups))

    assert finding.grade is grade
    assert words in finding.text


@pytest.mark.parametrize(
    ("groups", "grade"),
    [
        pytest.param({"ways": WaysSettings(sms=False, voucher=True)}, Grade.WRONG, id="vouchers"),
        pytest.param({"sms": SMS}, Grade.GOOD, id="text message"),
        pytest.param(
            {"mail": MailSettings(host="mail.example", sender="wifi@shop.example")},
            Grade.GOOD,
            id="e-mail",
        ),
    ],
)
def test_a_store_where_my_data_can_be_proven_in_no_way_is_told(tmp_path, groups, grade):
    assert ways_check.my_data(Settings(data_dir=tmp_path, **groups)).grade is grade


@pytest.mark.parametrize(
    ("country", "groups", "grade", "words"),
    [
        pytest.param("CN", {}, Grade.GOOD, "proven a phone number", id="sms-alone"),
        pytest.param(
            "CN",
            {"ways": WaysSettings(voucher=True, email=True, sponsor=True)},
            Grade.NOTE,
            "ways.email, ways.voucher, ways.sponsor",
            id="three-that-prove-none",
        ),
        pytest.param(
            "CN",
            {
                "headquarters": HEADQUARTERS,
                "wechat": WechatSettings(ways=[Way.OAUTH], openid_suffices=True),
            },
            Grade.NOTE,
            "wechat.openid_suffices",
            id="an-openid-alone",
        ),
        pytest.param(
            "DE", {"ways": WaysSettings(voucher=True)}, Grade.GOOD, "no law", id="elsewhere"
        ),
    ],
)
def test_where_the_law_wants_real_names_a_way_that_proves_none_is_named(
    country, groups, grade, words
):
    found = ways_check.real_names(Settings(store={"countries": [country]}, **groups))

    assert found.grade is grade
    assert words in found.text
    assert (grade is Grade.NOTE) == ("Cybersecurity Law" in found.text)
