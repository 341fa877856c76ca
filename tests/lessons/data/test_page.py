"""The data page: edits, uploaded files, steps that are switched and moved, and impossible orders."""

import json
from typing import Any

import pytest
from driver import charts, frame, go, open_page, sound, warnings
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1 import AppTest

from dlcore.lessons.data.model import prepare
from dlcore.lessons.data.programs import snippet
from dlcore.lessons.data.settings import LESSON, TINY_HOUSE
from dlcore.lessons.data.table import read
from pages.ui.language import LANGUAGES, labels

LONG = "name,size\n" + "\n".join(f"{'w' * 30}{i % 3},{i}" for i in range(150))


def state(app: AppTest) -> Any:
    return app.session_state["data.state"]


def with_values(app: AppTest, **values: Any) -> AppTest:
    state(app).apply(values)
    assert not state(app).problems
    return sound(app.run())


def editor(app: AppTest) -> Any:
    (found,) = [element.proto for element in app.get("dataframe") if element.proto.editing_mode]
    return found


def edit(app: AppTest, **changes: Any) -> AppTest:
    """Send edits as the browser does: all differences from the editor's first table."""
    states = app._tree.get_widget_states()
    difference = {"edited_rows": {}, "added_rows": [], "deleted_rows": [], **changes}
    states.widgets.append(WidgetState(id=editor(app).id, string_value=json.dumps(difference)))
    return sound(app._run(states))


def outputs(app: AppTest) -> str:
    return next(element.value for element in app.code if element.language != "python")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tiny_house(language: str) -> None:
    app = open_page("data", language)
    X, y = sorted((frame(chart)["text"].tolist() for chart in charts(app).values()), key=len, reverse=True)
    assert X == ["3", "1", "0", "2", "0", "1", "4", "0", "1", "3", "0", "1"]
    assert y == ["127500", "106000", "178100", "140000"]
    assert outputs(app) == snippet(prepare(read(TINY_HOUSE), LESSON.defaults()["steps"])).output
    assert not app.warning
    assert not app.error


def test_edits_lead_from_the_first_table_and_keep_their_editor() -> None:
    app = open_page("data")
    id = editor(app).id
    edit(app, edited_rows={0: {"0": "5"}})
    assert state(app)["table"] == TINY_HOUSE.replace("NA,Pave", "5,Pave")
    assert editor(app).id == id
    edit(app, edited_rows={0: {"0": "5"}}, added_rows=[{"0": "1", "2": "90000"}])
    assert state(app)["table"] == TINY_HOUSE.replace("NA,Pave", "5,Pave") + "\n1,NA,90000"
    assert editor(app).id == id
    edit(app, edited_rows={0: {"0": "5"}}, added_rows=[{"0": "1", "2": "90000"}], deleted_rows=[1, 2])
    assert state(app)["table"] == "NumRooms,Alley,Price\n5,Pave,127500\nNA,NA,140000\n1,NA,90000"
    assert editor(app).id == id
    assert "90000" in outputs(app).replace(".", "")
    with_values(app, table=TINY_HOUSE)  # set from outside: a new editor without the edits
    assert editor(app).id != id
    assert state(app)["table"] == TINY_HOUSE


@pytest.mark.parametrize("away", ["another page", "as text"])
def test_edits_survive_an_editor_that_was_not_drawn(away: str) -> None:
    app = open_page("data")
    edit(app, edited_rows={0: {"0": "5"}})
    id = editor(app).id
    if away == "as text":
        with_values(app, edit="text")
        with_values(app, edit="table")
    else:
        app = go(go(app, "home"), "data")
    assert state(app)["table"] == TINY_HOUSE.replace("NA,Pave", "5,Pave")
    assert editor(app).id != id
    (shown,) = [element.value for element in app.get("dataframe") if element.proto.editing_mode]
    assert shown["0"].tolist() == ["5", "2", "4", "NA"]


def test_an_edit_that_breaks_a_rule_draws_a_message_and_stays() -> None:
    app = open_page("data")
    id = editor(app).id
    edit(app, deleted_rows=[0, 1, 2, 3])
    assert labels("en")["table.too_few_rows"].format(min=1, max=200, got=0) in warnings(app)
    assert editor(app).id == id  # so that the edit can be taken back
    assert "127500" in outputs(app)
    edit(app, deleted_rows=[0, 1, 2])
    assert not app.warning
    assert state(app)["table"] == "NumRooms,Alley,Price\nNA,NA,140000"


@pytest.mark.parametrize("language", LANGUAGES)
def test_typed_text(language: str) -> None:
    app = with_values(open_page("data", language), edit="text")
    sound(app.text_area(key="data.table").set_value("a,b\n1,2\n3").run())
    assert "`a,b" not in warnings(app)
    assert labels(language)["table.columns"].split("{")[0] in warnings(app)
    assert app.text_area(key="data.table").value == "a,b\n1,2\n3"
    assert "127500" in outputs(app)
    sound(app.text_area(key="data.table").set_value("a,b\n1,2\n3,4").run())
    assert not app.warning
    assert outputs(app) == "tensor([[1.],\n        [3.]])\ntensor([2., 4.])"


