"""Questions to shoppers, and how many chose which answer. No Flask."""

import dataclasses
import datetime as dt

import sqlalchemy as sa

from analytics.figures import suppression
from core import texts
from core.database import Database
from core.models.survey import Survey, SurveyAnswer

LONGEST_QUESTION = 120
LONGEST_ANSWER = 60
FEWEST, MOST = 2, 6


@dataclasses.dataclass(frozen=True, slots=True)
class SurveyLine:
    survey: Survey
    answers: tuple[tuple[str, int | None], ...]
    """Each with how many chose it; None: withheld."""
    total: int | None


def lines(database: Database, k: int) -> list[SurveyLine]:
    """All surveys, the newest first; counts from which one below `k` follows are withheld."""
    with database.reading() as session:
        surveys = session.scalars(sa.select(Survey).order_by(Survey.id.desc())).all()
        rows = session.scalars(sa.select(SurveyAnswer).order_by(SurveyAnswer.number)).all()
    found = []
    for survey in surveys:
        own = [row for row in rows if row.survey_id == survey.id]
        counts = [row.chosen for row in own]
        shown = suppression.shown_parts(counts, k)
        pairs = zip((row.text for row in own), shown, strict=True)
        found.append(SurveyLine(survey, tuple(pairs), suppression.shown(sum(counts), k)))
    return found


def add(
    database: Database, question: str, answers: str, language: str, now: dt.datetime
) -> dict[str, str]:
    """Ask a question from now on; the answers stand one a line. What is wrong, by field."""
    question = " ".join(question.split())
    options = [line for each in answers.splitlines() if (line := " ".join(each.split()))]
    faults = {}
    if not 1 <= len(question) <= LONGEST_QUESTION:
        faults["question"] = "question"
    is_plenty = FEWEST <= len(options) <= MOST and len(set(options)) == len(options)
    if not is_plenty or any(len(each) > LONGEST_ANSWER for each in options):
        faults["answers"] = "answers"
    if language not in {"", *texts.LANGUAGES}:
        faults["language"] = "language"
    if faults:
        return faults
    with database.writing() as session:
        survey = Survey(question=question, language=language, created_at=now)
        session.add(survey)
        session.flush()
        session.add_all(
            SurveyAnswer(survey_id=survey.id, number=number, text=text)
            for number, text in enumerate(options, 1)
        )
    return {}


def end(database: Database, number: int, now: dt.datetime) -> None:
    with database.writing() as session:
        survey = session.get(Survey, number)
        if survey is not None and survey.ended_at is None:
            survey.ended_at = now
