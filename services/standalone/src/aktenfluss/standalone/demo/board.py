"""What the audience of the demo sees: scenes, bars, the running balance, tables."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from aktenfluss.delivery import Finding

from .figures import Figure
from .office import Balance


class Board:
    """Draws on a console; at a terminal bars and balances move, elsewhere their last state is printed."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._began = perf_counter()

    def scene(self, title: str) -> None:
        """Begin a scene, with the seconds since the board was set up."""
        self.console.print(f"\n[bold]{title}[/bold] [dim]{perf_counter() - self._began:.0f} s[/dim]", highlight=False)

    def say(self, text: str) -> None:
        self.console.print(text, highlight=False, soft_wrap=True)

    @contextmanager
    def counting(self, label: str, total: int) -> Iterator[Callable[[int], None]]:
        """Show a bar and lend what moves it."""
        with Progress(
            TextColumn("  {task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self.console,
        ) as progress:
            task = progress.add_task(label, total=total)
            yield lambda count: progress.advance(task, count)

    @contextmanager
    def pushing(self, label: str) -> Iterator["PushView"]:
        view = PushView(label)
        with Live(view, console=self.console, refresh_per_second=8):
            yield view
            view.finish()
        if not self.console.is_terminal:
            self.console.print()

    def findings(self, findings: Sequence[Finding]) -> None:
        table = Table("order item", "rule", "what", "way out", title="Rejected", title_justify="left")
        for finding in findings:
            table.add_row(finding.item, finding.rule, finding.detail, finding.way_out)
        self.console.print(table)

    def figures(self, figures: Sequence[Figure]) -> None:
        table = Table("figure", "planned", "found", "", title="Figures", title_justify="left")
        for figure in figures:
            mark = "[green]as planned[/green]" if figure.as_planned else "[red]NOT as planned[/red]"
            table.add_row(figure.name, _shown(figure.planned), _shown(figure.found), mark)
        self.console.print(table)


class PushView:
    """One push: how many bytes are sent, and under it where the case files are."""

    def __init__(self, label: str) -> None:
        self._bar = Progress(TextColumn("  {task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
        self._task = self._bar.add_task(label, total=None)
        self._balance: Balance | None = None

    def expect(self, _contents: int, size_bytes: int) -> None:
        self._bar.update(self._task, total=size_bytes)

    def advance(self, size_bytes: int) -> None:
        self._bar.advance(self._task, size_bytes)

    def show(self, balance: Balance) -> None:
        self._balance = balance

    def finish(self) -> None:
        """Show a full bar, also where nothing was to be sent."""
        if self._bar.tasks[0].total is None:
            self._bar.update(self._task, total=0)

    def __rich__(self) -> Group:
        return Group(self._bar, *([_balance_table(self._balance)] if self._balance else []))


def _balance_table(balance: Balance) -> Table:
    table = Table("listed", "filed", "missing", "rejected", "under way")
    table.add_row(*map(str, (balance.listed, balance.filed, balance.missing, balance.rejected, balance.accepted)))
    return table


def _shown(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
