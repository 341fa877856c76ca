"""Linear algebra: a matrix that moves the plane, products term by term, norms and their unit balls."""

from dlcore.lessons.linear_algebra.settings import LESSON
from pages.basics.linear_algebra import map as linear_algebra_map
from pages.basics.linear_algebra import norms as linear_algebra_norms
from pages.basics.linear_algebra import products as linear_algebra_products
from pages.ui import lesson
from pages.ui.controls import control

PARTS = {
    "map": linear_algebra_map.draw,
    "products": linear_algebra_products.draw,
    "norms": linear_algebra_norms.draw,
}

s = lesson.begin(LESSON)
control(s, "part", in_sight=True)
PARTS[s["part"]](s)
lesson.end(s)
