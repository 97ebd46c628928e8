from pathlib import Path

from tests.bench import scale

ROOT = Path(__file__).parent.parent


def test_the_page_of_what_a_chain_needs_is_what_the_calculation_prints():
    page = (ROOT / "docs/operations/scale.md").read_text("utf-8")

    assert page.endswith(scale.page()), "python -m tests.bench.scale"
