"""The saved scripts are run by test_saved_scripts.py; collecting them for doctests would run them too."""

collect_ignore_glob = ["*.py"]
