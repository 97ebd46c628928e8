import os
import subprocess
import sys


def resolver(*arguments, **variables):
    return subprocess.run(
        [sys.executable, "-m", "appliance", "resolver", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | variables,
    )


def test_prints_lines_for_dnsmasq_by_the_settings():
    assert "icloud" not in resolver("--dnsmasq").stdout
    assert (
        "address=/mask.icloud.com/\n"
        in resolver("--dnsmasq", DOORMAN_RESOLVER__PRIVATE_RELAY="refuse").stdout
    )
