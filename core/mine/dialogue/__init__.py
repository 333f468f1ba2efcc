"""Customer-service dialogues: turns, the customer's mood, points to review, satisfaction.

``find_layout`` detects how a table stores them, ``cut`` and ``with_roles`` make turns, ``assess`` applies the rules,
``open_model`` loads the trained weights. Scoring is not done here: the model's outputs are passed in as arrays.
"""

from core.mine.dialogue.columns import Layout, find_layout
from core.mine.dialogue.features import HEADS, Round
from core.mine.dialogue.moments import moment_of, seconds_between
from core.mine.dialogue.mood import Assessment, Heard, assess, mood_of, waits
from core.mine.dialogue.review import concern, reasons
from core.mine.dialogue.satisfaction import Model, fits, open_model
from core.mine.dialogue.sentences import sentences
from core.mine.dialogue.turns import Turn, cut, person_of, role_of, with_roles

__all__ = [
    "HEADS",
    "Assessment",
    "Heard",
    "Layout",
    "Model",
    "Round",
    "Turn",
    "assess",
    "concern",
    "cut",
    "find_layout",
    "fits",
    "moment_of",
    "mood_of",
    "open_model",
    "person_of",
    "reasons",
    "role_of",
    "seconds_between",
    "sentences",
    "waits",
    "with_roles",
]
