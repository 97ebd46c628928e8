from core.outbox import EventType
from crm import overflow
from crm.shape import TemporaryCrmError
from tests.crm.desk import ScriptedCrm, desk_on

DOWN = TemporaryCrmError("http_503")


def desk_with_room_for(most, database, sealer, tmp_path):
    desk = desk_on(database, sealer, tmp_path)
    crm = desk.settings.crm.model_copy(update={"most_waiting": most})
    desk.settings = desk.settings.model_copy(update={"crm": crm})
    return desk


def waiting(desk):
    return [row.subject for row in desk.rows()]


def test_what_may_be_lost_goes_kind_by_kind_the_oldest_first(any_database, sealer, tmp_path, now):
    desk = desk_with_room_for(3, any_database, sealer, tmp_path)
    desk.add("hour-1", "hour-2", now=now, kind=EventType.TRAFFIC_HOUR)
    desk.add("ill-1", "ill-2", now=now, kind=EventType.SENSOR_HEALTH)
    desk.add("visit-1", "visit-2", now=now, kind=EventType.VISIT_CLOSED)

    assert desk.deliver(ScriptedCrm(DOWN), now).dropped == 3
    assert waiting(desk) == ["hour-2", "visit-1", "visit-2"]
    assert (desk.line().dropped, desk.line().dropped_at) == (3, now)


def test_members_consents_and_tombstones_are_kept_however_many(any_database, sealer, tmp_path, now):
    desk = desk_with_room_for(0, any_database, sealer, tmp_path)
    kept = [kind for kind in EventType if kind not in overflow.MAY_BE_LOST]
    for kind in EventType:
        desk.add(kind.value, now=now, kind=kind)

    desk.deliver(ScriptedCrm(DOWN), now)

    assert waiting(desk) == [kind.value for kind in kept]
    assert {
        EventType.MEMBER_ERASED,
        EventType.MEMBER_ENROLLED,
        EventType.CONSENT_WITHDRAWN,
        EventType.COUPON_USED,
    } <= set(kept)


def test_what_is_kept_however_much_pushes_nothing_out(any_database, sealer, tmp_path, now):
    desk = desk_with_room_for(2, any_database, sealer, tmp_path)
    desk.add("visit-1", "visit-2", now=now, kind=EventType.VISIT_CLOSED)
    desk.add("m-1", "m-2", "m-3", now=now, kind=EventType.MEMBER_UPDATED)

    assert overflow.trim(desk.database, desk.settings.crm, now) == 0


def test_nothing_is_dropped_while_there_is_room(desk, now):
    desk.add("hour-1", now=now, kind=EventType.TRAFFIC_HOUR)

    assert overflow.trim(desk.database, desk.settings.crm, now) == 0
    assert waiting(desk) == ["hour-1"]
