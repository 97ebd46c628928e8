"""For how long what is told of people is kept: the numbers. `core.retention` goes by them.

They lie apart from it so that the settings can be held to the law (`core.law`) by programs that
must not know a single table.
"""

import datetime as dt

# A login that was never finished, and the count of codes sent: the limits look back a day.
UNFINISHED_LOGIN = dt.timedelta(days=1)
CODE_SEND = dt.timedelta(days=1)
VOUCHER_TRY = dt.timedelta(hours=1)
# What was sent has no content any more; its row still shows when it went.
SENT_EVENT = dt.timedelta(days=30)
# An id of a member who is gone: until no backup of a CRM is as old as that any more.
GONE_MEMBER = dt.timedelta(days=400)
# Counted and deleted when its day is closed (`logins.portal_rollup`); this is if it is not.
PORTAL_PHONE = dt.timedelta(days=2)
# Who was online when: the law asks for six months (Cybersecurity Law, art. 23). A temporary
# pass is use of the network as well.
GRANT = dt.timedelta(days=190)
# A visit that the CRM was told of: so that it is not told of again.
MEMBER_VISIT = dt.timedelta(days=2)
# Consents are proof: three years after they ended, and terms three years after their last use.
CONSENT = dt.timedelta(days=3 * 365)
# What was asked for out of the access log is in that log; so that the page shows what became of it.
ACCESS_EXPORT = dt.timedelta(days=7)
# What the CRM was told of somebody's will, so that it can be shown.
CRM_PROOF = dt.timedelta(days=3 * 365)
# A record of how personal data was handled: three years (Personal Information Protection Law,
# art. 56).
AUDIT_ENTRY = dt.timedelta(days=3 * 365)
# Says how things were; after three months it calibrates nothing any more. A walk may hold on.
COUNTING_SESSION = dt.timedelta(days=2 * 365)
UNFINISHED_WALK = dt.timedelta(days=30)
# Free text, so not for good; a comparison with the year before looks back two years at most.
DAY_NOTE = dt.timedelta(days=3 * 365)
# The limit of guesses looks back a quarter of an hour; no sign-in may last longer than a week.
FAILED_SIGN_IN = dt.timedelta(hours=1)
SIGN_IN = dt.timedelta(days=7)
# One that has expired, so that its owner finds out why a program is shut out.
API_TOKEN = dt.timedelta(days=90)
# A report goes out once; the newest month's, the oldest that may be due, began two months ago.
REPORT_MAIL = dt.timedelta(days=100)
