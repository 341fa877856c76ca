"""Hosting: what cloud/requirements.txt installs, by pip and by uv, and the steps of the Dockerfile."""

import contextlib
import fnmatch
import hashlib
import http.server
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import threading
import time
import tomllib
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from packaging.tags import platform_tags
from test_architecture import repository_files

ROOT = Path(__file__).parents[1]
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PLATFORMS = ("manylinux_2_28_x86_64", "manylinux_2_28_aarch64")
REQUIREMENTS = (ROOT / "cloud" / "requirements.txt").read_text(encoding="utf-8")


# --- cloud/requirements.txt against a stand-in for PyTorch's index ---------------------------------------------------
def wheel(folder: Path, name: str, version: str, tag: str, *requires: str) -> Path:
    """Write a wheel without any code."""
    path, info = folder / f"{name}-{version}-{tag}.whl", f"{name}-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        needs = "".join(f"Requires-Dist: {required}\n" for required in requires)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}")
        archive.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: {tag}\n")
        archive.writestr(f"{info}/RECORD", "")
    return path


@pytest.fixture(scope="module")
def pytorch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve an index like PyTorch's: torch's CPU build, an old numpy, and a newer version of a package torch needs."""
    site = tmp_path_factory.mktemp("index")
    folder = site / "whl" / "cpu"
    folder.mkdir(parents=True)
    pythons = [f"cp{version.replace('.', '')}" for version in PYTHONS]
    platforms = sorted({*PLATFORMS, next(platform_tags())})
    tags = [f"{python}-{python}-{platform}" for python in pythons for platform in platforms]
    packages = {
        "torch": [wheel(folder, "torch", "2.13.0+cpu", tag, "numpy", "jinja2") for tag in tags],
        "numpy": [wheel(folder, "numpy", "1.26.3", "py3-none-any")],
        "jinja2": [wheel(folder, "jinja2", "99.0", "py3-none-any")],
    }
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=site)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        url = f"http://127.0.0.1:{server.server_port}"
        for name, wheels in packages.items():
            links = [
                f'<a href="{url}/whl/cpu/{path.name.replace("+", "%2B")}#sha256='
                f'{hashlib.sha256(path.read_bytes()).hexdigest()}">{path.name}</a><br/>'
                for path in wheels
            ]
            (folder / name).mkdir()
            page = "<!DOCTYPE html><html><body>" + "\n".join(links) + "</body></html>"
            (folder / name / "index.html").write_text(page)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield url
        server.shutdown()


@pytest.fixture
def requirements(pytorch: str, tmp_path: Path) -> Path:
    """Return a copy of cloud/requirements.txt that uses the stand-in."""
    path = tmp_path / "requirements.txt"
    path.write_text(re.sub(r"https://download[.]pytorch[.]org", pytorch, REQUIREMENTS))
    return path


def default_index() -> list[str]:
    """Return the option that names the index pip is configured with, if it is."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.findall(r"^\S+[.]index-url='(.+)'$", listed, re.MULTILINE)
    return ["--index-url", found[-1]] if found else []


