"""A Secret is made of templates in ESO's order, and what the API server would refuse is said before it is asked."""

import re
from typing import Any

import pytest

from components.core.secret.target_templates import Rendered, check_templates, render_target
from components.core.secret.template_texts import TextKey
from components.core.spec.target_specs import Target
from components.errors import ExtractError, SpecError, WriteError
from components.golang.templates import TemplateRenderError, TemplateSyntaxError
from tests.support.template_texts import wanted_texts

READ = {"user": b"bob", "pass": b"s3cret-4711", "raw": b"\xff\0"}


def target_of(template: dict[str, Any] | None = None, **bag: Any) -> Target[str]:
    return Target.from_bag({"template": template, **bag} if template is not None else bag)


def rendered(template: dict[str, Any] | None = None, texts: dict[TextKey, bytes] | None = None, **bag: Any) -> Rendered:
    return render_target(target_of(template, **bag), READ, texts or {})


def metadata(**fields: Any) -> dict[str, Any]:
    return {"metadata": fields}


def test_without_a_template_the_secret_is_what_was_read() -> None:
    assert rendered(labels={"a": "b"}, annotations={"c": "d e"}) == Rendered(dict(READ), {"a": "b"}, {"c": "d e"})


@pytest.mark.parametrize("template", [{}, metadata(labels={"u": "{{ .user }}"}), {"type": "example.com/x"}])
def test_without_templates_for_data_it_is_so_too(template: dict[str, Any]) -> None:
    assert rendered(template).data == READ


def test_templates_for_data_replace_what_was_read_or_are_merged_with_it() -> None:
    data = {"url": "{{ .user }}:{{ .pass }}", "user": "x"}
    new = {"url": b"bob:s3cret-4711", "user": b"x"}
    assert rendered({"data": data}).data == new
    assert rendered({"data": data, "mergePolicy": "Merge"}).data == {**READ, **new}


def test_the_order_is_that_of_template_from_then_data_then_metadata() -> None:
    items = [{"key": "a"}, {"key": "kv", "templateAs": "KeysAndValues"}]
    template = {
        "templateFrom": [
            {"literal": "a: first\nb: first\nc: first\nd: first"},
            {"configMap": {"name": "m", "items": items}},
            {"secret": {"name": "s", "items": [{"key": "a"}]}},
            {"target": "labels", "literal": "l: from\nm: '{{ .user }}'"},
            {"target": "Annotations", "literal": "p: from"},
        ],
        "data": {"d": "{{ .user }} data"},
        **metadata(labels={"l": "{{ .user }}"}, annotations={"o": "{{ .user }} ann"}, finalizers=["e.com/f"]),
    }
    texts: dict[TextKey, bytes] = {
        ("ConfigMap", "m", "a"): b"map",
        ("ConfigMap", "m", "kv"): b"b: {{ .user }}\nc: map",
        ("Secret", "s", "a"): b"secret \xff",
    }
    target = target_of(template, labels={"l": "ours", "own": "ours"})
    assert wanted_texts(target) == tuple(texts)
    assert render_target(target, READ, texts) == Rendered(
        {"a": b"secret \xff", "b": b"bob", "c": b"map", "d": b"bob data"},
        {"l": "bob", "m": "bob", "own": "ours"},
        {"p": "from", "o": "bob ann"},
        ("e.com/f",),
    )


def test_one_entry_may_name_a_config_map_a_secret_and_a_literal() -> None:
    entry = {
        "literal": "a: literal",
        "secret": {"name": "o", "items": [{"key": "a"}, {"key": "b"}]},
        "configMap": {"name": "o", "items": [{"key": "b"}, {"key": "c"}]},
    }
    texts: dict[TextKey, bytes] = {
        ("ConfigMap", "o", "b"): b"map",
        ("ConfigMap", "o", "c"): b"map",
        ("Secret", "o", "a"): b"secret",
        ("Secret", "o", "b"): b"secret",
    }
    assert rendered({"templateFrom": [entry]}, texts).data == {"a": b"literal", "b": b"secret", "c": b"map"}


def test_rendered_values_are_decoded() -> None:
    from_map = {"configMap": {"name": "m", "items": [{"key": "a"}]}, "valuesDecodingStrategy": "Base64"}
    literal = {"literal": "b: '{{ .user | b64enc }}'\nc: Yw==", "valuesDecodingStrategy": "Auto"}
    texts: dict[TextKey, bytes] = {("ConfigMap", "m", "a"): b"{{ .raw | b64enc }}"}
    assert rendered({"templateFrom": [from_map, literal]}, texts).data == {"a": b"\xff\0", "b": b"bob", "c": b"c"}


def test_a_text_that_is_not_there_is_named() -> None:
    items = [{"key": "conf"}]
    for kind, field in (("ConfigMap", "configMap"), ("Secret", "secret")):
        with pytest.raises(ExtractError) as caught:
            rendered({"templateFrom": [{field: {"name": "tpl", "items": items}}]})
        assert str(caught.value) == (
            f"target.template.templateFrom[0] ({kind} tpl, key conf): "
            f"the {kind} has no such key in the Secret's namespace"
        )


