"""What `make docs` does to the pages beside Markdown: links to files outside of docs/ become the names of those files."""

import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
_LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s#]+)(#[^)]*)?\)")


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Called by mkdocs for each page. A site has only what is in docs/; tests check that the files are there."""
    source = Path(page.file.abs_src_path)

    def told(link: re.Match[str]) -> str:
        image, words, target, _ = link.groups()
        if image or "://" in target:
            return link[0]
        file = (source.parent / target).resolve()
        if file.is_relative_to(ROOT / "docs") and file.is_file() and file.suffix in {".md", ".png"}:
            return link[0]
        name = file.relative_to(ROOT).as_posix()
        return words if name in words or words.strip("`") == name else f"{words} (`{name}`)"

    return _LINK.sub(told, markdown)
