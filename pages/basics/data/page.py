"""A table becomes tensors: the table at left, what it becomes at right, and below it each step on the way."""

import streamlit as st
from torch import Tensor

from dlcore.lessons.data.model import prepare
from dlcore.lessons.data.programs import snippet
from dlcore.lessons.data.settings import LESSON
from pages.basics.data import steps as data_steps
from pages.basics.data import table as data_table
from pages.ui import lesson, messages
from pages.ui.controls import control
from pages.ui.language import t
from pages.ui.tensor_view import tensor_view

s = lesson.begin(LESSON)
lesson.idea("data/idea")

left, right = st.columns([0.48, 0.52], gap="large")
with left:
    control(s, "edit", in_sight=True)
    table = data_table.draw(s)

done = prepare(table, s["steps"], missing=s["missing"], dtype=s["dtype"])

with right:
    X, y = done.X, done.y
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
    elif done.problem:
        step = s.option("steps", s["steps"][len(done.steps)])
        st.error(t("data.stopped", step=step, why=messages.describe_error(done.problem)), icon=":material/block:")
    else:
        st.info(t("data.no_tensor"), icon=":material/info:")
    if isinstance(X, Tensor) and done.problem:
        step = s.option("steps", s["steps"][len(done.steps)])
        st.error(t("data.stopped", step=step, why=messages.describe_error(done.problem)), icon=":material/block:")

lesson.idea("data/steps")
data_steps.draw(s, done)
st.markdown(t("data.program"))
lesson.code(snippet(done))

lesson.end(s)
