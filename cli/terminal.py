"""Where output goes: one console for answers, one for everything said about them."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.text import Text

#: Columns where nobody looks at a terminal: wide enough that nothing is cut off.
PIPED_COLUMNS = 140


class _Console(Console):
    def on_broken_pipe(self) -> None:
        # That nobody reads on is no error; rich itself would end with status 1.
        self.quiet = True
        raise BrokenPipeError


def answers() -> Console:
    """Standard output, for what was asked for."""
    return _console(stderr=False)


def notes() -> Console:
    """Standard error, for progress, remarks and errors."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    console = _Console(stderr=stderr, highlight=False, soft_wrap=False)
    if not console.is_terminal and not os.environ.get("COLUMNS"):
        console.width = PIPED_COLUMNS
    return console


def print_line(console: Console, line: Text) -> None:
    """Print one line: cut off at a terminal's edge, whole where it goes anywhere else."""
    if console.is_terminal:
        console.print(line, no_wrap=True, overflow="ellipsis")
    else:
        console.print(line, soft_wrap=True)


def is_person() -> bool:
    """Whether there is somebody to answer a question."""
    return sys.stdin.isatty()


def plain(text: str) -> None:
    """Print text for a program, exactly as it is."""
    sys.stdout.write(text if text.endswith("\n") else text + "\n")
    sys.stdout.flush()


class Speed(ProgressColumn):
    """How many of its unit a task does in a second."""

    def render(self, task: Task) -> Text:
        """As "12,345 events/s"; nothing before there is a speed."""
        speed = task.finished_speed or task.speed
        if not speed or not task.fields["unit"]:
            return Text("")
        scale, unit = task.fields["scale"], task.fields["unit"]
        return Text(f"{speed / scale:,.0f} {unit}/s", style="bright_black")


@contextmanager
def progress_bars(console: Console) -> Iterator[Progress]:
    """Progress bars that stay when done; on something other than a terminal, nothing."""
    with Progress(
        TextColumn("{task.description:<11}"),
        BarColumn(bar_width=28),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(compact=True, elapsed_when_finished=True),
        Speed(),
        console=console,
        disable=not console.is_terminal,
    ) as progress:
        yield progress


def add_bar(bars: Progress, name: str, unit: str, scale: float = 1) -> TaskID:
    """A new bar; its speed is shown in units of so many steps."""
    return bars.add_task(name, total=None, unit=unit, scale=scale)
