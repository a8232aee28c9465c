"""Runs the provider as a plugin process."""

from sandbox.providers.plugin import serve

from .provider import KubernetesProvider

if __name__ == "__main__":
    serve(KubernetesProvider())
