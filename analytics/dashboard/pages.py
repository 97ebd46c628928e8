"""The pages of the store's dashboard, and where in its navigation each is."""

GROUPS = {
    "figures_of": ("today", "history", "funnel", "calibration", "reports", "figures"),
    "shoppers": ("members", "campaigns", "online", "guests", "vouchers"),
    "appliance": ("sensor", "status", "sync", "tokens", "access_log", "audit"),
}

PART_OF = {
    "traffic": "today",
    "heat": "history",
    "notes": "history",
    "walks": "calibration",
    "counting": "calibration",
    "sources": "campaigns",
    "coupons": "campaigns",
    "surveys": "campaigns",
    "groups": "campaigns",
    "sign": "status",
    "will": "members",
}
"""Views without a place of their own, and the page that they belong to."""
