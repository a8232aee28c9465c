"""A template text out of a Secret is a value: an error names its place, line and column, and quotes nothing of it."""

import base64
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.clients.kubernetes.api_refusals import Call
from components.clients.kubernetes.transport import Request
from components.core.secret.target_templates import check_templates, render_target
from components.core.secret.template_texts import TemplateTexts
from components.core.spec.target_specs import Target
from components.errors import ParameterStoreError
from sandbox.aws.api import AwsApi
from sandbox.kubernetes.server import KubernetesApi
from tests.providers.support import NAMESPACE, Stack, cluster

C = "S3cretPart9f8a7b6c"
WRONG_BY_THEMSELVES = [
    f"user={{{{ {C} }}}}",
    f"{{{{ .user | {C} }}}}",
    f"{{{{ ${C} }}}}",
    f"{{{{ template {C} }}}}",
    f"{{{{ end {C} }}}}",
    f"{{{{ .user {C}",
    f"{{{{ if .user }}}}{C}",
    f"{{{{ end }}}}{C}",
    f'{{{{ "{C} }}}}',
    f"{{{{ `{C} }}}}",
    f"{{{{ '{C}' }}}}",
    f'{{{{ "{C}\\z" }}}}',
    f"{{{{ {C}! }}}}",
    f"{{{{ ${C}% }}}}",
    f"{{{{ .user.{C}% }}}}",
    f"{{{{ 1{C} }}}}",
    f"{{{{ (.user {C}) }}}}",
    f"{{{{ .user, {C} }}}}",
    f"{{{{ .user = {C} }}}}",
    f"{{{{ ${C} := }}}}",
    f"{{{{ range $a, ${C}, $c := .user }}}}{{{{ end }}}}",
    f'{{{{ "{C}".x }}}}',
    f"{{{{ true.{C} }}}}",
    f"{{{{/* {C} }}}}",
    f"{{{{/* a */ {C} }}}}",
    f'{{{{ define "{C}" }}}}{{{{ end }}}}',
    f'{{{{ block "{C}" . }}}}{{{{ end }}}}',
    f"{{{{ nil | {C} }}}}",
    f"{{{{ env `{C}` | {C} }}}}",
    f"{{{{ else {C} }}}}",
    f"{{{{ break {C} }}}}",
    f"\xff{{{{ {C} }}}}",
    f"{{{{ {C}\u202e\x1b[31m }}}}",
    f"line\n  {{{{ .a }}}}\n   {{{{ {C} }}}}",
]
WRONG_WITH_THE_VALUES = [
    f"{{{{ .{C} }}}}",
    f"{{{{ .user.{C} }}}}",
    f"{{{{ $x := .user }}}}{{{{ $x.{C} }}}}",
    f"{{{{ (dict `a` 1).{C} }}}}",
    f"{{{{ (now).{C} }}}}",
    f'{{{{ fail "{C}" }}}}',
    f"{{{{ fail (print `{C}` .user) }}}}",
    f'{{{{ "a" | .{C} }}}}',
    f"{{{{ .user `{C}` }}}}",
    f"{{{{ (dict `{C}` .user).{C} `x` }}}}",
    f"{{{{ index .user `{C}` }}}}",
    f"{{{{ index (dict `a` 1) 2 `{C}` }}}}",
    f"{{{{ regexMatch `{C}(` .user }}}}",
    f"{{{{ mustRegexFind `[{C}` .user }}}}",
    f"{{{{ mustToDate `2006` `{C}` }}}}",
    f"{{{{ toDate `{C}` .user | date `{C}` | mustToDate `x` }}}}",
    f"{{{{ date `2006` `{C}` }}}}",
    f"{{{{ dateInZone `2006` now `{C}` }}}}",
    f"{{{{ mustDateModify `{C}` now }}}}",
    f"{{{{ durationRound `{C}` }}}}{{{{ atoi `{C}` }}}}{{{{ len 1 }}}}",
    f"{{{{ mustFromJson `{{{C}` }}}}",
    f"{{{{ `{{{C}` | fromYaml }}}}{{{{ fail `{C}` }}}}",
    f"{{{{ b64dec `{C}!` }}}}{{{{ fail `{C}` }}}}",
    f"{{{{ urlParse `http://[{C}` }}}}",
    f"{{{{ urlJoin (dict `host` 1 `path` `{C}`) }}}}",
    f"{{{{ printf `%{C}` now }}}}{{{{ fail `{C}` }}}}",
    f"{{{{ pkcs12key `{C}` }}}}",
    f"{{{{ pemCertificate `CERTIFICATE` `{C}` }}}}{{{{ fail `{C}` }}}}",
    f"{{{{ jwkPublicKeyPem `{C}` }}}}",
    f"{{{{ jwkPrivateKeyPem `{{`  }}}}{C}",
    f"{{{{ derivePassword 1 `{C}` `x` `y` `z` }}}}{{{{ fail `{C}` }}}}",
    f"{{{{ decryptAES `{C}` .user }}}}",
    f"{{{{ rsaDecrypt `RSA-OAEP` `{C}` .user }}}}{{{{ fail `{C}` }}}}",
    f"{{{{ filterPEM `{C}` .user }}}}{{{{ fail `{C}` }}}}",
    f"{{{{ substr 5 1 `{C}` }}}}",
    f"{{{{ repeat -1 `{C}` }}}}{{{{ fail `{C}` }}}}",
    f"{{{{ genericThing `{C}` }}}}",
    f"{{{{ eq .user 1 `{C}` }}}}",
    f"{{{{ lt `{C}` 1 }}}}",
    f"{{{{ div 1 0 }}}}{C}",
    f"{{{{ set nil `{C}` 1 }}}}",
    f"{{{{ dig `{C}` (list) }}}}",
    f"{{{{ first `{C}` }}}}",
    f"{{{{ toYaml `{C}\u2028` }}}}",
    f"{{{{ upper 1 `{C}` }}}}",
    f"{{{{ range $i, $x := 1.5 }}}}{C}{{{{ end }}}}",
    f"{{{{ range `{C}` }}}}{{{{ end }}}}",
]
KINDS = ("Secret", "ConfigMap")
Put = Callable[[str, str], None]


