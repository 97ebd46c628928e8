"""Says whether a bundle was signed by one of those whom we let: `verify_bundle.py BUNDLE < KEYS`.

KEYS are public keys of OpenSSH, a line each. The signature is BUNDLE.sig, of `ssh-keygen -Y sign`.
Runs where Ansible does, with the standard library and OpenSSH. Status 0: it was.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

# What it is a signature of: one of another thing by the same key is none of a bundle.
NAMESPACE = "doorman-bundle"
_WHO = "doorman"
_KEY = re.compile(r"((?:sk-)?(?:ssh|ecdsa)-[a-z0-9@.-]+ [A-Za-z0-9+/]+={0,3})(?: .*)?")


def main() -> int:
    bundle = pathlib.Path(sys.argv[1])
    signature = bundle.with_name(f"{bundle.name}.sig")
    keys = [line.strip() for line in sys.stdin if line.strip()]
    if not signature.is_file():
        return _refuse(f"{bundle.name} bears no signature: {signature} is not there")
    found = [_KEY.fullmatch(each) for each in keys]
    if not keys or None in found:
        return _refuse(
            "release_signers: each is a public key of OpenSSH, such as ssh-ed25519 AAAA..."
        )
    with (
        tempfile.NamedTemporaryFile("w", suffix=".signers") as signers,
        bundle.open("rb") as octets,
    ):
        signers.writelines(f'{_WHO} namespaces="{NAMESPACE}" {each[1]}\n' for each in found if each)
        signers.flush()
        command = ["ssh-keygen", "-Y", "verify", "-f", signers.name, "-I", _WHO]
        command += ["-n", NAMESPACE, "-s", str(signature)]
        done = subprocess.run(  # noqa: S603 - our own words; keys are in a file
            command, stdin=octets, capture_output=True, text=True, check=False
        )
    if done.returncode:
        return _refuse(f"{bundle.name} was signed by none of release_signers, or changed since")
    return 0


def _refuse(why: str) -> int:
    sys.stderr.write(f"{why}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
