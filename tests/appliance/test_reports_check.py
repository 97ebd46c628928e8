import pytest

from appliance import reports_check
from appliance.finding import Grade
from core.setting_groups.reports import Recipient, ReportsSettings
from core.setting_groups.ways import MailSettings

RECIPIENTS = ReportsSettings(recipients=(Recipient(address="owner@example.com"),))
SERVER = MailSettings(host="mail.example.com", sender="wifi@example.com")


@pytest.mark.parametrize(
    ("groups", "grade", "says"),
    [
        pytest.param({}, Grade.NOTE, "no reports.recipients", id="nobody"),
        pytest.param({"reports": RECIPIENTS}, Grade.WRONG, "no mail server", id="no server"),
        pytest.param({"reports": RECIPIENTS, "mail": SERVER}, Grade.GOOD, "to 1 by mail", id="all"),
    ],
)
def test_says_whether_reports_can_go(settings, groups, grade, says):
    finding = reports_check.reports(settings.model_copy(update=groups))

    assert finding.grade is grade
    assert says in finding.text
    assert "owner" not in finding.text + finding.mend