def target_of(kind: str, *, template_as: str = "Values") -> Target[str]:
    source = {"name": "tpl", "items": [{"key": "t", "templateAs": template_as}]}
    field = "secret" if kind == "Secret" else "configMap"
    return Target.from_bag({"template": {"templateFrom": [{field: source}]}})


def problems_of(target: Target[str], texts: TemplateTexts, **options: Any) -> str:
    """What preview and up say of a target."""
    told = []
    for attempt in (
        lambda: check_templates(target, ["user"], texts, **options),
        lambda: render_target(target, {"user": b"ann"}, texts, **options),
    ):
        try:
            attempt()
        except ParameterStoreError as error:
            told.append(f"{error}{'' if error.__cause__ is None else error.__cause__!r}")
    return "\n".join(told)


@pytest.mark.parametrize("template_as", ["Values", "KeysAndValues"])
@pytest.mark.parametrize("text", WRONG_BY_THEMSELVES + WRONG_WITH_THE_VALUES)
def test_nothing_of_a_secret_s_text_is_quoted(text: str, template_as: str) -> None:
    texts = {("Secret", "tpl", "t"): text.encode("latin-1", "ignore") if "\xff" in text else text.encode()}
    told = problems_of(target_of("Secret", template_as=template_as), texts)  # type: ignore[arg-type]
    assert C not in told
    assert C[:8] not in told
    if text in WRONG_BY_THEMSELVES:
        assert re.search(r"templateFrom\[0\] \(Secret tpl, key t\), line \d+, column \d+: ", told)


