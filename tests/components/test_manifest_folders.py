"""A folder of a GitOps repository can be named: what is no manifest in it is passed over and told, or left out."""

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.errors import SpecError
from components.manifests import Manifests, declare, load_manifests
from components.parameter_store import InvalidArgumentsError
from components.settings.stack_settings import read_manifest_settings
from tests.components.manifest_objects import secret, store
from tests.components.support import declare as run_program

MANIFEST = yaml.safe_dump(secret())


def write(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def told(read: Manifests, folder: Path) -> dict[str, str]:
    return {os.path.relpath(place, folder): read.reasons[place].text for place in read.skipped}


def refusal(*paths: Any, **options: Any) -> str:
    with pytest.raises(InvalidArgumentsError) as caught:
        load_manifests(*paths, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("kustomization.yaml", "resources: [es.yaml]", "kustomize alone reads it"),
        ("kustomization.yml", "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization", "kustomize alone"),
        ("Kustomization", "resources: [es.yaml]", "kustomize alone reads it"),
        ("kustomization.yaml", "namespace: a\nnamePrefix: b", "so that its namePrefix, namespace change nothing here"),
        ("kustomization.yaml", "kind: Component\npatches: []", "so that its patches changes nothing here"),
        ("Chart.yaml", "apiVersion: v2\nname: shop\nversion: 1.0.0", "it is Helm's"),
        ("requirements.yaml", "dependencies: []", "it is Helm's"),
        ("values.yaml", "replicas: 1", "it holds values for Helm"),
        ("values-prod.yaml", "externalSecrets: {enabled: true}", "it holds values for Helm"),
        ("prod.values.yml", "kind: Deployment", "it holds values for Helm"),
        ("values.prod.yaml", "apiVersion: networking.k8s.io/v1", "it holds values for Helm"),
        (
            "values.yaml",
            yaml.safe_dump({"extraObjects": [secret()]}),
            "another tool makes the ExternalSecrets or stores",
        ),
        ("values.schema.json", '{"type": "object"}', "it holds values for Helm"),
        ("values.yaml", "- a list", "it holds values for Helm"),
        ("empty.yaml", "# all of it is a comment\n", "there is nothing in it"),
        ("es2.YAML", MANIFEST, "only .yaml, .yml, .json in small letters are read"),
    ],
)
def test_what_is_no_manifest_is_passed_over_and_told(tmp_path: Path, name: str, text: str, reason: str) -> None:
    read = load_manifests(write(tmp_path, {"es.yaml": MANIFEST, name: text}))
    assert len(read.secrets) == 1
    ((place, why),) = told(read, tmp_path).items()
    assert place == name
    assert reason in why
    pattern = load_manifests(tmp_path / "*")
    assert len(pattern.secrets) == (2 if name == "es2.YAML" else 1)


@pytest.mark.parametrize(
    "name",
    ["a.ymal", "a.yaml.j2", "a.yml.tmpl", "a.yaml~", "a.Yml.bak", "a.yamll", "b/a.json.erb", ".a.yaml.swp", "a.yam"],
)
def test_a_file_that_is_named_nearly_like_a_manifest_is_told(tmp_path: Path, name: str) -> None:
    read = load_manifests(write(tmp_path, {"es.yaml": MANIFEST, name: MANIFEST}))
    assert len(read.secrets) == 1
    assert told(read, tmp_path) == {name: "only .yaml, .yml, .json in small letters are read"}


@pytest.mark.parametrize(
    "name",
    [
        ".yaml",
        "b.yaml.",
        "b.jsno",
        "b.ndjson",
        "b.yml.bak",
        "b.YAML",
        "b.Json",
        "b.yaml ",
        "b.JSONL",
        "b.jason",
        ".json",
    ],
)
def test_a_slip_of_the_pen_in_the_ending_is_told(tmp_path: Path, name: str) -> None:
    read = load_manifests(write(tmp_path, {"es.yaml": MANIFEST, name: MANIFEST}))
    assert len(read.secrets) == 1
    assert told(read, tmp_path) == {name: "only .yaml, .yml, .json in small letters are read"}


