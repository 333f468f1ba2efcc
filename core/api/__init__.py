"""The REST front door: HTTP requests in, scores out."""

from __future__ import annotations

from core.api.app import create

__all__ = ["create"]
