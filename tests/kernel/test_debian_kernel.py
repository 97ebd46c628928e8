"""The gate on the kernel that Debian ships, which may be years older than the one below us."""

import os
import platform

import pytest

from tests.kernel import guest
from tests.kernel.machine import missing

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1260),  # the machine has its own, of 1200 s
    pytest.mark.skipif(os.geteuid() != 0, reason="not root: cannot read all of the file system"),
    pytest.mark.skipif(platform.machine() != "x86_64", reason="the machine emulated is an x86-64"),
    pytest.mark.skipif(bool(missing()), reason=f"not installed: {', '.join(missing())}"),
]


@pytest.fixture(scope="module")
def found(machine):
    return machine.found(guest)


def test_a_second_login_extends_the_first(found):
    assert found["extended_s"] > 4000


def test_the_way_to_extend_is_needed_before_linux_6_12(found):
    release = tuple(int(number) for number in found["release"].split(".")[:2])

    assert (found["added_again_s"] > 4000) is (release >= (6, 12))


def test_a_reload_of_the_rules_logs_nobody_out(found):
    assert found["kept_by_a_reload"]


def test_a_phone_that_is_revoked_is_gone(found):
    assert found["revoked"]


def test_a_pass_and_an_admission_replace_each_other(found):
    assert found["passed"]
    assert found["admitted_after_a_pass"]


def test_nothing_passes_of_a_phone_that_is_not_admitted(found):
    assert (found["offline"], found["revoked_again"]) == (0, 0)


def test_a_quota_ends_what_passes_until_a_new_admission(found):
    assert found["of_a_quota_of_10"] == 10
    assert found["after_a_reload"] == 0
    assert found["with_a_new_admission"] == 5


def test_a_speed_limit_lets_a_burst_pass_and_little_more(found):
    assert 120 <= found["of_a_burst"] < 165


def test_a_pass_leads_to_its_hosts_alone(found):
    assert (found["to_no_host_of_a_pass"], found["to_a_host_of_a_pass"]) == (0, 3)


def test_what_passed_is_counted_across_admissions(found):
    passed = ("of_a_quota_of_10", "with_a_new_admission", "of_a_burst", "to_a_host_of_a_pass")

    assert found["counted"] == guest.DATAGRAM * sum(found[each] for each in passed)