@pytest.mark.parametrize("pattern", ["**/" * 7 + "*.yaml", "**/d/" * 6 + "**/*.yaml", "*/**/" * 6 + "*.yaml"])
def test_a_pattern_of_many_stars_looks_at_each_folder_a_few_times(tmp_path: Path, pattern: str) -> None:
    write(tmp_path, {"d/" * 40 + "es.yaml": MANIFEST})
    start = time.process_time()
    assert len(load_manifests(tmp_path / pattern).secrets) == 1
    assert time.process_time() - start < 10


@pytest.mark.parametrize("pattern", ["**", "a/**", "*/**", "a/**/**"])
def test_a_pattern_that_matches_folders_alone_says_what_to_write(tmp_path: Path, pattern: str) -> None:
    write(tmp_path, {"a/es.yaml": MANIFEST})
    assert "** stands for folders alone; write " in refusal(tmp_path / pattern)


@pytest.mark.parametrize("name", ["README.md", "a.js", "Makefile", "a.xml", "a.toml", "yaml", "a.py", "a.tf"])
def test_what_is_named_otherwise_is_not_told(tmp_path: Path, name: str) -> None:
    assert not told(load_manifests(write(tmp_path, {"es.yaml": MANIFEST, name: MANIFEST})), tmp_path)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("values.yaml", MANIFEST.replace("apiVersion", "apiVerison"), "apiVersion is required; there is 'apiVerison'"),
        ("values.yaml", MANIFEST.replace("kind: External", "knid: External"), "kind is required; there is 'knid'"),
        ("values.yaml", "kind: ExternalSecrets", "apiVersion is required"),
        ("values.yaml", MANIFEST.replace("kind: ExternalSecret", "kind: ExternalSecrets"), "write ExternalSecret"),
        ("Chart.yaml", MANIFEST.replace("external-secrets.io", "external-secret.io"), "is not of External Secrets"),
        ("kustomization.yaml", MANIFEST.replace("name: db", "nmae: db"), "unknown field 'nmae'"),
        ("docker-compose.yml", "services: {}", "it has neither apiVersion nor kind, so it is no manifest; leave the"),
        (".pre-commit-config.yaml", "repos: []", "it has neither apiVersion nor kind"),
        ("package.json", '{"kind": "x"}', "apiVersion is required"),
        (".github/dependabot.yml", "version: 2", "so it is no manifest; leave the file out (exclude)"),
        ("patch.yaml", "- {op: remove, path: /spec/data}", "it is a JSON patch of Kustomize, not an object"),
        ("list.yaml", "[1, 2]", "expected a mapping with named fields, got a list"),
    ],
)
def test_what_may_be_meant_as_a_manifest_is_an_error(tmp_path: Path, name: str, text: str, message: str) -> None:
    write(tmp_path, {"es.yaml": yaml.safe_dump(secret("other")), name: text})
    assert message in refusal(tmp_path)
    assert len(load_manifests(tmp_path, exclude=[name]).secrets) == 1


def test_manifests_in_files_with_names_of_others_are_read(tmp_path: Path) -> None:
    write(tmp_path, {"values.yaml": MANIFEST, "Chart.yaml": yaml.safe_dump(store())})
    read = load_manifests(tmp_path)
    assert (len(read.stores), len(read.secrets), read.skipped) == (1, 1, ())


