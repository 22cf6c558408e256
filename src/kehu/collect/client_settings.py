"""What browser libraries ask for before they send: the smallest answers that make them load. Pure."""

from typing import Any

from kehu.clean.source_view import SourceView


def segment_settings(write_key: str, host: str, protocol: str) -> dict[str, Any]:
    """For analytics.js 2. Without `Segment.io` it would send to its vendor; with a second key it would load code."""
    return {
        "integrations": {
            "Segment.io": {
                "apiKey": write_key,
                "apiHost": f"{host}/v1",
                "protocol": protocol,
                "unbundledIntegrations": [],
                "addBundledMetadata": True,
                "maybeBundledConfigIds": {},
            }
        },
        "plan": {},
        "middlewareSettings": {},
        "enabledMiddleware": {},
        "metrics": {"sampleRate": 0},
        "remotePlugins": [],
        "edgeFunction": {},
    }


def rudder_source_config(source: SourceView, write_key: str) -> dict[str, Any]:
    """For RudderStack's browser library: a source without destinations, telling nobody of its errors."""
    off = {"enabled": False}
    return {
        "source": {
            "id": str(source.id),
            "name": source.slug,
            "writeKey": write_key,
            "enabled": source.is_enabled,
            "workspaceId": "kehu",
            "config": {"statsCollection": {"errors": off, "metrics": off}},
            "connections": [],
            "destinations": [],
            "dataplanes": {},
        }
    }