PLACES = [
    ({"data": {"url": "{{ %s }}"}}, 'target.template.data["url"]'),
    ({"templateFrom": [{"literal": "{{ %s }}"}]}, "target.template.templateFrom[0].literal"),
    (metadata(labels={"l": "{{ %s }}"}), 'target.template.metadata.labels["l"]'),
    (metadata(annotations={"e.com/a": "{{ %s }}"}), 'target.template.metadata.annotations["e.com/a"]'),
]


def filled(template: Any, text: str) -> Any:
    match template:
        case dict():
            return {key: filled(value, text) for key, value in template.items()}
        case list():
            return [filled(value, text) for value in template]
    return template.replace("%s", text)


@pytest.mark.parametrize(("template", "place"), PLACES)
def test_syntax_and_functions_are_checked_before_anything_is_read(template: dict[str, Any], place: str) -> None:
    with pytest.raises(TemplateSyntaxError) as caught:
        check_templates(target_of(filled(template, "nope 1")))
    assert str(caught.value).startswith(f"template {place}, line 1, column 4: ")
    assert "nope" in str(caught.value)


@pytest.mark.parametrize(("template", "place"), PLACES)
def test_an_error_while_rendering_names_the_place(template: dict[str, Any], place: str) -> None:
    with pytest.raises(TemplateRenderError) as caught:
        rendered(filled(template, ".absent"))
    assert str(caught.value).startswith(f"template {place}, line 1, column 4: ")
    assert "absent" in str(caught.value)


@pytest.mark.parametrize(
    ("bag", "said"),
    [
        ({"labels": {"a": "c d"}}, "label 'a' has a value that Kubernetes does not allow"),
        ({"template": metadata(labels={"a": "c d"})}, "label 'a' has a value that Kubernetes does not allow"),
        ({"template": {"type": "kubernetes.io/tls"}}, "type kubernetes.io/tls needs key tls.crt and tls.key"),
        ({"template": {"type": "kubernetes.io/tls", "data": {"tls.crt": "x"}}}, "needs key tls.key"),
        ({"template": {"type": "kubernetes.io/basic-auth", "data": {"x": "x"}}}, "needs key username or password"),
        ({"template": {"type": "kubernetes.io/service-account-token"}}, "needs annotation kubernetes.io/service-acc"),
    ],
)
def test_what_no_value_could_put_right_is_said_before_anything_is_read(bag: dict[str, Any], said: str) -> None:
    with pytest.raises(SpecError, match=re.escape(said)):
        check_templates(Target.from_bag(bag), READ.keys())


@pytest.mark.parametrize(
    ("bag", "keys"),
    [
        ({"labels": {"a": ""}, "template": metadata(labels={"a": "{{ .user }} is rendered first"})}, READ.keys()),
        ({"template": {"type": "kubernetes.io/tls"}}, {"tls.crt", "tls.key"}),
        ({"template": {"type": "kubernetes.io/tls"}}, None),
        ({"template": {"type": "kubernetes.io/tls", "templateFrom": [{"literal": "{{ .user }}"}]}}, READ.keys()),
        ({"template": {"type": "kubernetes.io/tls"}, "creationPolicy": "Merge"}, READ.keys()),
        ({"template": {"type": "kubernetes.io/basic-auth"}}, {"username"}),
    ],
)
def test_what_values_or_others_may_yet_put_right_is_not(bag: dict[str, Any], keys: Any) -> None:
    assert check_templates(Target.from_bag(bag), keys) == ()


def test_a_wrong_template_in_the_cluster_names_object_and_key() -> None:
    template = {"templateFrom": [{"configMap": {"name": "m", "items": [{"key": "a"}]}}]}
    assert check_templates(target_of(template)) == ()
    with pytest.raises(TemplateSyntaxError, match=r"templateFrom\[0\] \(ConfigMap m, key a\), line 1, column 4"):
        rendered(template, {("ConfigMap", "m", "a"): b"{{ nope }}"})


def test_functions_that_vary_are_named() -> None:
    template = {
        "data": {"a": "{{ now }}{{ .user | bcrypt }}"},
        "templateFrom": [{"literal": "b: {{ uuidv4 }}"}],
        **metadata(labels={"l": "{{ randAlpha 5 }}"}),
    }
    assert check_templates(target_of(template)) == ("bcrypt", "now", "randAlpha", "uuidv4")
    assert check_templates(target_of()) == check_templates(target_of({"data": {"a": "{{ .user }}"}})) == ()


@pytest.mark.parametrize(
    ("bag", "reason"),
    [
        ({"template": {"data": {"a/b": "x"}}}, "secret key 'a/b' is not allowed"),
        ({"template": metadata(labels={"a b": "x"})}, "label 'a b' is not a name that Kubernetes allows"),
        ({"template": metadata(labels={"A/b": "x"})}, "label 'A/b' is not a name"),
        ({"template": metadata(annotations={"-a": "x"})}, "annotation '-a' is not a name"),
        ({"template": metadata(finalizers=["hold"])}, "finalizer 'hold' is not a name"),
        ({"labels": {"a" * 64: "x"}}, "is not a name"),
        ({"annotations": {"": "x"}}, "annotation '' is not a name"),
    ],
)
def test_names_are_checked_before_anything_is_read(bag: dict[str, Any], reason: str) -> None:
    with pytest.raises(SpecError, match=reason):
        check_templates(Target.from_bag(bag))


