"""What leads to another page is a link: announced as a button, it promises that Space presses it, and Space scrolls."""

from __future__ import annotations

import re
from pathlib import Path

from config import PROJECT

FOLDERS = (PROJECT / "templates", PROJECT / "sandbox" / "templates")
LINK = re.compile(r"<a\b(?:{{.*?}}|{%.*?%}|[^>])*>", re.DOTALL)
SAYS_BUTTON = re.compile(r"""\brole\s*=\s*["']?button\b""")


def links_called_buttons(folder: Path) -> list[str]:
    """Return every link in the folder's templates, sub-folders too, that says it is a button."""
    return [
        f"{file.relative_to(folder)}: {link}"
        for file in sorted(folder.rglob("*.html"))
        for link in LINK.findall(file.read_text(encoding="utf-8"))
        if SAYS_BUTTON.search(link)
    ]


def test_no_link_says_that_it_is_a_button() -> None:
    assert [found for folder in FOLDERS for found in links_called_buttons(folder)] == []


def test_a_planted_one_is_found_in_a_sub_folder(tmp_path: Path) -> None:
    page = tmp_path / "wizard" / "deeper" / "page.html"
    page.parent.mkdir(parents=True)
    page.write_text("""<a class="x"\n   href="{{ url_for('a', b=1 > 0) }}"\n   role='button'>Go</a>""")

    [found] = links_called_buttons(tmp_path)

    assert found.startswith("wizard/deeper/page.html: <a class")
