"""What `doorman doctor` says of the store's line to headquarters."""

from appliance.finding import Finding, Grade
from core import clock
from core import headquarters as questions
from core.headquarters_line import (
    HeadquartersError,
    HeadquartersRefusalError,
    open_line,
)
from core.pushed.folder import Folder
from core.settings import Settings

_UNSIGNED = 401


def headquarters(found: Settings) -> Finding:
    line = open_line(found.headquarters, found.store.id)
    if line is None:
        return Finding(Grade.NOTE, "no headquarters.url: the store has no headquarters")
    try:
        answer = line.ask(questions.PUSHED, {}, clock.now())
    except HeadquartersRefusalError as error:
        mend = "see that headquarters.url is `doorman hq`, of a version that knows this question"
        if error.status == _UNSIGNED:
            mend = (
                "headquarters.key must be what `doorman hq add-store` printed for store.id, and the"
                " clocks must be right"
            )
        return Finding(Grade.WRONG, "headquarters refuses this store", mend)
    except HeadquartersError as error:
        mend = "see that doorman hq runs, and is reached at headquarters.url"
        return Finding(Grade.WRONG, str(error), mend)
    if answer.get("document") is not None and not found.headquarters.public_key:
        mend = "set headquarters.public_key: `doorman hq public-key` prints it there"
        return Finding(Grade.WRONG, "what headquarters pushes is not taken", mend)
    standing = Folder(found.data_dir).standing()
    if standing.is_pinned:
        text = f"rolled back to {standing.version or 'no'} version of headquarters'"
        return Finding(Grade.NOTE, text, "doorman headquarters follow, once it is mended there")
    return Finding(Grade.GOOD, "headquarters knows this store")
