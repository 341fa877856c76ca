"""The linear algebra page: a matrix as a map of the plane, products term by term, norms and unit balls."""

from dlcore.lessons.linear_algebra.settings import LESSON
from pages.basics.linear_algebra.map import draw_map
from pages.basics.linear_algebra.norms import draw_norms
from pages.basics.linear_algebra.products import draw_products
from pages.ui import lesson
from pages.ui.controls import control

PARTS = {
    "map": draw_map,
    "products": draw_products,
    "norms": draw_norms,
}

s = lesson.begin(LESSON)
control(s, "part", in_sight=True)
PARTS[s["part"]](s)
lesson.end(s)
