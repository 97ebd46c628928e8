"""How a campaign looks on a phone, as far as the dashboard knows: somebody else draws it."""

from typing import Protocol

from core.models.campaign import Campaign


class PreviewError(Exception):
    """There are no pages to show: the portal could not start either."""


class Preview(Protocol):
    """The portal's own pages, of a campaign that need not be saved; PreviewError: not now."""

    def page(self, campaign: Campaign, language: str, picture: str) -> str:
        """The page that it stands on; `picture` is the address of its picture, or empty."""

    def style(self) -> bytes:
        """The sheet that the page refers to as /static/portal.css."""
