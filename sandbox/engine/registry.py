"""The providers of one operation: loads their plugins, configures them, and finds the one that a resource refers to."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping

from sandbox.engine.answers import Check, Diff
from sandbox.engine.configuration import Configuration
from sandbox.engine.errors import ProviderError
from sandbox.engine.plugins import DYNAMIC_PACKAGE, PluginSettings, start_plugin
from sandbox.engine.provider import Provider
from sandbox.engine.state import Resource
from sandbox.engine.urn import package_of, provider_id, provider_reference, provider_urn, type_of
from sandbox.engine.values import UNKNOWN_ID, PropertyMap, Secret, equal, unwrap

# Marks inputs among which there are the engine's own keys, which the plugin never sees. Outputs do not carry the mark.
_INTERNAL = "__internal"
_INTERNAL_KEYS = (_INTERNAL, "version", "pluginDownloadURL", "pluginChecksums")


def default_provider_inputs(package: str, version: str, configuration: Configuration) -> PropertyMap:
    """Build the inputs of a package's default provider from the stack's configuration.

    Dynamic providers get the whole configuration with full keys; others get the keys of their own namespace.
    """
    inputs: PropertyMap = {}
    for key, value in configuration.items():
        namespace, _, name = key.partition(":")
        if package == DYNAMIC_PACKAGE:
            name = key
        elif namespace != package:
            continue
        inputs[name] = Secret(value.text) if value.secret else value.text
    if version:
        inputs[_INTERNAL] = {}
        inputs["version"] = version
    return inputs


class ProviderRegistry:
    """Provider resources are managed here: checking and diffing their configuration, creating, keeping, deleting."""

    def __init__(self, settings: PluginSettings, olds: Mapping[str, Resource]) -> None:
        self._settings = settings
        self._olds = olds
        self._checked: dict[str, Provider] = {}
        self._ready: dict[str, Provider] = {}
        self._started: list[Provider] = []
        self._loading: dict[str, asyncio.Lock] = {}

    def get(self, reference: str) -> Provider | None:
        """Find a configured provider by its reference."""
        return self._ready.get(reference)

    async def check(self, urn: str, olds: PropertyMap, news: PropertyMap) -> Check:
        """Load the plugin and let it check its configuration."""
        provider = await self._load(urn, news)
        self._checked[urn] = provider
        result = await provider.check_config(urn, _config(olds), _config(news))
        return Check({**result.inputs, **{key: news[key] for key in _INTERNAL_KEYS if key in news}}, result.failures)

    async def diff(self, urn: str, old_inputs: PropertyMap, old_outputs: PropertyMap, news: PropertyMap) -> Diff:
        """Ask whether a change of the configuration updates or replaces the provider resource."""
        provider = self._checked.get(urn) or await self._load(urn, news)
        mark: PropertyMap = {_INTERNAL: {}} if _INTERNAL in old_inputs else {}
        outputs = _config({**old_outputs, **mark})
        diff = await provider.diff_config(urn, _config(old_inputs), outputs, _config(news))
        if diff.changes is None:
            return Diff(changes=not equal(unwrap(old_inputs), unwrap(news)))
        return diff

    async def create(self, urn: str, inputs: PropertyMap, *, preview: bool) -> tuple[str, PropertyMap]:
        """Configure a new provider and give it an id."""
        id_ = UNKNOWN_ID if preview else str(uuid.uuid4())
        return id_, await self.update(urn, id_, inputs)

    async def update(self, urn: str, id_: str, inputs: PropertyMap) -> PropertyMap:
        """Configure a provider again and give back its outputs."""
        await self.use(urn, id_, inputs)
        return {key: value for key, value in inputs.items() if key != _INTERNAL}

    async def use(self, urn: str, id_: str, inputs: PropertyMap) -> Provider:
        """Configure the provider and make it available under its reference."""
        provider = self._checked.pop(urn, None) or await self._load(urn, inputs)
        await provider.configure(urn, id_, _config(inputs))
        self._ready[provider_reference(urn, id_)] = provider
        return provider

    async def ensure(self, reference: str) -> Provider:
        """Return the provider, loading it as the state has it when the program has not registered it.

        Raises:
            ProviderError: The state does not know it.
        """
        lock = self._loading.setdefault(reference, asyncio.Lock())
        async with lock:
            provider = self._ready.get(reference)
            if provider is None:
                urn, id_ = provider_urn(reference), provider_id(reference)
                old = self._olds.get(urn)
                if old is None or old.id != id_:
                    raise ProviderError(f"unknown provider '{reference}'")
                provider = await self.use(urn, id_, old.inputs)
            return provider

    async def stop(self) -> None:
        """End all plugin processes."""
        await asyncio.gather(*(provider.stop() for provider in self._started))

    async def _load(self, urn: str, inputs: PropertyMap) -> Provider:
        package = package_of(type_of(urn))
        version = inputs.get("version") if _INTERNAL in inputs else ""
        provider = Provider(await start_plugin(package, str(version or ""), self._settings))
        self._started.append(provider)
        project = self._settings.project
        await provider.handshake(self._settings.engine_address, str(project.root), str(project.program_directory))
        return provider


def _config(inputs: PropertyMap) -> PropertyMap:
    if _INTERNAL not in inputs:
        return inputs
    return {key: value for key, value in inputs.items() if key not in _INTERNAL_KEYS}
