"""The list of pages, from which navigation, links between pages, titles and tests are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PAGES: Final = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the app.

    Attributes
    ----------
    id : the URL path, the name of the page's folder, and the label id of its title (``page.<id>``).
    section : the id of its section in the menu, and the parent of the page's folder.
    """

    id: str
    section: str
    icon: str
    default: bool = False

    @property
    def file(self) -> Path:
        """Return the absolute path of the page's script; the entry script may lie in any folder."""
        return _PAGES / self.section / self.id / "page.py"


PAGES: Final[Mapping[str, Page]] = {
    page.id: page
    for page in (
        Page("home", "start", ":material/home:", default=True),
        Page("tensors", "basics", ":material/grid_on:"),
        Page("broadcasting", "basics", ":material/open_in_full:"),
        Page("linear_algebra", "basics", ":material/transform:"),
        Page("vectorisation", "basics", ":material/speed:"),
        Page("data", "basics", ":material/table_chart:"),
        Page("probability", "basics", ":material/casino:"),
        Page("autograd", "basics", ":material/account_tree:"),
        Page("gradient_descent", "learning", ":material/trending_down:"),
        Page("optimisers", "learning", ":material/sports_score:"),
        Page("linear_regression", "learning", ":material/show_chart:"),
        Page("softmax", "learning", ":material/functions:"),
        Page("images", "learning", ":material/image_search:"),
        Page("activations", "learning", ":material/ssid_chart:"),
        Page("generalisation", "learning", ":material/balance:"),
        Page("spiral", "spiral", ":material/cyclone:"),
        Page("reproduce", "spiral", ":material/fact_check:"),
        Page("lab", "lab", ":material/science:"),
    )
}
SECTIONS: Final = tuple(dict.fromkeys(page.section for page in PAGES.values()))
