"""模型: the list, the choice, the card."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.errors import ModelError
from core.score import SHIPPED, models
from pages.parts import downloads, model_card

Page = Callable[..., AppTest]


def test_every_model_is_listed_with_its_note(page: Page) -> None:
    at = page("models.py")
    assert not at.exception
    shown = "\n".join(m.value for m in at.markdown)
    for model in models():
        assert model.title.split("(")[0].split("(")[0] in shown


def test_the_model_in_use_shows_its_version(page: Page) -> None:
    at = page("models.py")
    at.session_state["model_details"] = True
    assert any("版本" in c.value for c in at.run().caption)


def test_ids_and_folders_stand_only_behind_the_fold(page: Page) -> None:
    at = page("models.py")
    folder = next(m.location for m in models() if m.name == "builtin")
    shown = " ".join(element.value for element in [*at.markdown, *at.caption]).replace("\\", "")
    assert folder not in shown
    assert "structbert-emotion-large" not in shown
    assert not at.table
    at.session_state["model_details"] = True
    table = at.run().table[0].value
    assert {m.name for m in models()} == {str(name).replace("\\", "") for name in table["编号"]}
    assert folder in [str(place).replace("\\", "") for place in table["文件夹"]]


def test_a_folder_that_is_none_is_refused_with_a_code(page: Page, tmp_path: Path) -> None:
    at = page("models.py")
    at.text_input[0].set_value(str(tmp_path / "nothing"))
    at.button[-1].click().run()
    assert not at.exception
    assert at.error
    assert any(c.value == "错误代码 M01" for c in at.caption)


def test_an_empty_folder_name_is_asked_for(page: Page) -> None:
    at = page("models.py")
    at.button[-1].click().run()
    assert "填写文件夹" in at.warning[0].value


def test_a_chosen_model_holds_for_the_session_and_can_be_reset(page: Page) -> None:
    at = page("models.py")
    at.session_state["chosen_model"] = "structbert"
    at.run()
    assert not at.exception
    assert at.error  # it is not on this machine: said, not crashed


def test_a_download_without_a_network_is_explained_in_chinese(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELSCOPE_ENDPOINT", "http://127.0.0.1:9")
    at = page("models.py")
    at.button(key="download_structbert-tiny").click().run()
    deadline = time.monotonic() + 20
    while not at.error and time.monotonic() < deadline:
        time.sleep(0.2)
        at.run()
    assert not at.exception
    assert "连不上模型站点" in at.error[0].value
    assert any(c.value == "错误代码 M03" for c in at.caption)


def test_the_card_is_shown_with_n_interval_and_baseline(tmp_path: Path) -> None:
    card = {
        "version": "0123456789ab",
        "test": {
            "sets": {"waimai10k": {"n": 1200, "accuracy": 0.914, "interval": [0.897, 0.929], "macro_f1": 0.9}},
            "stress": {"n": 400, "accuracy": 0.8, "interval": [0.758, 0.836]},
        },
        "baseline": {"sets": {"waimai10k": {"accuracy": 0.88}}},
    }
    (tmp_path / "card.json").write_text(json.dumps(card), encoding="utf-8")
    first, second = model_card.rows(tmp_path)
    assert (first["测试集"], first["条数"], first["准确率"], first["95% 下限"]) == ("外卖(waimai10k)", 1200, 91.4, 89.7)
    assert first["TF-IDF 基线准确率"] == 88.0
    assert (second["测试集"], second["宏平均 F1"]) == ("难句(自编)", None)


def test_every_shipped_model_shows_how_good_it_is(page: Page) -> None:
    at = page("models.py")
    shipped = [m for m in models() if m.name in SHIPPED]
    assert [tab.label for tab in at.tabs] == [m.title for m in shipped] == ["内置模型", "内置小模型"]
    for tab, model in zip(at.tabs, shipped, strict=True):
        rows = model_card.rows(Path(model.location))
        assert tab.dataframe[0].value["准确率"].tolist() == [row["准确率"] for row in rows]
        assert (tab.dataframe[0].value["条数"] > 0).all()
        assert all("(" in name for name in tab.dataframe[0].value["测试集"])  # each says what it is about


def test_without_a_card_there_are_no_numbers(tmp_path: Path) -> None:
    assert model_card.rows(tmp_path) == []


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Make downloads fail once the event is set."""
    go_on = threading.Event()

    def download(name: str, progress: object) -> None:
        go_on.wait(20)
        raise ModelError("M03", f"下载 {name} 失败。", "请重试。")

    monkeypatch.setattr(downloads, "download", download)
    yield go_on
    go_on.set()
    downloads._states().clear()


def test_every_session_that_saw_a_download_learns_that_it_failed_and_no_other_does(
    page: Page, failing: threading.Event
) -> None:
    first, second = page("models.py"), page("models.py")
    first.button(key="download_structbert-tiny").click().run()
    assert len(second.run().get("progress")) == 1
    failing.set()
    with suppress(ModelError):
        downloads._states()["structbert-tiny"]["future"].result(20)
    for at in (first, second):
        assert [e.value.replace("\\", "") for e in at.run().error] == ["下载 structbert-tiny 失败。请重试。"]
        assert not at.run().error
    assert not page("models.py").error


def test_a_download_is_seen_by_others_only_once_it_has_begun(
    page: Page, failing: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    executor = downloads._executor()
    submit, seen = executor.submit, []

    def submitting(*given: Any) -> Future[Any]:
        seen.append(downloads.running())  # as another session may at this moment
        return submit(*given)

    monkeypatch.setattr(executor, "submit", submitting)
    page("models.py").button(key="download_structbert-tiny").click().run()
    assert seen == [[]]
