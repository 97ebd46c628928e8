"""A store's sources, campaigns and surveys, for tests of the portal."""

import datetime as dt

from core.models.attribution import Source, SourceKind
from core.models.campaign import Audience, Campaign, CouponKind, Spot
from core.models.survey import Survey, SurveyAnswer


class Marketing:
    def __init__(self, database, clock):
        self.database, self.clock = database, clock

    def source(self, code="aaaa1111", name="小王", kind=SourceKind.GUIDE):
        return self._add(Source(kind=kind, name=name, code=code, created_at=self.clock.now))

    def campaign(self, **others):
        now = self.clock.now
        usual = {
            "name": "Spring",
            "spot": Spot.ONLINE,
            "audience": Audience.EVERYONE,
            "heading": "新品到店",
            "starts_at": now - dt.timedelta(hours=1),
            "ends_at": now + dt.timedelta(days=30),
            "coupon": CouponKind.NONE,
            "created_at": now,
        }
        return self._add(Campaign(**(usual | others)))

    def welcome(self, **others):
        """A campaign with a coupon."""
        usual = {
            "coupon": CouponKind.MADE,
            "coupon_pattern": "WEL-######",
            "coupon_text": "满 100 减 20",
            "coupon_days": 30,
        }
        return self.campaign(**(usual | others))

    def survey(self, *answers, question="从哪里知道我们？", language=""):
        number = self._add(Survey(question=question, language=language, created_at=self.clock.now))
        with self.database.writing() as session:
            session.add_all(
                SurveyAnswer(survey_id=number, number=each, text=text)
                for each, text in enumerate(answers or ("路过", "朋友"), 1)
            )
        return number

    def end(self, model, number):
        with self.database.writing() as session:
            session.get_one(model, number).ended_at = self.clock.now

    def _add(self, row):
        with self.database.writing() as session:
            session.add(row)
            session.flush()
            return row.id