def test_uploaded_files() -> None:
    app = with_values(open_page("data"), edit="file")

    def upload(content: bytes, name: str) -> None:
        sound(app.file_uploader(key="data.csv").set_value((name, content, "text/csv")).run())

    upload("房间;价格\n3;5\nNA;7".encode("gb18030"), "own.csv")
    assert state(app)["table"] == "房间,价格\n3,5\nNA,7"
    assert outputs(app) == "tensor([[3.],\n        [3.]])\ntensor([5., 7.])"
    upload(b"a,b\n1,2\n3", "bad.csv")
    assert "row" in app.error[0].value.lower()
    assert state(app)["table"] == "房间,价格\n3,5\nNA,7"
    upload(LONG.encode(), "long.csv")
    assert not app.error
    assert state(app)["table"] == "房间,价格\n3,5\nNA,7"  # too long for a link
    assert labels("en")["data.kept"].format(max=2000) in [element.value for element in app.caption]
    assert "w" * 30 in next(element.value for element in app.code)
    edit(app, edited_rows={0: {"1": "77"}}, deleted_rows=[5])
    assert f"{'w' * 30}0,77" in next(element.value for element in app.code)
    edit(app, deleted_rows=list(range(150)))
    assert labels("en")["table.too_few_rows"].format(min=1, max=200, got=0) in warnings(app)
    assert f"{'w' * 30}2,149" in next(element.value for element in app.code)  # the last valid table
    edit(app, deleted_rows=[5])
    with_values(app, edit="text")
    sound(app.button(key="data.back").click().run())
    assert app.text_area(key="data.table").value == "房间,价格\n3,5\nNA,7"
    assert not app.warning


def test_a_link_replaces_a_table_too_long_for_links() -> None:
    app = with_values(open_page("data"), edit="file")
    sound(app.file_uploader(key="data.csv").set_value(("long.csv", LONG.encode(), "text/csv")).run())
    with_values(app, table="a,b\n1,2", edit="table")
    assert outputs(app) == "tensor([[1.]])\ntensor([2.])"


def test_steps_are_switched_and_moved() -> None:
    app = open_page("data")
    sound(app.toggle(key="data.on.drop").set_value(True).run())
    assert state(app)["steps"] == ("drop", "split", "missing", "onehot", "tensor")
    assert outputs(app).startswith("tensor([[3.],")
    sound(app.toggle(key="data.on.drop").set_value(False).run())
    sound(app.button(key="data.up.onehot").click().run())
    assert state(app)["steps"] == ("split", "onehot", "missing", "tensor")
    sound(app.button(key="data.up.onehot").click().run())
    assert state(app)["steps"] == ("onehot", "split", "missing", "tensor")
    assert outputs(app).endswith("tensor([0., 1., 1., 1.])")
    assert app.button(key="data.up.onehot").disabled
    assert app.button(key="data.down.tensor").disabled
    sound(app.button(key="data.down.onehot").click().run())
    sound(app.toggle(key="data.on.split").set_value(False).run())
    sound(app.toggle(key="data.on.split").set_value(True).run())
    assert state(app)["steps"] == ("split", "onehot", "missing", "tensor")


@pytest.mark.parametrize("language", LANGUAGES)
def test_impossible_orders_are_explained(language: str) -> None:
    words = labels(language)
    app = with_values(open_page("data", language), steps=("split", "missing", "tensor", "onehot"))
    assert words["data.problem_step.text"].format(columns="`Alley`") in app.error[0].value
    assert words["data.option.steps.tensor"] in app.error[0].value
    captions = [element.value for element in app.caption]
    assert words["data.stops_here"] in captions
    assert words["data.not_reached"] in captions
    assert "Alley" in outputs(app)
    with_values(app, steps=("split", "onehot", "tensor"))
    assert words["data.problem_step.missing"].format(columns="`NumRooms`") in app.error[0].value
    with_values(app, steps=("split", "missing", "onehot", "tensor"), missing="rows")
    assert words["data.problem_step.no_rows"] in app.error[0].value
    with_values(app, steps=("split", "missing", "onehot", "tensor", "drop"), missing="mean")
    assert words["data.problem_step.frame_gone"] in app.error[0].value
    assert charts(app)  # the tensors are there all the same
    with_values(app, steps=())
    assert not app.error
    assert app.info[0].value == words["data.no_tensor"]


def test_strategy_and_dtype() -> None:
    app = open_page("data")
    sound(app.button_group(key="data.dtype").set_value("float64").run())
    assert "dtype=torch.float64" in outputs(app)
    with_values(app, steps=("split", "onehot", "missing", "tensor"))
    sound(app.button_group(key="data.missing").set_value("rows").run())
    assert outputs(app).endswith("tensor([106000., 178100.], dtype=torch.float64)")


def test_column_names_are_drawn_as_plain_text() -> None:
    app = with_values(open_page("data"), table="*a*,[x](y),$z$\n1,<b>,NA\n2,`q`,4")
    assert "`$z$`" in app.error[0].value
    assert any("`*a*`" in e.value or "`[x](y)`" in e.value or "`$z$`" in e.value for e in app.caption)


@pytest.mark.parametrize("language", LANGUAGES)
def test_lines_of_older_notes_beside_the_steps(language: str) -> None:
    words = labels(language)
    app = open_page("data", language)
    titles = {id: words["data.older.title"].format(line=line) for id, line in (
        ("missing", "X = X.fillna(X.mean())"), ("tensor", "X = torch.tensor(X.values)"),
    )}  # fmt: skip
    assert set(titles.values()) <= {box.label for box in app.expander}
    for id in titles:
        app.session_state[f"data.older.{id}"] = True
    sound(app.run())
    shown = [element.value for element in app.code if element.language != "python"]
    assert [text.partition(":")[0] for text in shown[:2]] == ["TypeError", "TypeError"]
    said = [element.value for element in app.markdown]
    assert {words["data.older.why_missing"], words["data.older.why_tensor"]} <= set(said)
    with_values(app, table="a,b\n1,2\n,4")
    assert [element.value for element in app.markdown].count(words["data.older.works"]) == 2
