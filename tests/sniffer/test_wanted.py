from core.setting_groups.sensor import SensorSettings
from core.setting_groups.store import StoreSettings
from core.settings import Settings
from sniffer.wanted import Wanted


def test_the_process_that_hears_goes_by_the_settings(tmp_path):
    settings = Settings(
        data_dir=tmp_path,
        log_level="warning",
        store=StoreSettings(time_zone="Europe/Berlin", day_begins="04:00"),
        sensor=SensorSettings(
            interfaces=("mon0", "mon1"), hopping=("fixed 6", "slow 1 6 11"), write_every_s=7
        ),
    )

    read = Wanted.read(Wanted.of(settings).text)

    assert read == Wanted.of(settings)
    assert read.store.zone is settings.store.zone
    assert read.sensor.hopping == settings.sensor.hopping
    assert (read.sightings_dir, read.status_dir) == (settings.sightings_dir, settings.status_dir)
    assert (read.log_level, read.sensor.write_every_s) == ("warning", 7)