@pytest.mark.parametrize(
    ("template", "thing"),
    [
        (metadata(labels={"l": "{{ .pass }} x"}), "label 'l' of template target.template.metadata.labels"),
        (metadata(labels={"l": "{{ .raw }}"}), "label 'l' of template .* is not UTF-8"),
        (metadata(annotations={"l": "{{ .raw }}"}), "annotation 'l' of template .* is not UTF-8"),
        (
            {"templateFrom": [{"target": "Labels", "literal": "a: b\n{{ .pass }}!: x"}]},
            r"label number 2 of template target.template.templateFrom\[0\].literal is not a name",
        ),
        (
            {"templateFrom": [{"literal": "{{ .pass }}!: x"}]},
            r"key number 1 of template target.template.templateFrom\[0\].literal is not allowed: Kubernetes wants a-z",
        ),
        ({"templateFrom": [{"literal": "'': x"}]}, "key number 1 of .* is not allowed"),
        ({"templateFrom": [{"literal": "'{{ repeat 254 .user }}': x"}]}, "key number 1 .* has 762 characters"),
        ({"data": dict.fromkeys("ab", "{{ repeat 1000 .user | repeat 200 }}")}, "its values have 1,200,000 bytes"),
        (metadata(annotations={"l": "{{ repeat 1000 .user | repeat 90 }}"}), "its annotations have 270,001 bytes"),
    ],
)
def test_what_the_api_server_would_refuse_is_refused_without_showing_it(template: dict[str, Any], thing: str) -> None:
    with pytest.raises((WriteError, ExtractError), match=thing) as caught:
        rendered(template)
    assert "s3cret" not in str(caught.value)


TYPES = [
    ("kubernetes.io/tls", {"tls.crt": "", "tls.key": ""}),
    ("kubernetes.io/ssh-auth", {"ssh-privatekey": "x"}),
    ("kubernetes.io/basic-auth", {"username": ""}),
    ("kubernetes.io/basic-auth", {"password": ""}),
    ("kubernetes.io/dockerconfigjson", {".dockerconfigjson": "{}"}),
    ("kubernetes.io/dockercfg", {".dockercfg": " null "}),
    ("Opaque", {"a": ""}),
    ("example.com/mine", {"a": ""}),
]


@pytest.mark.parametrize(("kind", "data"), TYPES)
def test_a_type_has_the_keys_that_it_needs(kind: str, data: dict[str, str]) -> None:
    assert rendered({"type": kind, "data": data}).type == kind


@pytest.mark.parametrize(("kind", "data"), TYPES[:6])
def test_a_type_without_a_key_that_it_needs_names_it_but_where_the_secret_is_shared(
    kind: str, data: dict[str, str]
) -> None:
    with pytest.raises(WriteError, match=f"type {kind} needs (a JSON object in )?key .*{next(iter(data))[-8:]}"):
        rendered({"type": kind, "data": {"other": ""}})
    assert rendered({"type": kind, "data": {"other": ""}}, creationPolicy="Merge").type == kind


@pytest.mark.parametrize("text", ["{{ .pass }}", "[]", "{", '{"auths": NaN}', '{"a": 1} x', ""])
def test_a_docker_config_is_a_json_object(text: str) -> None:
    template = {"type": "kubernetes.io/dockerconfigjson", "data": {".dockerconfigjson": text}}
    with pytest.raises(WriteError, match=r"needs a JSON object in key \.dockerconfigjson"):
        rendered(template)
    with pytest.raises(WriteError, match=r"needs a JSON object in key \.dockerconfigjson"):
        rendered(template, creationPolicy="Merge")


@pytest.mark.parametrize(
    "template",
    [
        {"type": "bootstrap.kubernetes.io/token"},
        {
            "type": "kubernetes.io/service-account-token",
            **metadata(annotations={"kubernetes.io/service-account.name": "admin"}),
        },
        {"type": "kubernetes.io/service-account-token", "templateFrom": [{"target": "Annotations", "literal": ""}]},
    ],
)
def test_secrets_that_would_give_access_to_the_cluster_are_refused(template: dict[str, Any]) -> None:
    with pytest.raises(SpecError, match=r"template.type .* is not allowed"):
        target_of(template)


def test_what_is_wrong_with_template_from() -> None:
    for entry, reason in (
        ({}, "exactly one of literal, configMap and secret"),
        ({"configMap": {"name": "m", "items": []}}, "at least one item"),
        ({"literal": "", "target": "spec.x"}, "templateFrom.target 'spec.x' is not known"),
        ({"literal": "", "valuesDecodingStrategy": "x"}, "valuesDecodingStrategy 'x' is not known"),
        ({"secret": {"name": "s", "items": [{"key": "a", "templateAs": "x"}]}}, "templateAs 'x' is not known"),
    ):
        with pytest.raises(SpecError, match=reason):
            target_of({"templateFrom": [entry]})