def test_what_a_kustomization_names_as_a_change_is_passed_over_and_warned_of(tmp_path: Path) -> None:
    kustomization = {
        "resources": ["../../base", "es.yaml"],
        "patches": [{"path": "./region.yaml"}, {"patch": "- op: remove\n  path: /spec"}, {"path": "es.yaml"}],
        "patchesStrategicMerge": ["merge.yaml", "kind: x\n"],
        "patchesJson6902": [{"path": "../ops.json"}],
        "configMapGenerator": [{"name": "cm", "files": ["config.yml", "app.json=app.json"]}],
        "helmCharts": [{"valuesFile": "shop.yaml", "additionalValuesFiles": ["more.yaml"]}],
    }
    files = {
        "overlays/prod/kustomization.yaml": yaml.safe_dump(kustomization),
        "overlays/prod/es.yaml": MANIFEST,
        "overlays/prod/region.yaml": "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: db}",
        "overlays/prod/merge.yaml": "apiVersion: external-secrets.io/v1\nkind: SecretStore\nmetadata: {name: s}",
        **{f"overlays/prod/{name}": "!any {{" for name in ("config.yml", "app.json", "shop.yaml", "more.yaml")},
        "overlays/ops.json": '[{"op": "remove", "path": "/spec/data/0"}]',
    }
    read = load_manifests(write(tmp_path, files))
    assert [each.name for each in read.secrets] == ["db"]
    reasons = told(read, tmp_path)
    assert set(reasons) == set(files) - {"overlays/prod/es.yaml"}
    named = f"{tmp_path}/overlays/prod/kustomization.yaml names it, and not as a resource"
    assert reasons["overlays/prod/region.yaml"] == reasons["overlays/ops.json"] == named
    assert (
        "patches, patchesJson6902, patchesStrategicMerge change nothing" in reasons["overlays/prod/kustomization.yaml"]
    )
    assert all(each.warns for each in read.reasons.values())


def test_a_file_that_one_kustomization_names_as_a_resource_is_read(tmp_path: Path) -> None:
    files = {
        "base/kustomization.yaml": "resources: [./es.yaml]",
        "base/es.yaml": MANIFEST,
        "prod/kustomization.yaml": "patches: [{path: ../base/es.yaml}]",
    }
    assert len(load_manifests(write(tmp_path, files)).secrets) == 1


@pytest.mark.parametrize(
    ("exclude", "left"),
    [
        (["b.yaml"], ["a.yaml", "sub/a.yaml", "sub/deep/c.yaml"]),
        (["a.yaml"], ["b.yaml", "sub/b.yaml", "sub/deep/c.yaml"]),
        (["sub"], ["a.yaml", "b.yaml"]),
        (["sub/"], ["a.yaml", "b.yaml"]),
        (["deep"], ["a.yaml", "b.yaml", "sub/a.yaml", "sub/b.yaml"]),
        (["sub/*.yaml"], ["a.yaml", "b.yaml", "sub/deep/c.yaml"]),
        (["sub/*"], ["a.yaml", "b.yaml"]),
        (["sub/**"], ["a.yaml", "b.yaml"]),
        (["./a.yaml"], ["b.yaml", "sub/a.yaml", "sub/b.yaml", "sub/deep/c.yaml"]),
        (["sub/**/c.yaml", "[ab].yaml"], []),
        (["*/deep/*"], ["a.yaml", "b.yaml", "sub/a.yaml", "sub/b.yaml"]),
        (["**/b.yaml"], ["a.yaml", "sub/a.yaml", "sub/deep/c.yaml"]),
    ],
)
def test_exclude_leaves_files_and_folders_out(tmp_path: Path, exclude: list[str], left: list[str]) -> None:
    names = ("a.yaml", "b.yaml", "sub/a.yaml", "sub/b.yaml", "sub/deep/c.yaml")
    write(tmp_path, {name: yaml.safe_dump(secret(name.replace("/", "-"))) for name in names})
    if not left:
        assert "no manifest is there; not read, as `exclude` leaves it out" in refusal(tmp_path, exclude=exclude)
        return
    for path in (tmp_path, tmp_path / "**" / "*.yaml"):
        read = load_manifests(path, exclude=exclude)
        assert [each.name for each in read.secrets] == [name.replace("/", "-") for name in left]
        assert told(read, tmp_path) == {name: "`exclude` leaves it out" for name in names if name not in left}


@pytest.mark.parametrize(
    ("exclude", "message"),
    [
        (["es.yml"], "exclude[0]: 'es.yml' leaves nothing out of"),
        (["b.yaml", "s"], "exclude[1]: 's' leaves nothing out of"),
        (["B.yaml"], "exclude[0]: 'B.yaml' leaves nothing out"),
        (["../x"], "exclude[0]: '../x': write the name of a file or folder"),
        (["/etc"], "exclude[0]: '/etc': write the name"),
        ([""], "exclude[0]: '': write the name"),
        ("b.yaml", "exclude: expected a sequence of strings"),
        ([1], "exclude: expected a sequence of strings"),
    ],
)
def test_an_exclude_without_effect_is_an_error(tmp_path: Path, exclude: Any, message: str) -> None:
    write(tmp_path, {"a.yaml": MANIFEST, "b.yaml": MANIFEST})
    assert message in refusal(tmp_path, exclude=exclude)


