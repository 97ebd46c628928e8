"""What runs inside the machine: the real gate on the real rules; prints what came of it."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PHONE, OTHER = "02:00:00:00:00:0a", "02:00:00:00:00:0b"
MARK = "RESULT "


def main() -> None:
    root, folder = Path(sys.argv[1]), Path(tempfile.mkdtemp())
    sys.path.insert(0, str(root))
    from gate.client import GateClient, GateUnavailableError  # noqa: PLC0415 - found only now
    from gate.ruleset import Ruleset  # noqa: PLC0415 - as above

    rules = folder / "rules.nft"
    rules.write_text(Ruleset("br-lan", "wan0", 8080).text())
    nft("-f", rules)
    socket = folder / "gate.sock"
    gate = subprocess.Popen(
        [sys.executable, "-B", "-m", "gate", f"--socket={socket}", "--kind=nftables"], cwd=root
    )
    client = GateClient(socket, timeout_s=20)
    for _ in range(300):
        try:
            client.kind()
            break
        except GateUnavailableError:
            time.sleep(0.1)

    found = {"release": os.uname().release}
    client.admit(PHONE, 100)
    client.admit(PHONE, 5000)
    found["extended_s"] = client.online()[PHONE].seconds_left
    for seconds in (100, 5000):
        nft("add", "element", "inet", "doorman", "online", f"{{ {OTHER} timeout {seconds}s }}")
    found["added_again_s"] = client.online()[OTHER].seconds_left
    nft("-f", rules)
    found["kept_by_a_reload"] = PHONE in client.online()
    client.revoke(PHONE)
    found["revoked"] = PHONE not in client.online()
    gate.terminate()
    gate.wait(20)
    print(MARK + json.dumps(found), flush=True)  # noqa: T201 - the console is the way out


def nft(*arguments: object) -> None:
    subprocess.run(["/usr/sbin/nft", *map(str, arguments)], check=True)


if __name__ == "__main__":
    main()
