"""The state of a page is in its URL: the job, the filter, the clicked mark, the step of the trend, the hidden words.

So a link shows what its sender saw, and going back undoes a click. Widgets are set from the URL at each run and write
to it when they change. The menu's links carry no parameters: job and filter are also kept in the session, only to open
the next page with them.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping

import streamlit as st

from core.analyse import from_params, narrow, to_params
from core.results import Frequency
from core.schema import Filter

JOB = "job"
_ONTO = "onto"
_FREQUENCY = "freq"
_HIDDEN = "hide"
#: The mark's parameters are a filter's with this prefix; a clicked word uses its plain name.
_MARK = "at."
#: Prefix of a page's own options besides the filter; they persist until the page changes them.
_OPTION = "o."
#: Job and filter last viewed in this session, as parameters.
_KEPT = "links_kept"


def job_id() -> str:
    """Return the job of this page; "" = none chosen."""
    return str(st.query_params.get(JOB, ""))


def open_job(identity: str) -> None:
    """Open another job; filter and mark belong to the old one and are dropped."""
    st.query_params.from_dict({JOB: identity} if identity else {})


def onto() -> str:
    """Return the job that a new one continues; "" if none."""
    return str(st.query_params.get(_ONTO, ""))


def continue_job(identity: str) -> None:
    """Prepare a job that continues another one."""
    st.query_params.from_dict({_ONTO: identity})


def keep() -> None:
    """Remember the job and the filter of this page for the next one that the menu opens."""
    st.session_state[_KEPT] = {JOB: job_id()} | to_params(chosen()[0])


def take_up(known: Container[str]) -> None:
    """Open what this session last viewed; a filter already in the URL stays.

    Args:
        known: Ids of the existing jobs; the remembered one may have been deleted since.
    """
    kept: dict[str, str] = st.session_state.get(_KEPT, {})
    if kept.get(JOB) in known:
        own = to_params(chosen()[0])
        st.query_params.from_dict({JOB: kept[JOB]} | own if own else kept)


def chosen() -> tuple[Filter, list[str]]:
    """Return the filter, and a remark for each invalid parameter of the URL."""
    return from_params(st.query_params)


def mark() -> Filter:
    """Return the filter of the clicked mark, besides the page's own; the default filter if none is clicked."""
    params = st.query_params.to_dict()
    return from_params({name.removeprefix(_MARK): v for name, v in params.items() if name.startswith(_MARK)})[0]


def shown() -> Filter:
    """Return the filter of the comments under the charts: the page's own combined with the mark's."""
    return narrow(chosen()[0], mark())


def frequency() -> Frequency | None:
    """Return the step of the trend; None = automatic."""
    asked = st.query_params.get(_FREQUENCY)
    return Frequency(asked) if asked in set(Frequency) else None


def hidden() -> tuple[str, ...]:
    """Return the words that the user hides from the distinctive ones."""
    return tuple(word for word in str(st.query_params.get(_HIDDEN, "")).split(",") if word)


def set_hidden(words: Iterable[str]) -> None:
    """Replace the hidden words; a comma ends a word."""
    kept = dict.fromkeys(part.strip().lower() for word in words for part in word.replace("\uff0c", ",").split(","))
    _write(chosen()[0], mark(), frequency(), tuple(word for word in kept if word))


def set_filter(changed: Filter) -> None:
    """Change the filter of the same job; a clicked mark is dropped, since its chart changes."""
    _write(changed, Filter(), frequency(), hidden())


def set_mark(clicked: Filter | None) -> None:
    """Show the comments behind one mark; None = all comments."""
    _write(chosen()[0], clicked or Filter(), frequency(), hidden())


def address_of(clicked: Filter) -> dict[str, str]:
    """Return the parameters that open another page of this job with a mark clicked."""
    return _address(chosen()[0], clicked, None, ())


def set_frequency(step: Frequency | None) -> None:
    """Change the step of the trend; a clicked bucket is dropped."""
    _write(chosen()[0], Filter(), step, hidden())


def option(name: str, default: str = "") -> str:
    """Return an option of this page besides the filter."""
    return str(st.query_params.get(_OPTION + name, default))


def set_options(changed: Mapping[str, str]) -> None:
    """Set options of this page; "" restores the default. A clicked mark is dropped, since its chart changes."""
    kept = {name: value for name, value in _options().items() if name not in {_OPTION + one for one in changed}}
    kept |= {_OPTION + name: value for name, value in changed.items() if value}
    st.query_params.from_dict(_address(chosen()[0], Filter(), frequency(), hidden()) | kept)


def note(name: str, value: str) -> None:
    """Store a note about the mark in the URL; "" removes it. The comments shown stay."""
    if option(name) == value:
        return
    if value:
        st.query_params[_OPTION + name] = value
    else:
        del st.query_params[_OPTION + name]


def option_filter(name: str) -> Filter | None:
    """Return a filter stored as options of this page besides its own; None if there is none."""
    begin = f"{_OPTION}{name}."
    found = {key.removeprefix(begin): value for key, value in _options().items() if key.startswith(begin)}
    return from_params(found)[0] if found else None


def options_of(name: str, wanted: Filter | None) -> dict[str, str]:
    """Return a filter as options for ``set_options``, with an empty value for each that was set before."""
    begin = f"{_OPTION}{name}."
    before = {key.removeprefix(_OPTION): "" for key in _options() if key.startswith(begin)}
    return before | {f"{name}.{key}": value for key, value in to_params(wanted or Filter()).items()}


def _options() -> dict[str, str]:
    return {name: str(value) for name, value in st.query_params.to_dict().items() if name.startswith(_OPTION)}


def _write(page: Filter, clicked: Filter, step: Frequency | None, words: tuple[str, ...]) -> None:
    st.query_params.from_dict(_address(page, clicked, step, words) | _options())


def _address(page: Filter, clicked: Filter, step: Frequency | None, words: tuple[str, ...]) -> dict[str, str]:
    params = {JOB: job_id()} | to_params(page) | {_MARK + name: v for name, v in to_params(clicked).items()}
    if step is not None:
        params[_FREQUENCY] = step.value
    if words:
        params[_HIDDEN] = ",".join(words)
    return params