def test_exclude_has_no_effect_on_a_file_that_is_named_itself(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": MANIFEST})
    assert "leaves nothing out" in refusal(tmp_path / "a.yaml", exclude=["a.yaml"])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("kustomization.yaml", "resources: [es.yaml]"),
        ("kustomization.yaml", "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization"),
        ("Chart.yaml", "apiVersion: v2"),
        ("values.yaml", "a: 1"),
    ],
)
def test_a_file_that_is_named_itself_must_be_a_manifest(tmp_path: Path, name: str, text: str) -> None:
    write(tmp_path, {name: text})
    assert "it is no manifest, as" in refusal(tmp_path / name)


@pytest.mark.parametrize(
    "files",
    [
        {"kustomization.yaml": "resources: []"},
        {"values.yaml": "a: 1", "Chart.yaml": "apiVersion: v2"},
        {"a.yaml": "", "b.yaml": "# nothing"},
        {"a.yaml": "apiVersion: v1\nkind: List\nitems: []"},
        {"a.YAML": MANIFEST},
    ],
)
def test_a_folder_without_any_object_is_an_error(tmp_path: Path, files: dict[str, str]) -> None:
    write(tmp_path, files)
    assert "no manifest" in refusal(tmp_path)


def test_a_link_to_nothing_and_what_is_no_file_are_errors(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": MANIFEST})
    (tmp_path / "b.yaml").symlink_to(tmp_path / "gone.yaml")
    assert f"{tmp_path}/b.yaml: it is a link to nothing" in refusal(tmp_path)
    assert f"{tmp_path}/b.yaml: it is a link to nothing" in refusal(tmp_path / "*.yaml")
    assert len(load_manifests(tmp_path, exclude=["b.yaml"]).secrets) == 1
    (tmp_path / "b.yaml").unlink()
    os.mkfifo(tmp_path / "c.yaml")
    assert f"{tmp_path}/c.yaml: it is not a regular file" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("*.yaml", ["a"]),
        ("*", ["a", "b"]),
        ("*/*.yaml", ["c", "e"]),
        ("**/*.yaml", ["a", "c", "d", "e"]),
        ("**/[cd].yaml", ["c", "d"]),
        ("s?b/**/d.yaml", ["d"]),
        ("sub/deep/*", ["d"]),
        (".hidden/*", ["e"]),
        ("**/deep/**/d.yaml", ["d"]),
        ("sub/../a.yam[l]", ["a"]),
    ],
)
def test_patterns_match_as_those_of_a_shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: str, names: list[str]
) -> None:
    files = ("a.yaml", "b.txt", "sub/c.yaml", "sub/deep/d.yaml", ".hidden/e.yaml")
    write(tmp_path, {name: yaml.safe_dump(secret(Path(name).stem)) for name in files})
    monkeypatch.chdir(tmp_path)
    for path in (pattern, tmp_path / pattern):
        assert sorted(each.name for each in load_manifests(path).secrets) == names


@pytest.mark.parametrize("pattern", ["none/*.yaml", "*.yml", "**", "**x/*.yaml", "a.yaml/*", "sub/**", ""])
def test_a_pattern_that_matches_no_file_is_an_error(tmp_path: Path, pattern: str) -> None:
    write(tmp_path / "in", {"a.yaml": MANIFEST})
    assert refusal(tmp_path / "in" / pattern if pattern else tmp_path / "none")


