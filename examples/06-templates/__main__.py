"""Three kinds of Secrets that are rendered out of parameters."""

from pulumi_parameter_store import ExternalSecret, Extract, RemoteRef, SecretStore, Target, Template

store = SecretStore("team-a", namespace="team-a", region="eu-central-1")
ExternalSecret(
    "web-tls",
    store=store,
    data={"tls.crt": RemoteRef("/web/tls", property="crt"), "tls.key": RemoteRef("/web/tls", property="key")},
    target=Target(template=Template(type="kubernetes.io/tls")),
)
DOCKER = """{{ $auth := printf "%s:%s" .user .password | b64enc -}}
{{ dict "auths" (dict .host (dict "username" .user "password" .password "auth" $auth)) | toJson }}"""
ExternalSecret(
    "pull",
    store=store,
    data_from=[Extract("/registry")],
    target=Target(template=Template({".dockerconfigjson": DOCKER}, type="kubernetes.io/dockerconfigjson")),
)
ENV = """DB_USER={{ .user }}
DB_PASSWORD={{ .password | quote }}
"""
ExternalSecret("env", store=store, data_from=[Extract("/app/db")], target=Target(template=Template({".env": ENV})))
