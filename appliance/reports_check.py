"""What `doorman doctor` says of reports: whether they can be sent, and printed."""

from appliance.finding import Finding, Grade
from core.settings import Settings


def reports(found: Settings) -> Finding:
    from analytics.reports import fonts  # noqa: PLC0415 - only where it is asked

    count = len(found.reports.recipients)
    if count and not (found.mail.host and found.mail.sender):
        mend = "set mail.host and mail.sender (docs/reports.md)"
        return Finding(Grade.WRONG, "nobody carries the reports: no mail server is set", mend)
    try:
        fonts.find()
    except fonts.NoFontError as error:
        text, _, mend = str(error).partition(": ")
        return Finding(Grade.WRONG if count else Grade.NOTE, text, mend)
    if not count:
        return Finding(Grade.NOTE, "no reports.recipients: nobody gets reports by mail")
    return Finding(Grade.GOOD, f"reports go to {count} by mail")
