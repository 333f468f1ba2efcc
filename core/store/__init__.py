"""The labelled table on disk: Parquet files hold the rows, SQLite the catalogue and the corrections."""

from core.store.cache import CachedEmotion, CachedScore, ScoreCache
from core.store.catalogue import Catalogue, Correction
from core.store.chunks import Chunks
from core.store.data_folder import Store, open_store
from core.store.derived import Derived
from core.store.packs import PackFiles
from core.store.table import LabelledTable
from core.store.uploads import Kept, Uploads

__all__ = [
    "CachedEmotion",
    "CachedScore",
    "Catalogue",
    "Chunks",
    "Correction",
    "Derived",
    "Kept",
    "LabelledTable",
    "PackFiles",
    "ScoreCache",
    "Store",
    "Uploads",
    "open_store",
]
