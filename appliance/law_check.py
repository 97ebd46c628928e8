"""What `doorman doctor` says of where personal data goes, and what nobody has said of it."""

from collections.abc import Iterator

from appliance.finding import Finding, Grade
from core import destinations
from core.settings import Settings


def countries(found: Settings) -> Iterator[Finding]:
    """That what is known to be abroad stops the start, settings see to; here, what is not known."""
    profile, places = found.law_profile, found.destinations
    if not profile.stays.is_needed:
        return
    unsaid = destinations.unsaid(profile, places)
    for place in unsaid:
        yield Finding(
            Grade.NOTE,
            f"{place.setting}: in which country {place.host} keeps personal data, nobody has said",
            f"ask whoever runs it, and set {place.declared_by}",
        )
    if found.law.export_basis:
        said = "personal data may leave the country by law.export_basis: a lawyer has to know it"
        yield Finding(Grade.NOTE, said)
    elif places and not unsaid:
        said = "personal data stays in the country, as far as settings say: nobody has checked that"
        yield Finding(Grade.GOOD, said)
