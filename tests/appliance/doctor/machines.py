"""A machine as a test wants it: files below a folder, and what programs print."""

from appliance.doctor.machine import Machine


def machine(root, *, files=None, programs=None):
    """`programs`: what is printed, by the beginning of the command line."""
    for name, text in (files or {}).items():
        path = root / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run(*command):
        line = " ".join(command)
        return next(
            (said for begins, said in (programs or {}).items() if line.startswith(begins)), None
        )

    return Machine(root, run)


def told(findings, grade):
    """The texts of one grade, with their remedies."""
    return [f"{each.text} -> {each.mend}" for each in findings if each.grade is grade]
