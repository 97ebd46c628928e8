import pytest

from appliance import kernel_check
from appliance.finding import Grade

ENOUGH = {
    "net/bridge/bridge-nf-call-iptables": 0,
    "net/netfilter/nf_conntrack_max": 262_144,
    "net/ipv4/neigh/default/gc_thresh3": 16_384,
    "net/ipv6/neigh/default/gc_thresh3": 65_536,
}


@pytest.fixture
def kernel(tmp_path):
    """`kernel(values)`: a folder like /proc/sys, by path; None: the kernel shows no such file."""

    def build(values):
        for path, value in values.items():
            if value is not None:
                file = tmp_path / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(f"{value}\n")
        return tmp_path

    return build


def test_a_kernel_with_room_for_a_shop_is_good(kernel):
    grades = {finding.grade for finding in kernel_check.examine(kernel(ENOUGH))}

    assert grades == {Grade.GOOD}


@pytest.mark.parametrize(
    ("path", "value", "mending"),
    [
        pytest.param(
            "net/bridge/bridge-nf-call-iptables",
            1,
            "sysctl net.bridge.bridge-nf-call-iptables=0",
            id="frames-twice",
        ),
        pytest.param(
            "net/netfilter/nf_conntrack_max",
            262_143,
            "sysctl net.netfilter.nf_conntrack_max=262144",
            id="connections",
        ),
        pytest.param(
            "net/ipv4/neigh/default/gc_thresh3",
            1024,
            "sysctl net.ipv4.neigh.default.gc_thresh3=16384 net.ipv4.neigh.default.gc_thresh2=8192",
            id="ipv4-neighbours",
        ),
        pytest.param(
            "net/ipv6/neigh/default/gc_thresh3",
            1024,
            "sysctl net.ipv6.neigh.default.gc_thresh3=65536"
            " net.ipv6.neigh.default.gc_thresh2=32768",
            id="ipv6-neighbours",
        ),
    ],
)
def test_what_a_full_shop_would_fill_is_wrong(kernel, path, value, mending):
    findings = kernel_check.examine(kernel(ENOUGH | {path: value}))

    assert [each.mend for each in findings if each.grade is Grade.WRONG] == [mending]


def test_what_the_kernel_does_not_show_is_not_wrong(kernel):
    findings = list(kernel_check.examine(kernel(dict.fromkeys(ENOUGH))))

    assert {finding.grade for finding in findings} == {Grade.GOOD, Grade.NOTE}
