"""The REST front door: HTTP requests in, scores out."""

from __future__ import annotations

from core.api.app import close, create, warm
from core.api.mounting import metrics_beside, mounted

__all__ = ["close", "create", "metrics_beside", "mounted", "warm"]
