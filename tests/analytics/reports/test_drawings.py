"""One report as plain text, as HTML and as PDF: all say the same, and none more than it should."""

import datetime as dt
import html.parser
import io
import itertools
import re

import pypdfium2
import pytest

from analytics.reports import fonts, pdf, plain, press
from analytics.reports import html as page
from analytics.reports.document import Bars, Figures, Notices, Table, Words
from analytics.reports.period import Period
from tests.analytics.reports.conftest import NOTE, WEEK

APRIL = Period(dt.date(2026, 4, 1), dt.date(2026, 4, 30))
LANGUAGES = ("zh", "en")


class Page(html.parser.HTMLParser):
    """Collects a page's text, tags and attributes."""

    def __init__(self, text):
        super().__init__()
        self.words, self.tags, self.attributes = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.words.append(data)


def said(document):
    """Every text of a report but those of the heat map, which repeat what stands beside it."""
    yield from (document.store, document.title, document.period, document.lead, *document.ending)
    for section in document.sections:
        yield section.title
        for block in section.blocks:
            match block:
                case Figures():
                    for each in block.items:
                        yield from (each.name, each.value, each.range, *each.changes)
                case Notices():
                    yield from itertools.chain(*((each.text, each.to_do) for each in block.items))
                case Bars():
                    yield from itertools.chain(*((each.label, each.value) for each in block.items))
                case Table():
                    yield from itertools.chain(*block.rows)
                case Words():
                    yield from block.lines


def squeezed(text):
    """Without the places where a line may break."""
    return re.sub(r"[\s\ufffe\u00ad]+", "", text)


def text_of(made):
    document = pypdfium2.PdfDocument(io.BytesIO(made))
    try:
        return [each.get_textpage().get_text_bounded() for each in document]
    finally:
        document.close()


@pytest.fixture(params=LANGUAGES)
def document(request, compose):
    return compose(WEEK, request.param)


def test_plain_text_and_page_say_all_of_it(document):
    shown = squeezed("".join(Page(page.draw(document)).words))
    printed = squeezed(plain.draw(document))

    for text in said(document):
        assert squeezed(text) in shown
        assert squeezed(text) in printed


def test_paper_says_all_of_it(document):
    printed = squeezed("".join(text_of(pdf.draw(document))))

    for text in said(document):
        assert squeezed(text) in printed


def test_the_page_runs_nothing_and_fetches_nothing(document):
    drawn = Page(page.draw(document))

    assert not {"script", "img", "link", "iframe", "form", "object", "svg"} & set(drawn.tags)
    assert not {"src", "href", "background", "action"} & {name for name, _ in drawn.attributes}
    styles = [value for name, value in drawn.attributes if name == "style"]
    assert styles
    assert "url(" not in "".join(styles)


def test_what_staff_wrote_stays_text(document):
    drawn = page.draw(document)

    assert NOTE not in drawn
    assert NOTE in "".join(Page(drawn).words)


def test_the_page_says_its_language_and_is_fit_for_night_and_telephone(document):
    drawn = Page(page.draw(document))

    assert ("lang", "zh-CN" if document.language == "zh" else "en") in drawn.attributes
    assert ("content", "light dark") in drawn.attributes
    assert ("content", "width=device-width, initial-scale=1") in drawn.attributes


def test_a_month_fits_into_what_mail_programs_show_unasked(compose):
    """Gmail cuts a mail off at 102 kB."""
    assert max(len(page.draw(compose(APRIL, each)).encode()) for each in LANGUAGES) < 100_000


def test_paper_is_a4_with_numbered_pages_and_its_font_inside(compose):
    made = pdf.draw(compose(APRIL, "zh"))
    document = pypdfium2.PdfDocument(io.BytesIO(made))
    sizes = {tuple(round(side) for side in each.get_size()) for each in document}
    document.close()

    assert sizes == {(595, 842)}
    for number, text in enumerate(text_of(made), 1):
        assert f"第{number}页" in squeezed(text)
    assert b"/FontFile2" in made
    # A subset of it, not the five megabytes.
    assert len(made) < 200_000


def test_the_press_prints_the_same_in_a_process_of_its_own(compose):
    document = compose(WEEK, "zh")

    assert text_of(press.print_pdf(document)) == text_of(pdf.draw(document))


def test_without_a_font_the_package_to_install_is_named(tmp_path):
    with pytest.raises(fonts.NoFontError, match=f"apt-get install {fonts.PACKAGE}"):
        fonts.find(tmp_path)


def test_columns_of_plain_text_stand_below_each_other(compose):
    """Chinese letters are two columns wide."""
    lines = plain.draw(compose(WEEK, "zh")).splitlines()
    rows = [line for line in lines if re.match(r"5月\d+日 周", line)]

    assert len(rows) == 6
    assert len({plain._columns(line) for line in rows}) == 1
