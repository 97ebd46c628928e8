"""What `doorman doctor` has found at one place."""

import dataclasses
import enum


class Grade(enum.StrEnum):
    GOOD = "good"
    NOTE = "note"
    WRONG = "wrong"


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    grade: Grade
    text: str
    mend: str = ""