@given(
    st.lists(
        st.sampled_from(
            [
                C,
                "{{",
                "}}",
                " ",
                ".",
                "$",
                "|",
                "(",
                ")",
                '"',
                "`",
                "'",
                "if",
                "end",
                "range",
                "printf",
                ":=",
                "=",
                ",",
                "-",
                "\n",
                "dict",
                "index",
                "1",
                "/*",
                "*/",
                "fail",
                ".user",
                "nil",
            ]
        )
    )
)
def test_nor_of_any_text_made_of_such_pieces(pieces: list[str]) -> None:
    for joined in (" ".join(pieces), "".join(pieces), "{{" + " ".join(pieces) + "}}"):
        texts: TemplateTexts = {("Secret", "tpl", "t"): joined.encode()}
        assert C not in problems_of(target_of("Secret"), texts)
        own: Target[str] = Target.from_bag({"template": {"data": {"a": joined}}})
        assert C not in problems_of(own, {}, confidential=True)


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        (f"{{{{ {C} }}}}", f"there is no function '{C}' here"),
        (f"{{{{ .{C} }}}}", f"there is no key '{C}'"),
        (f"{{{{ ${C} }}}}", f"there is no variable '${C}'"),
        (f'{{{{ fail "{C}" }}}}', f"fail: {C}"),
    ],
)
def test_what_the_user_wrote_is_still_quoted(text: str, quoted: str) -> None:
    assert quoted in problems_of(target_of("ConfigMap"), {("ConfigMap", "tpl", "t"): text.encode()})
    for bag in (
        {"data": {"a": text}},
        {"templateFrom": [{"literal": text}]},
        {"metadata": {"annotations": {"a": text}}},
    ):
        assert quoted in problems_of(Target.from_bag({"template": bag}), {})
        assert C not in problems_of(Target.from_bag({"template": bag}), {}, confidential=True)


@pytest.fixture
def put(aws: AwsApi, kubernetes: KubernetesApi) -> Put:
    """Write the text of a template into the cluster."""
    aws.put_parameter("/db", '{"user": "ann"}')
    assert kubernetes.url

    def put(kind: str, text: str) -> None:
        content = base64.b64encode(text.encode()).decode() if kind == "Secret" else text
        body = {
            "apiVersion": "v1",
            "kind": kind,
            "metadata": {"name": "tpl", "namespace": NAMESPACE},
            "data": {"t": content},
        }
        path = f"/api/v1/namespaces/{NAMESPACE}/{kind.lower()}s/tpl"
        query, sent = {"fieldManager": "kubectl", "force": "true"}, json.dumps(body).encode()
        request = Request("PATCH", path, query, content_type="application/apply-patch+yaml", body=sent)
        cluster().send(request, Call("apply", "tpl", "the test"))

    return put


@pytest.mark.parametrize("text", [WRONG_BY_THEMSELVES[0], WRONG_BY_THEMSELVES[-1], *WRONG_WITH_THE_VALUES[:7]])
def test_neither_what_is_printed_nor_what_is_stored_holds_the_text(put: Put, text: str) -> None:
    put("Secret", text)
    source = {"secret": {"name": "tpl", "items": [{"key": "t"}]}}
    stack = Stack({"user": {"key": "/db", "property": "user"}}, target={"template": {"templateFrom": [source]}})
    for outcome in (stack.preview(), stack.up(), stack.preview(), stack.up()):
        assert C not in repr(outcome)
    assert "failed" in {stack.preview().change, stack.up().change}
    assert C not in repr([stack.sync, stack.sync_inputs, stack.snapshot, stack.snapshot_inputs])


def test_a_template_that_is_a_secret_of_pulumi_s_is_not_quoted(put: Put) -> None:
    put("ConfigMap", "")
    stack = Stack({"user": {"key": "/db", "property": "user"}}, target={"template": {"data": {"a": f"{{{{ {C} }}}}"}}})
    assert C in repr(stack.preview().failures)
    assert C not in repr(stack.preview(confidentialTexts=True))
    up = stack.up(confidentialTexts=True)
    assert C not in repr([*up.failures, up.inputs.get("problem")])
