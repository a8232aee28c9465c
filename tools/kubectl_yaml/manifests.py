"""Manifests as people write them, for the mutations to start from."""

MANIFESTS = (
    """\
# one secret, the short way
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: db, namespace: team-a, annotations: {window: 22:30, "on-call": yes}}
spec:
  secretStoreRef: {name: team-a}
  data: [{secretKey: a, remoteRef: {key: /p, version: 3}}]
""",
    """\
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata:
  name: shop
  labels: &labels
    app.kubernetes.io/name: shop
    release: "1.10"
spec:
  refreshInterval: 1h
  target:
    template:
      metadata:
        labels:
          <<: *labels
          tier: web
      data:
        config.yaml: |
          url: "https://{{ .user }}:{{ .password }}@db:5432"
          retries: 3

        motd: >-
          Hello
          there
  dataFrom:
  - find:
      path: /shop
      name: {regexp: ".*"}
    rewrite:
    - regexp: {source: "^/shop/(.*)$", target: "$1"}
---
apiVersion: external-secrets.io/v1
kind: SecretStore
metadata: {name: team-a, namespace: team-a}
spec:
  provider:
    aws: {service: ParameterStore, region: eu-central-1, role: "arn:aws:iam::123456789012:role/reader"}
""",
    """\
apiVersion: v1
kind: Config
current-context: test
clusters:
- name: test
  cluster:
    server: https://a.test:6443
    certificate-authority-data: LS0tLS1CRUdJTg==
contexts:
- {name: test, context: {cluster: test, user: test, namespace: 007}}
users:
- name: test
  user:
    exec: {apiVersion: client.authentication.k8s.io/v1, command: aws, args: [eks, get-token], env: null}
    token: "0123456789"
""",
    """\
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: a}
  data: {ENABLED: "true", PORT: "8080", off: 'x', ~: y}
- apiVersion: apps/v1
  kind: Deployment
  metadata:
    name: {{ .Release.Name }}
  spec:
    replicas: 0x2
    template: {spec: {containers: [{name: a, args: ["-c", 'echo "hi" # no']}]}}
""",
)
