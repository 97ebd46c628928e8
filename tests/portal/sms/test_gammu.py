"""With the real gammu-smsd, whose modem is gammu's own dummy: a folder."""

import shutil
import subprocess
import time

import pytest

from core.setting_groups.sms import GammuSettings
from portal.sms.gammu import GammuSms
from portal.sms.shape import CarrierDownError, CarrierSetUpError, Receipt


@pytest.fixture
def folders(tmp_path):
    for name in ("outbox", "sent", "errors", "modem"):
        (tmp_path / name).mkdir()
    return tmp_path


@pytest.fixture
def gammu(folders):
    return GammuSms(GammuSettings(outbox=f"{folders}/outbox", errors=f"{folders}/errors"))


@pytest.fixture
def smsd(folders):
    if shutil.which("gammu-smsd") is None:
        pytest.skip("gammu-smsd is not installed")
    for number in range(1, 6):
        (folders / "modem" / "sms" / str(number)).mkdir(parents=True)
    file = folders / "smsdrc"
    file.write_text(
        f"[gammu]\nmodel = dummy\nconnection = none\nport = {folders}/modem\n"
        f"[smsd]\nservice = files\noutboxpath = {folders}/outbox/\n"
        f"sentsmspath = {folders}/sent/\nerrorsmspath = {folders}/errors/\n"
        f"inboxpath = {folders}/\nlogfile = {folders}/smsd.log\n"
        "commtimeout = 1\nsendtimeout = 5\ndebuglevel = 255\ntransmitformat = auto\n"
    )
    process = subprocess.Popen(["gammu-smsd", "-c", file], stdout=subprocess.DEVNULL)
    yield process
    process.terminate()
    process.wait(10)


@pytest.mark.slow
def test_the_modem_sends_the_text(gammu, smsd, folders, message, today):
    message_id = gammu.send(message, today)
    assert gammu.receipt(message_id, message.to, today, today) is None

    for _ in range(300):
        if gammu.receipt(message_id, message.to, today, today):
            break
        time.sleep(0.1)

    log = (folders / "smsd.log").read_text(errors="replace")
    assert gammu.receipt(message_id, message.to, today, today) == Receipt(True, "SENT"), log
    assert "Unicode SMS" in log
    assert "是您的验证码" in log


def test_a_folder_that_is_not_there_is_named_without_the_number(gammu, folders, message, today):
    shutil.rmtree(folders / "outbox")

    with pytest.raises(CarrierSetUpError, match="outbox") as caught:
        gammu.send(message, today)
    assert message.to.e164() not in str(caught.value)


def test_a_modem_that_sends_nothing_is_given_up(gammu, message, today):
    for _ in range(50):
        gammu.send(message, today)

    with pytest.raises(CarrierDownError, match="full"):
        gammu.send(message, today)


def test_what_the_modem_could_not_send_is_lost(gammu, folders, message, today):
    message_id = gammu.send(message, today)
    [file] = (folders / "outbox").iterdir()
    file.rename(folders / "errors" / file.name)

    assert gammu.receipt(message_id, message.to, today, today) == Receipt(False, "ERROR")
