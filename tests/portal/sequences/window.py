"""A browser without scripts: one page at a time, its forms, and the button for back."""

import html.parser
from urllib.parse import urljoin, urlsplit

_MOST_REDIRECTS = 5


class Forms(html.parser.HTMLParser):
    """By the id of each button: where its form goes, and what it sends unless typed over."""

    def __init__(self, text):
        super().__init__()
        self.by_button = {}
        self._form = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag == "form":
            assert found["method"] == "post"
            self._form = (found["action"], {})
        elif tag == "input" and found["type"] != "checkbox":
            self._form[1][found["name"]] = found.get("value", "")
        elif tag == "button":
            self.by_button[found["id"]] = self._form


class Window:
    """`starts` is told before each page, `finishes` after it; False from either closes."""

    def __init__(self, fetch, starts=lambda: True, finishes=lambda: True):
        self._fetch = fetch
        self._starts = starts
        self._finishes = finishes
        self.shown = []
        """Every page, the latest last."""
        self.is_open = True
        self.led = []
        """The status of each answer on the way to the page that is shown."""

    @property
    def page(self):
        return self.shown[-1]

    @property
    def path(self):
        return urlsplit(self.page.url).path

    def open(self, url):
        self._navigate(url)

    def send(self, url, form):
        """A form that is on no page that is shown."""
        self._navigate(url, form)

    def press(self, button, **typed):
        action, fields = Forms(self.page.text).by_button[button]
        self._navigate(urljoin(self.page.url, action), fields | typed)

    def back(self):
        """The page before this one, as it was: not asked for again."""
        self.shown.pop()

    def reload(self):
        self._navigate(self.shown.pop().url)

    def _navigate(self, url, form=None):
        assert self.is_open
        self.led = []
        while True:
            assert len(self.led) <= _MOST_REDIRECTS, "in circles"
            answer = self._fetch(url, form)
            self.led.append(answer.status)
            if not answer.location:
                break
            url, form = urljoin(url, answer.location), None
            if not self._starts():
                self.is_open = False
                return
        self.shown.append(answer)
        self.is_open = self._finishes()
