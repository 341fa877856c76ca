"""Choice of the data of the images page, and the download of Fashion-MNIST with its progress bar and stop button."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from dlcore.drawing import formats
from dlcore.images import download
from dlcore.images.data import Images, digits, fashion
from dlcore.images.download import Download, DownloadError
from pages.ui import messages
from pages.ui.language import t
from pages.ui.lesson import State

_INTERVAL = 0.1  # seconds between two updates of the progress bar
_MEGABYTE = 1e6


def choose(s: State) -> tuple[Images, Callable[[], object] | None]:
    """Return the data to train on, and a function that follows the download if one is under way.

    Until Fashion-MNIST is in the cache the data are the digits.
    """
    if s["data"] == "digits":
        _stop(s)
        return digits(), None
    folder = download.cache_folder()
    if not download.missing(download.FASHION, folder):
        try:
            return fashion(folder), None
        except DownloadError as error:
            s.memo["refused"] = error
        except (OSError, ValueError) as error:  # removed since, or a data set of another shape
            s.memo["refused"] = DownloadError("not_writable", reason=str(error))
    if "download" in s.memo:
        return digits(), _progress(s)
    _offer(s)
    return digits(), None


def _offer(s: State) -> None:
    """Show the size of the missing files or why the last download failed, and the button that begins one."""
    size = sum(file.size for file in download.missing(download.FASHION, download.cache_folder())) / _MEGABYTE
    if "refused" in s.memo:
        st.warning(f"{messages.describe_error(s.memo['refused'])} {t('images.digits_stay')}", icon=":material/error:")
    else:
        st.info(t("images.not_here", size=formats.fixed(size, 0)), icon=":material/info:")

    def begin() -> None:
        s.memo.pop("refused", None)
        s.memo["download"] = Download(download.FASHION, download.cache_folder(), download.MIRRORS)

    st.button(t("images.download"), key="images.download", icon=":material/download:", on_click=begin)


def _stop(s: State) -> None:
    s.memo.pop("refused", None)
    if "download" in s.memo:
        s.memo.pop("download").stop()


def _progress(s: State) -> Callable[[], object]:
    """Show the progress bar and the stop button; return the loop that follows the download.

    A moved control ends the script run that waits; the next one follows the same download.
    """
    task: Download = s.memo["download"]
    left, right = st.columns([0.8, 0.2], vertical_alignment="center")
    bar = left.progress(_share(task), _words(task))
    right.button(t("images.stop"), key="images.stop_download", icon=":material/close:", on_click=_stop, args=(s,))
    return lambda: _wait(s, task, bar)


def _wait(s: State, task: Download, bar: Any) -> None:
    try:
        while task.wait(_INTERVAL):
            bar.progress(_share(task), _words(task))
    except DownloadError as error:
        s.memo["refused"] = error
    if s.memo.get("download") is task:
        del s.memo["download"]
        st.rerun()


def _share(task: Download) -> float:
    return min(1.0, task.done / max(task.total, 1))


def _words(task: Download) -> str:
    done, total = (formats.fixed(count / _MEGABYTE, 1) for count in (task.done, task.total))
    return t("images.progress", name=task.name, host=task.host, done=done, total=total)
