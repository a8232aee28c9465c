"""What of a stack's file Pulumi passes over in silence is refused by the program."""

from pathlib import Path

import pytest

from components.errors import SpecError
from components.settings.stack_file import refuse_unread_of_stack

ONE = "config:\n  shop:externalSecrets: []\n"


def write(folder: Path, text: str, *, place: str = "stacks") -> None:
    (folder / place).mkdir(exist_ok=True)
    (folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\n" + f"stackConfigDir: {place}\n" * (place != "."))
    (folder / place / "Pulumi.dev.yaml").write_text(text)


@pytest.mark.parametrize("place", ["stacks", "."])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ONE + "  externalSecrets: []\n", "externalSecrets and shop:externalSecrets are one setting"),
        (ONE + "shop:pushSecrets: []\n", "shop:pushSecrets stands outside of config"),
        (ONE + "manifests: []\n", "manifests stands outside of config"),
    ],
)
def test_what_pulumi_does_not_read_is_refused(tmp_path: Path, text: str, said: str, place: str) -> None:
    write(tmp_path, text, place=place)
    with pytest.raises(SpecError, match=said):
        refuse_unread_of_stack(tmp_path, "dev", "shop")


@pytest.mark.parametrize("place", ["stacks", "/stacks", "../stacks"])
def test_the_file_is_found_where_pulumi_finds_it(tmp_path: Path, place: str) -> None:
    """The program may run below the project's folder, and all files may be named .yml."""
    folder = tmp_path / "project"
    (folder / "main").mkdir(parents=True)
    (folder / "Pulumi.yml").write_text(f"name: shop\nruntime: python\nmain: main\nstackConfigDir: {place}\n")
    settings = folder / place.lstrip("/") / "Pulumi.dev.yml"
    settings.parent.mkdir()
    settings.write_text("manifests: []\n")
    with pytest.raises(SpecError, match="manifests stands outside of config"):
        refuse_unread_of_stack(folder / "main", "dev", "shop")
    refuse_unread_of_stack(folder / "main", "dev", "another-project")


@pytest.mark.parametrize("text", [ONE, "", "encryptionsalt: v1:x\nenvironment: [a]\n" + ONE, "config: [", "- a\n"])
def test_what_is_right_or_cannot_be_read_passes(tmp_path: Path, text: str) -> None:
    write(tmp_path, text)
    refuse_unread_of_stack(tmp_path, "dev", "shop")
    refuse_unread_of_stack(tmp_path, "other", "shop")
    refuse_unread_of_stack(tmp_path / "nowhere", "dev", "shop")
