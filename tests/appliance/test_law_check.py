import pytest

from appliance import law_check
from appliance.finding import Grade
from core.settings import Settings


def found(country="CN", **law):
    crm = {"url": "https://crm.example/events"}
    return Settings(store={"countries": [country]}, crm=crm, law=law)


def test_a_country_that_nobody_has_said_is_noted_with_what_to_set():
    [finding] = law_check.countries(found())

    assert finding.grade is Grade.NOTE
    assert "crm.url" in finding.text
    assert "law.crm_country" in finding.mend


def test_what_is_said_is_not_called_checked():
    [finding] = law_check.countries(found(crm_country="CN"))

    assert finding.grade is Grade.GOOD
    assert "nobody has checked" in finding.text


def test_what_leaves_by_a_basis_is_noted():
    [finding] = law_check.countries(found(crm_country="US", export_basis="standard contract"))

    assert finding.grade is Grade.NOTE
    assert "law.export_basis" in finding.text


@pytest.mark.parametrize("country", ["FR", "JP"])
def test_where_no_law_asks_nothing_is_said(country):
    assert list(law_check.countries(found(country))) == []
