"""What the timer of role certificate calls, on a box whose settings need secrets."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import jinja2
import pytest

ROLES = Path(__file__).parents[2] / "deploy" / "ansible" / "roles"
SETTINGS = """\
data_dir = "{data}"
[store]
id = "shop-1"
[portal]
url = "https://wifi.example.com"
[sms]
carriers = ["aliyun"]
[sms.aliyun]
sign_name = "Lakeside"
template_code = "SMS_1"
[certificate]
chain = "{data}/portal.pem"
key = "{data}/portal-key.pem"
"""
SECRETS = "DOORMAN_SMS__ALIYUN__ACCESS_KEY_ID=a\nDOORMAN_SMS__ALIYUN__ACCESS_KEY_SECRET=b\n"


@pytest.fixture
def renew(tmp_path):
    """Run it on a box below a folder, with an authority that gives what is not a certificate."""
    current = tmp_path / "opt/doorman/current"
    current.mkdir(parents=True)
    (current / "bin").symlink_to(Path(sys.executable).parent)
    shutil.copy(ROLES / "release/files/doorman", current)
    (current / "doorman").chmod(0o755)
    (current / "doorman.toml").write_text(SETTINGS.format(data=tmp_path))
    (tmp_path / "etc/doorman").mkdir(parents=True)
    (tmp_path / "etc/doorman/lego.env").touch()
    given = tmp_path / "given.pem"
    given.write_text("no certificate")
    lego = tmp_path / "lego"
    lego.write_text('#!/bin/sh\nfor hook; do :; done\nexec sh -c "$hook"\n')
    lego.chmod(0o755)
    template = (ROLES / "certificate/templates/ask-for-certificate.j2").read_text()
    environment = jinja2.Environment(autoescape=False)  # noqa: S701 - a script of sh
    environment.filters["quote"] = str
    names = ("server", "email", "name", "provider", "folder", "renew_days")
    text = environment.from_string(template).render(
        {f"certificate_{name}": "some" for name in names}
    )
    script = tmp_path / "ask"
    for folder in ("/opt/doorman", "/etc/doorman"):
        text = text.replace(folder, f"{tmp_path}{folder}")
    script.write_text(text)

    def renew(secrets):
        (current / "secrets.env").write_text(secrets)
        done = subprocess.run(
            ["/bin/sh", script],
            env={
                "PATH": f"{tmp_path}:{os.defpath}",
                "LEGO_CERT_PATH": str(given),
                "LEGO_CERT_KEY_PATH": str(given),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stderr

    return renew


def test_a_new_certificate_is_tried_with_the_boxs_settings_and_secrets(renew):
    assert "access_key_secret" in renew("")
    told = renew(SECRETS)
    assert ("settings" in told, "certificate" in told) == (False, True), told
