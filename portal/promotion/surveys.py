"""The question of the day, and its answers: what was chosen is counted, not by whom."""

import dataclasses
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.models.device import Device
from core.models.survey import Survey, SurveyAnswer, SurveyTurn


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """What a page shows of a survey."""

    id: int
    question: str
    answers: Sequence[tuple[int, str]]
    is_answered: bool = False


def current(session: Session, language: str, device: Device, member_id: int | None) -> Asked | None:
    """The newest survey for pages in `language`, and whether they have answered it."""
    survey = session.scalar(
        sa.select(Survey)
        .where(Survey.ended_at.is_(None), Survey.language.in_(("", language)))
        .order_by(Survey.id.desc())
        .limit(1)
    )
    if survey is None:
        return None
    rows = session.scalars(
        sa.select(SurveyAnswer)
        .where(SurveyAnswer.survey_id == survey.id)
        .order_by(SurveyAnswer.number)
    )
    answers = [(row.number, row.text) for row in rows]
    return Asked(
        survey.id, survey.question, answers, _has_answered(session, survey.id, device, member_id)
    )


def answer(
    session: Session, survey_id: int, number: int, device: Device, member_id: int | None
) -> bool:
    """Count an answer, once for a device and once for a member. False: it was not counted."""
    # One answer at a time: neither two of one shopper, nor a count that is overwritten.
    survey = session.get(Survey, survey_id, with_for_update=True)
    if survey is None or survey.ended_at is not None:
        return False
    if _has_answered(session, survey_id, device, member_id):
        return False
    chosen = session.get(SurveyAnswer, (survey_id, number))
    if chosen is None:
        return False
    chosen.chosen += 1
    session.add(SurveyTurn(survey_id=survey_id, device_id=device.id, member_id=member_id))
    return True


def _has_answered(session: Session, survey_id: int, device: Device, member_id: int | None) -> bool:
    theirs = SurveyTurn.device_id == device.id
    if member_id is not None:
        theirs = sa.or_(theirs, SurveyTurn.member_id == member_id)
    found = sa.select(SurveyTurn.id).where(SurveyTurn.survey_id == survey_id, theirs)
    return session.scalar(found.limit(1)) is not None
