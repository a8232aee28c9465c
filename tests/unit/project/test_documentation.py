"""What the pages for contributors name is there: files, folders, verbs and links, and the answers of the table."""

import re
from pathlib import Path

import pytest

from tests.support.paths import ROOT

ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
TESTING = (ROOT / "docs" / "testing.md").read_text("utf-8")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
QUESTIONS = re.findall(r"^\| (.+\?) \| (.+) \|$", ARCHITECTURE, re.MULTILINE)


def test_the_table_answers_twelve_questions_with_one_file_each() -> None:
    files = {question: re.findall(r"`([^`]+)`", answer) for question, answer in QUESTIONS}
    assert len(files) == 12
    assert [question for question, named in files.items() if len(named) != (2 if "new field" in question else 1)] == []


@pytest.mark.parametrize("answer", [answer for _, answer in QUESTIONS], ids=[question for question, _ in QUESTIONS])
def test_an_answer_names_files_that_exist(answer: str) -> None:
    named = re.findall(r"`([^`]+)`", answer)
    assert [name for name in named if not (ROOT / name).is_file()] == []


def test_the_walk_names_what_exists() -> None:
    walk = ARCHITECTURE.partition("## One reference")[2].partition("## Where is what")[0]
    named = re.findall(r"`([a-z_]+(?:/[a-z_]+)*(?:/|\.py))`", walk)
    assert len(named) >= 15
    assert [name for name in named if not (ROOT / "components" / name).exists()] == []


def test_the_picture_shows_every_package_and_module() -> None:
    picture = ARCHITECTURE.partition("```text\n")[2].partition("```")[0]
    inside = (ROOT / "components").iterdir()
    there = {path.stem for path in inside if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert {name for name in there if not re.search(rf"\b{name}\b", picture)} == {"__init__"}


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_a_link_leads_to_a_file_of_the_repository_and_a_heading_in_it(page: Path) -> None:
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", prose(page)) if "://" not in link]
    targets = [(link, *link.partition("#")[::2]) for link in links]
    broken = [link for link, file, _ in targets if not (page.parent / file).exists()]
    broken += [link for link, file, at in targets if at and at not in anchors(page.parent / file if file else page)]
    assert broken == []


def prose(page: Path) -> str:
    """A page without its examples."""
    return re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """What links can name of a page: its headings, in GitHub's spelling."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_contributing_names_verbs_that_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    verbs = re.findall(r"[`$ ]make ([a-z][a-z-]*)[` \n]", (ROOT / "CONTRIBUTING.md").read_text("utf-8"))
    assert len(verbs) >= 5
    assert [verb for verb in verbs if not re.search(rf"^{verb}:", makefile, re.MULTILINE)] == []


def test_contributing_says_where_things_are() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    named = re.findall(r"`((?:components|policies|docs|tests|tools|sandbox|benchmarks|stacks|\.ci)/[\w./-]*)`", text)
    assert len(named) >= 8
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_level_of_tests_has_a_row_in_where_a_new_test_goes() -> None:
    section = TESTING.partition("## Where a new test goes")[2].partition("\n## ")[0]
    levels = re.findall(r"^\| `tests/(\w+)` \|", section, re.MULTILINE)
    folders = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and path.name[0] not in "._"}
    assert {*levels} == folders - {"recorded", "support"}
    named = re.findall(r"`((?:tests|tools|components)(?:/[\w./-]*)?)`", section)
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_commands_of_verbs_and_pages_are_modules_that_run() -> None:
    pages = [ROOT / "Makefile", *PAGES, *(ROOT / "tools").rglob("*.py")]
    named = {name for page in pages for name in re.findall(r"-m ((?:tools|tests)\.[\w.]*\w)", page.read_text("utf-8"))}
    assert {"tools.conformance", "tools.api_server"} <= named
    for name in named:
        module = ROOT / name.replace(".", "/")
        assert module.with_suffix(".py").exists() or (module / "__main__.py").exists(), name
