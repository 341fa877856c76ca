"""The text in a file that anyone may send."""

from __future__ import annotations


def decode(content: bytes) -> str | None:
    """The text of UTF-8, with a mark or without, or of GB18030; None if it is neither.

    >>> decode("张量".encode("gb18030")), decode("a".encode("utf-16-le"))
    ('张量', None)
    """
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:  # UTF-16 without its mark, or no text at all
            return text
    return None
