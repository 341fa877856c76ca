"""The entry on a host that installs the requirements.txt beside it: the same app, on PyTorch's small CPU build."""

import sys
from pathlib import Path

ROOT = str(Path(__file__).resolve().parents[1])
if ROOT not in sys.path:
    sys.path.insert(0, ROOT)  # Streamlit puts the entry's own folder there, in which neither dlcore nor pages lies

from pages.ui import frame  # noqa: E402

frame.run()
