"""The data page: the table at the left, its tensors at the right, and each step of the preparation below."""

import streamlit as st
from torch import Tensor

from dlcore.lessons.data.model import prepare
from dlcore.lessons.data.programs import snippet
from dlcore.lessons.data.settings import LESSON
from pages.basics.data.steps import draw_steps
from pages.basics.data.table import draw_table
from pages.ui import lesson, messages
from pages.ui.controls import control
from pages.ui.language import t
from pages.ui.tensor_view import tensor_view

s = lesson.begin(LESSON)
lesson.idea("data/idea")

left, right = st.columns([0.48, 0.52], gap="large")
with left:
    control(s, "edit", in_sight=True)
    table = draw_table(s)

preparation = prepare(table, s["steps"], missing=s["missing"], dtype=s["dtype"])

with right:
    X, y = preparation.X, preparation.y
    if isinstance(X, Tensor):
        with st.container(horizontal=True, gap="large"):
            for name, tensor in (("data", X),) if y is None else (("X", X), ("y", y)):
                if not isinstance(tensor, Tensor):
                    continue
                with st.container(width="content"):
                    st.markdown(f"`{name}` · `{tuple(tensor.shape)}` · `{tensor.dtype}`")
                    # The target is drawn as a column, each value in the row of its sample.
                    tensor_view(tensor if tensor.dim() == 2 else tensor[:, None], key=f"data.{name}", cell=52)
        if y is not None:
            st.caption(t("data.rows_belong"))
    if preparation.problem:
        step, why = s.option("steps", s["steps"][len(preparation.steps)]), messages.describe_error(preparation.problem)
        st.error(t("data.stopped", step=step, why=why), icon=":material/block:")
    elif not isinstance(X, Tensor):
        st.info(t("data.no_tensor"), icon=":material/info:")

lesson.idea("data/steps")
draw_steps(s, preparation)
st.markdown(t("data.program"))
lesson.code(snippet(preparation))

lesson.end(s)
