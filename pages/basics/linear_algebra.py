"""Linear algebra: a matrix that moves the plane, products term by term, norms and their unit balls."""

from dlcore.basics.config import LINEAR_ALGEBRA
from pages.basics import linear_algebra_map, linear_algebra_norms, linear_algebra_products
from pages.ui import lesson
from pages.ui.controls import control

PARTS = {
    "map": linear_algebra_map.draw,
    "products": linear_algebra_products.draw,
    "norms": linear_algebra_norms.draw,
}

s = lesson.begin(LINEAR_ALGEBRA)
control(s, "part", in_sight=True)
PARTS[s["part"]](s)
lesson.end(s)
