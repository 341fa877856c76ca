# The app on PyTorch's CPU build. Needs BuildKit, Docker's builder since version 23.
FROM python:3.12-slim
RUN useradd --create-home playground
WORKDIR /app

# Apart from the code, so that a change of the code installs nothing again. The cache stays out of the image.
COPY cloud/requirements.txt cloud/
RUN --mount=type=cache,target=/root/.cache/pip python -m pip install --requirement cloud/requirements.txt

# Of the files that .dockerignore lets in: the user reads them, whatever their mode was, and does not write them.
COPY --chmod=755 . .

USER playground
EXPOSE 8501
HEALTHCHECK --start-period=60s CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=5)"]
CMD ["python", "-m", "streamlit", "run", "streamlit_app.py", "--server.headless=true", "--server.port=8501"]