def test_a_link_to_a_folder_is_told(tmp_path: Path) -> None:
    write(tmp_path, {"eso/a.yaml": MANIFEST, "shared/b.yaml": yaml.safe_dump(secret("b"))})
    (tmp_path / "eso" / "shared").symlink_to(tmp_path / "shared")
    read = load_manifests(tmp_path / "eso")
    assert told(read, tmp_path) == {"eso/shared": "it is a link to a folder, which is not followed"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every folder")
def test_a_folder_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": MANIFEST, "closed/b.yaml": MANIFEST})
    (tmp_path / "closed").chmod(0)
    try:
        for path in (tmp_path, tmp_path / "**" / "*.yaml", tmp_path / "*" / "b.yaml"):
            assert "it cannot be looked for" in refusal(path)
    finally:
        (tmp_path / "closed").chmod(0o755)


def test_what_was_passed_over_is_told_once_when_it_is_declared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[tuple[str, str]] = []
    for level in ("info", "warn"):
        monkeypatch.setattr(f"pulumi.log.{level}", lambda text, level=level: lines.append((level, text)))
    files = {
        "a.yaml": yaml.safe_dump_all([store(), secret()]),
        "kustomization.yaml": "resources: [a.yaml]",
        "values.yaml": "a: 1",
        "maps.yaml": yaml.safe_dump_all(
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"cm-{number:02}"}} for number in range(25)
        ),
    }
    read = load_manifests(write(tmp_path, files))
    run_program(lambda: declare(read))
    ((level, text),) = lines
    assert level == "info"
    assert text.startswith(
        f"not read, as kustomize alone reads it: {tmp_path}/kustomization.yaml; as they are no stores"
    )
    assert text.endswith(f"ConfigMap cm-19 and 5 more; as it holds values for Helm: {tmp_path}/values.yaml")
    lines.clear()
    (tmp_path / "kustomization.yaml").write_text("namePrefix: prod-", encoding="utf-8")
    run_program(lambda: declare(load_manifests(tmp_path)))
    assert [level for level, _ in lines] == ["warn"]


def test_settings_take_exclude_and_refuse_what_says_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": MANIFEST, "b.yml": "services: {}"})
    made = read_manifest_settings([{"path": str(tmp_path), "exclude": ["b.yml"]}])
    assert len(made.secrets) == 1
    for entry, message in (
        (
            {"path": str(tmp_path), "exlude": ["b.yml"]},
            "manifests[0]: unknown field 'exlude'; see docs/configuration.md. Did",
        ),
        ({"pth": str(tmp_path)}, "manifests[0]: unknown field 'pth'; see docs/configuration.md. Did you mean 'path'?"),
        ({"path": str(tmp_path), "exclude": "b.yml"}, "manifests[0].exclude: expected a list, got a string"),
        ({"path": str(tmp_path), "exclude": ["c.yml"]}, "manifests[0]: exclude[0]: 'c.yml' leaves nothing out of"),
        ("", "manifests[0].path is required"),
        ({"path": ""}, "manifests[0].path is required"),
    ):
        with pytest.raises(SpecError) as caught:
            read_manifest_settings([entry])
        assert message in str(caught.value)


def test_names_of_files_are_shown_in_one_line(tmp_path: Path) -> None:
    name = "a\n\x1b[31mb.yaml"
    write(tmp_path, {name: "", "es.yaml": MANIFEST})
    (place,) = load_manifests(tmp_path).skipped
    assert place == f"{tmp_path}/a\\n\\x1b[31mb.yaml"
    for text in ("services: {}", "- {op: x, path: y}", "a: [", MANIFEST.replace("secrets.io", "secret.io")):
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert refusal(tmp_path).startswith(place)
    (tmp_path / name).unlink()
    (tmp_path / name).symlink_to("nowhere")
    assert refusal(tmp_path).startswith(place)
    assert refusal(tmp_path / "c\rd").isprintable()


@pytest.mark.parametrize("text", ["", "# rendering failed\n", "---\n", "\n---\n# nothing\n---\n"])
def test_a_file_that_was_emptied_is_warned_of(tmp_path: Path, text: str) -> None:
    read = load_manifests(write(tmp_path, {"es.yaml": MANIFEST, "emptied.yaml": text}))
    (reason,) = read.reasons.values()
    assert (reason.text, reason.warns) == ("there is nothing in it", True)
