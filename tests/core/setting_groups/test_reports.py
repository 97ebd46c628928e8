import pytest

from core import settings
from core.setting_groups.reports import ReportKind

ALICE = '{"address": "Alice@Example.com"}'


def test_a_recipient_gets_all_reports_in_chinese_unless_told_otherwise(monkeypatch):
    bob = '{"address": "bob@example.com", "language": "en", "reports": ["month"]}'
    monkeypatch.setenv("DOORMAN_REPORTS__RECIPIENTS", f"[{ALICE}, {bob}]")

    first, second = settings.load().reports.recipients

    assert (first.language, first.reports) == ("zh", tuple(ReportKind))
    assert (second.language, second.reports) == ("en", (ReportKind.MONTH,))


def test_no_mailbox_is_in_what_is_printed(monkeypatch):
    monkeypatch.setenv("DOORMAN_REPORTS__RECIPIENTS", f"[{ALICE}]")

    assert "alice" not in repr(settings.load()).lower()


@pytest.mark.parametrize(
    ("recipients", "says"),
    [
        pytest.param('[{"address": "alice at home"}]', "not an e-mail address", id="no address"),
        pytest.param(f'[{ALICE}, {{"address": "alice@example.com"}}]', "once", id="twice"),
        pytest.param('[{"address": "a@example.com", "language": "fr"}]', "language", id="language"),
        pytest.param('[{"address": "a@example.com", "reports": ["hour"]}]', "reports", id="kind"),
    ],
)
def test_what_is_wrong_is_named_without_the_address(monkeypatch, recipients, says):
    monkeypatch.setenv("DOORMAN_REPORTS__RECIPIENTS", recipients)
    with pytest.raises(settings.SettingsError, match=says) as caught:
        settings.load()

    assert "alice" not in str(caught.value).lower()
    assert "a@example" not in str(caught.value)
