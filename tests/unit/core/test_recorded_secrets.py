"""Secrets that External Secrets Operator was seen to make of parameters and manifests are the same here, key by key.

The record is tests/recorded/external-secrets.json. A case counts where one ExternalSecret makes a Secret
without anything in the cluster having a say in it; what else there is in the record is for tests of whole programs.
"""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from components.core.secret.extraction import Got, assemble
from components.core.secret.target_templates import render_target
from components.core.secret_value import Secret
from components.core.spec.specs import SecretSpec
from components.core.ssm.sources import Find, TagsOf, parse_source
from components.errors import ParameterStoreError
from tests.support.paths import RECORDED
from tests.support.template_texts import wanted_texts

FILE = RECORDED / "external-secrets.json"
CASES: dict[str, Any] = json.loads(FILE.read_text("utf-8"))["cases"]


def manifests(case: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [each for each in case["objects"] if each["kind"] == kind]


def usable() -> Iterator[str]:
    for name, case in CASES.items():
        stores, secrets = manifests(case, "SecretStore"), manifests(case, "ExternalSecret")
        plain = len(stores) == len(secrets) == 1 and "prefix" not in stores[0]["spec"]["provider"]["aws"]
        if plain and not manifests(case, "Secret") and name != "credentials_secret_missing_key":
            yield name


def spec_of(manifest: dict[str, Any]) -> SecretSpec:
    spec = manifest["spec"]
    data = {each["secretKey"]: each["remoteRef"] for each in spec.get("data", [])}
    name = manifest["metadata"]["name"]
    bag = {"namespace": "n", "secretName": name, "owner": "o", "data": data, "target": spec.get("target", {})}
    return SecretSpec.from_bag({**bag, "dataFrom": spec.get("dataFrom", [])})


def got_of(case: dict[str, Any], spec: SecretSpec) -> Got:
    values: dict[str, str] = {}
    versions: dict[str, int] = {}
    for parameter in case["parameters"]:
        name = parameter["Name"]
        versions[name] = versions.get(name, 0) + 1
        values[f"{name}:{versions[name]}"] = values[name] = parameter["Value"]
    names = {parameter["Name"]: parameter["Tags"] for parameter in case["parameters"]}
    got: tuple[dict[Any, Any], dict[Any, Any], dict[Any, Any]] = ({}, {}, {})
    missing = set()
    for _, origin in spec.origins:
        key = (origin.store, origin.source)
        match parse_source(origin.source):
            case Find() as find:
                below = find.below.rstrip("/") + "/"
                got[2][key] = {
                    each: Secret(values[each]) for each in names if each.startswith(below) and find.matches(each)
                }
            case TagsOf(name=name):
                got[1][key] = names[name]
            case _ if origin.source in values:
                got[0][key] = Secret(values[origin.source])
            case _:
                missing.add(key)
    return Got(*got, frozenset(missing))


USABLE = list(usable())
CAUSES = {
    "property_missing": "key z: parameter j: it has no JSON property 'nope'",
    "property_on_non_json": "key z: parameter p: it has no JSON property 'a'",
    "parameter_missing": "key z: parameter absent does not exist",
    "extract_not_object": "dataFrom[0].extract: parameter m: the value is JSON but not an object",
    "extract_conversion_default": "dataFrom[0].extract: parameter m: secret key 'ünï' is not allowed",
    "find_invalid_keys_after_rewrite": "dataFrom[0].find: secret key '/team/a/db' is not allowed",
    "merge_rewrite_conflict": "dataFrom[0].find: rewrite[0].merge: several objects have 'a'",
}
"""How our errors begin where ESO warned: with what ESO's warning names."""


@pytest.mark.parametrize("name", USABLE)
def test_a_secret_is_the_one_that_eso_made(name: str) -> None:
    case = CASES[name]
    (manifest,) = manifests(case, "ExternalSecret")
    observed = case["observed"]["secrets"]
    texts: dict[Any, bytes] = {
        ("ConfigMap", each["metadata"]["name"], key): text.encode()
        for each in manifests(case, "ConfigMap")
        for key, text in each["data"].items()
    }
    spec = spec_of(manifest)
    if case["observed"]["warnings"]:
        with pytest.raises(ParameterStoreError) as caught:
            assemble(spec, got_of(case, spec))
        assert str(caught.value).startswith(CAUSES[name])
        return
    assembled = assemble(spec, got_of(case, spec))
    if not observed:
        assert not assembled.data or spec.target.creation_policy in {"None", "Merge"}
        return
    rendered = render_target(spec.target, assembled.data, {key: texts[key] for key in wanted_texts(spec.target)})
    (secret,) = observed.values()
    assert rendered.data == {key: base64.b64decode(value) for key, value in secret["data"].items()}
    assert (rendered.type or "Opaque", rendered.labels) == (secret["type"], secret["labels"])
    assert rendered.annotations == secret["annotations"]


def test_most_of_the_record_is_used() -> None:
    assert len(USABLE) > 25
    assert {name for name in USABLE if CASES[name]["observed"]["warnings"]} == CAUSES.keys()
