"""The pages, once: navigation, links between pages, titles and tests are made from this list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Page:
    """``id`` is the URL path and the key of the title (``page.<id>``) and prose (``content/<lang>/<id>.md``)."""

    id: str
    section: str
    file: str
    icon: str
    default: bool = False


PAGES: Final[Mapping[str, Page]] = {
    page.id: page
    for page in (
        Page("home", "start", "pages/start/home.py", ":material/home:", default=True),
        Page("tensors", "basics", "pages/basics/tensors.py", ":material/grid_on:"),
        Page("broadcasting", "basics", "pages/basics/broadcasting.py", ":material/open_in_full:"),
        Page("linear_algebra", "basics", "pages/basics/linear_algebra.py", ":material/transform:"),
        Page("vectorisation", "basics", "pages/basics/vectorisation.py", ":material/speed:"),
        Page("data", "basics", "pages/basics/data.py", ":material/table_chart:"),
        Page("probability", "basics", "pages/basics/probability.py", ":material/casino:"),
        Page("autograd", "basics", "pages/basics/autograd.py", ":material/account_tree:"),
        Page("gradient_descent", "learning", "pages/learning/gradient_descent.py", ":material/trending_down:"),
        Page("optimisers", "learning", "pages/learning/optimisers.py", ":material/sports_score:"),
        Page("linear_regression", "learning", "pages/learning/linear_regression.py", ":material/show_chart:"),
        Page("softmax", "learning", "pages/learning/softmax.py", ":material/functions:"),
        Page("images", "learning", "pages/learning/images.py", ":material/image_search:"),
        Page("activations", "learning", "pages/learning/activations.py", ":material/ssid_chart:"),
        Page("generalisation", "learning", "pages/learning/generalisation.py", ":material/balance:"),
        Page("spiral", "spiral", "pages/spiral/playground.py", ":material/cyclone:"),
        Page("reproduce", "spiral", "pages/spiral/reproduce.py", ":material/fact_check:"),
    )
}
SECTIONS: Final = tuple(dict.fromkeys(page.section for page in PAGES.values()))
