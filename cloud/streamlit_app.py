"""The entry script on a host that installs the requirements.txt beside it, with PyTorch's small CPU build."""

import importlib
import sys
from pathlib import Path

ROOT = str(Path(__file__).resolve().parents[1])
if ROOT not in sys.path:  # Streamlit adds this file's folder, which lacks dlcore and pages
    sys.path.insert(0, ROOT)

importlib.import_module("pages.ui.frame").run()