def resolve(*command: str) -> str:
    """Run an installer with no indexes but those in its arguments."""
    of_indexes = re.compile(r"(PIP|UV)_.*(INDEX|FIND_LINKS)")
    env = {name: value for name, value in os.environ.items() if not of_indexes.match(name)}
    done = subprocess.run(
        [*command, *default_index()],
        env=env | {"PIP_CONFIG_FILE": os.devnull, "UV_NO_CONFIG": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def pins() -> dict[str, str]:
    return dict(re.findall(r"^([\w-]+)(?:\[\w+\])?==(\S+)$", REQUIREMENTS, re.MULTILINE))


@pytest.mark.long
def test_pip_takes_torch_from_pytorch_and_all_else_from_the_default_index(requirements: Path, pytorch: str) -> None:
    pip = (sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet")
    report = json.loads(resolve(*pip, "--report", "-", "--requirement", str(requirements)))["install"]
    versions = {found["metadata"]["name"].lower(): found["metadata"]["version"] for found in report}
    assert versions.items() >= pins().items()
    assert "jinja2" in versions
    ours = [found["metadata"]["name"] for found in report if found["download_info"]["url"].startswith(pytorch)]
    assert ours == ["torch"]


@pytest.mark.long
@pytest.mark.parametrize(("python", "platform"), [(PYTHONS[0], "x86_64"), (PYTHONS[-1], "aarch64")])
def test_uv_takes_torch_from_pytorch_and_all_else_from_the_default_index(
    requirements: Path, pytorch: str, python: str, platform: str
) -> None:
    uv = (sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--no-header", "--no-annotate", "--system-certs")
    target = ("--python-version", python, "--python-platform", f"{platform}-manylinux_2_28")
    listed = resolve(*uv, "--emit-index-annotation", *target, str(requirements))
    found = re.findall(r"^([\w-]+)(?:\[\w+\])?==(\S+)\n +# from (\S+)$", listed, re.MULTILINE)
    assert {name: version for name, version, _ in found}.items() >= pins().items()
    assert "jinja2" in {name for name, _, _ in found}
    assert [name for name, _, index in found if index.startswith(pytorch)] == ["torch"]


# --- the Dockerfile, without Docker ---------------------------------------------------------------------------------
def steps() -> list[tuple[str, str]]:
    """Return the Dockerfile's instructions: each with its arguments, its options left out."""
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    pairs = [line.split(maxsplit=1) for line in lines if line and not line.startswith("#")]
    return [(name, re.sub(r"^(--\S+ )+", "", rest)) for name, rest in pairs]


def argument(name: str) -> str:
    (found,) = [rest for step, rest in steps() if step == name]
    return found


def build_context(folder: Path) -> None:
    """Copy the Docker build context of this tree, with secrets and leftovers added to the tree."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]

    def sent(name: str) -> bool:
        parents = [name, *(path.as_posix() for path in Path(name).parents)]
        out = False
        for rule in rules:  # the last match wins; a rule for a folder holds for all its contents
            pattern = rule.removeprefix("!").removeprefix("**/")
            spots = [Path(path).name for path in parents] if rule.startswith("**/") else parents
            if any(fnmatch.fnmatchcase(spot, pattern) for spot in spots):
                out = not rule.startswith("!")
        return not out

    names = [path.relative_to(ROOT).as_posix() for path in repository_files()]
    leftovers = [".streamlit/secrets.toml", ".env", ".venv/pyvenv.cfg", ".git/config", "pages/ui/__pycache__/x.pyc"]
    assert not [name for name in leftovers if sent(name)]
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/", "docs/")) and sent(name)]
    for name in filter(sent, names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)


def tree(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_the_image_is_small_and_does_not_run_as_root() -> None:
    found = re.fullmatch(r"python:3[.](\d+)-slim", argument("FROM"))
    assert found
    needs = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert needs == ">=3.11"
    assert int(found[1]) >= 11
    order = [name for name, _ in steps()]
    assert ("RUN", f"useradd --create-home {argument('USER')}") in steps()[: order.index("USER")]
    assert order.index("USER") < order.index("CMD")
    assert "RUN" not in order[order.index("USER") :]
    assert argument("EXPOSE") == "8501"
    assert "--server.port=8501" in json.loads(argument("CMD"))
    assert "127.0.0.1:8501/_stcore/health" in argument("HEALTHCHECK")


@pytest.mark.long
def test_the_steps_of_the_dockerfile_end_in_a_healthy_server(tmp_path: Path) -> None:
    context, app, home, venv = (tmp_path / name for name in ("context", "app", "home", "venv"))
    for folder in (context, app, home):
        folder.mkdir()
    build_context(context)
    # The index of the CPU build may be unreachable; any build of this version runs the app.
    small = context / "cloud" / "requirements.txt"
    small.write_text(re.sub(r"^--find-links.*\n", "", REQUIREMENTS, flags=re.MULTILINE).replace("+cpu", ""))
    subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    env = {**os.environ, "PATH": f"{venv / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    env.pop("PYTHONPATH", None)
    for name, rest in steps():
        if name == "COPY":
            source, target = rest.split()
            if (context / source).is_dir():
                shutil.copytree(context / source, app / target, dirs_exist_ok=True)
            else:
                (app / target).mkdir(parents=True, exist_ok=True)
                shutil.copy(context / source, app / target)
        elif name == "RUN" and not rest.startswith("useradd"):
            subprocess.run(shlex.split(rest), cwd=app, env=env, check=True, stdout=subprocess.DEVNULL)

    before = tree(app)
    env |= {"HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"}  # the user of the image may not write bytecode
    script = (
        "from streamlit.testing.v1 import AppTest\n"
        "print(list(AppTest.from_file('streamlit_app.py').run(timeout=120).exception))"
    )
    opened = subprocess.run(["python", "-c", script], cwd=app, env=env, capture_output=True, text=True, check=True)
    assert opened.stdout == "[]\n", opened.stderr

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    server = subprocess.Popen(json.loads(argument("CMD").replace("8501", port)), cwd=app, env=env)
    try:
        health = json.loads(argument("HEALTHCHECK").removeprefix("CMD ").replace("8501", port))
        deadline = time.monotonic() + 60
        while subprocess.run(health, env=env, stderr=subprocess.DEVNULL).returncode:
            assert server.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.2)
    finally:
        server.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(10)
        server.kill()
    assert tree(app) == before
