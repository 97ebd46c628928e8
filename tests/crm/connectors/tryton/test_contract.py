from tests.crm.connectors import contract


class TestMembers(contract.Members):
    """Against a real Tryton."""


class TestMergers(contract.Mergers):
    """As above."""


class TestMore(contract.More):
    """As above."""
