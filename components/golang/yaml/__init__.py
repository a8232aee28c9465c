"""Reads YAML and JSON with the values that kubectl gets.

kubectl splits a file at its lines of `---`, parses each part with go.yaml.in/yaml/v2 (a port of libyaml), and turns it
into JSON (sigs.k8s.io/yaml). `documents` does the same: libyaml parses, `scalars` gives plain words Go's meaning, and
`composer` builds the values without recursion, in bounded time and memory. tools/kubectl_yaml holds all of it to Go.
"""
