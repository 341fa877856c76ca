"""The entry on a laptop or a server of one's own: `streamlit run streamlit_app.py`."""

from pages.ui import frame

frame.run()
