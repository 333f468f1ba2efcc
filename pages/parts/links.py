"""What a page looks at stands in its address: the job, the filter, the mark that was clicked, the step of the trend,
the words that are hidden.

So a link shows what its sender saw, and going back undoes a click. Widgets are set from the address at each run and
write to it when they change. The menu's links carry no address: job and filter are kept in the session as well, only to
open the next page with them.
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
#: The mark's parameters are a filter's, with this before each name; a clicked word stands under its plain name.
_MARK = "at."
#: What one page lets choose beside the filter stands under this and stays there until the page changes it.
_OPTION = "o."
#: Job and filter that this session looked at last, as parameters.
_KEPT = "links_kept"


def job_id() -> str:
    """Return the job of this page; "" = none chosen."""
    return str(st.query_params.get(JOB, ""))


def open_job(identity: str) -> None:
    """Look at another job; filter and mark belong to the old one and go."""
    st.query_params.from_dict({JOB: identity} if identity else {})


def onto() -> str:
    """Return the job that a new one is to take up; "" = none."""
    return str(st.query_params.get(_ONTO, ""))


def continue_job(identity: str) -> None:
    """Prepare a job that takes up another one."""
    st.query_params.from_dict({_ONTO: identity})


def keep() -> None:
    """Remember the job and the filter of this page for the next one that the menu opens."""
    st.session_state[_KEPT] = {JOB: job_id()} | to_params(chosen()[0])


def take_up(known: Container[str]) -> None:
    """Open what this session looked at last; a filter that the address has already stays.

    Args:
        known: Ids of the jobs there are: the one remembered may have been deleted since.
    """
    kept: dict[str, str] = st.session_state.get(_KEPT, {})
    if kept.get(JOB) in known:
        own = to_params(chosen()[0])
        st.query_params.from_dict({JOB: kept[JOB]} | own if own else kept)


def chosen() -> tuple[Filter, list[str]]:
    """Return the filter, and a remark for each part of the address that makes no sense."""
    return from_params(st.query_params)


def mark() -> Filter:
    """Return what the clicked mark stands for, beside the filter; the default filter = none is clicked."""
    params = st.query_params.to_dict()
    return from_params({name.removeprefix(_MARK): v for name, v in params.items() if name.startswith(_MARK)})[0]


def shown() -> Filter:
    """Return the filter of the comments under the charts: the page's own and the mark's together."""
    return narrow(chosen()[0], mark())


def frequency() -> Frequency | None:
    """Return the step of the trend; None = automatic."""
    asked = st.query_params.get(_FREQUENCY)
    return Frequency(asked) if asked in set(Frequency) else None


def hidden() -> tuple[str, ...]:
    """Return the words that the user does not want to see among the telling ones."""
    return tuple(word for word in str(st.query_params.get(_HIDDEN, "")).split(",") if word)


def set_hidden(words: Iterable[str]) -> None:
    """Hide other words; a comma ends a word."""
    kept = dict.fromkeys(part.strip().lower() for word in words for part in word.replace("\uff0c", ",").split(","))
    _write(chosen()[0], mark(), frequency(), tuple(word for word in kept if word))


def set_filter(changed: Filter) -> None:
    """Look at other comments of the same job; a clicked mark goes, since its chart changes."""
    _write(changed, Filter(), frequency(), hidden())


def set_mark(clicked: Filter | None) -> None:
    """Look at the comments behind one mark; None = behind all."""
    _write(chosen()[0], clicked or Filter(), frequency(), hidden())


def address_of(clicked: Filter) -> dict[str, str]:
    """Return the address of this job's pages with a mark clicked, for a link to another page."""
    return _address(chosen()[0], clicked, None, ())


def set_frequency(step: Frequency | None) -> None:
    """Draw the trend in other steps; a clicked bucket goes."""
    _write(chosen()[0], Filter(), step, hidden())


def option(name: str, default: str = "") -> str:
    """Return what was chosen on this page beside the filter."""
    return str(st.query_params.get(_OPTION + name, default))


def set_options(changed: Mapping[str, str]) -> None:
    """Choose something on this page; "" goes back to the default. A clicked mark goes, since its chart changes."""
    kept = {name: value for name, value in _options().items() if name not in {_OPTION + one for one in changed}}
    kept |= {_OPTION + name: value for name, value in changed.items() if value}
    st.query_params.from_dict(_address(chosen()[0], Filter(), frequency(), hidden()) | kept)


def note(name: str, value: str) -> None:
    """Write something beside the mark into the address; "" takes it out. What is looked at stays."""
    if option(name) == value:
        return
    if value:
        st.query_params[_OPTION + name] = value
    else:
        del st.query_params[_OPTION + name]


def option_filter(name: str) -> Filter | None:
    """Return a filter that was chosen on this page beside the page's own; None = none was."""
    begin = f"{_OPTION}{name}."
    found = {key.removeprefix(begin): value for key, value in _options().items() if key.startswith(begin)}
    return from_params(found)[0] if found else None


def options_of(name: str, wanted: Filter | None) -> dict[str, str]:
    """Write a filter as options for ``set_options``, with an empty value for each that was chosen before."""
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
