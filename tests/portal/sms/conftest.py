import contextlib
import datetime as dt
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from core.phone_number import PhoneNumber
from core.setting_groups.sms import AliyunSettings, TencentSettings, TwilioSettings
from portal.sms.shape import SmsMessage
from tests import free_ports

ROOT = Path(__file__).parents[3]


class Outside:
    """Carriers in a process of their own."""

    def __init__(self, port):
        self.url = f"http://127.0.0.1:{port}"

    def control(self, **ordered):
        self._http("POST", "/control", json=ordered).raise_for_status()

    def inbox(self, number):
        return [each for each in self._http("GET", "/inbox").json() if each["to"] == number]

    def _http(self, method, path, **more):
        return httpx.request(method, self.url + path, trust_env=False, **more)


@pytest.fixture(scope="session")
def outside():
    [port] = free_ports.find(1)
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.fakes.carriers", str(port)],
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
    )
    found = Outside(port)
    try:
        for _ in range(400):
            with contextlib.suppress(httpx.TransportError):
                found.control()
                break
            time.sleep(0.05)
        yield found
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture
def message(number):
    """A code for a number that no other test uses."""
    return SmsMessage(PhoneNumber.from_e164(number), "012345 是您的验证码", "012345", 5, "zh")


@pytest.fixture(scope="session")
def numbers():
    return iter(range(13800000000, 13800001000))


@pytest.fixture
def number(numbers):
    return f"+86{next(numbers)}"


@pytest.fixture
def today():
    return dt.datetime.now(dt.UTC)


@pytest.fixture
def aliyun_settings(outside):
    return AliyunSettings(
        access_key_id="LTAI5tExample",
        access_key_secret="a secret of the account",
        sign_name="安福路店",
        template_code="SMS_123456789",
        url=outside.url,
    )


@pytest.fixture
def tencent_settings(outside):
    return TencentSettings(
        secret_id="LTAI5tExample",
        secret_key="a secret of the account",
        app_id="1400006666",
        sign_name="安福路店",
        template_id="449739",
        template_values=("code", "minutes"),
        url=outside.url,
    )


@pytest.fixture
def twilio_settings(outside):
    return TwilioSettings(
        account_sid="AC" + "0" * 32,
        auth_token="a secret of the account",
        service_sid="VA" + "1" * 32,
        url=outside.url,
    )
