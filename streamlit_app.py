"""The entry script on a laptop or one's own server: `streamlit run streamlit_app.py`."""

from pages.ui import frame

frame.run()
