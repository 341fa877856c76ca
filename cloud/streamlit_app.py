"""The entry on a host that installs the requirements.txt beside it: the same app, on PyTorch's small CPU build."""

import importlib
import sys
from pathlib import Path

ROOT = str(Path(__file__).resolve().parents[1])
if ROOT not in sys.path:  # where Streamlit puts this file's own folder; dlcore and pages are not in it
    sys.path.insert(0, ROOT)

importlib.import_module("pages.ui.frame").run()
