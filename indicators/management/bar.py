"""The bar that commands draw while the worker works."""

from collections.abc import Callable

from django.core.management.base import OutputWrapper

WIDTH = 30


def draw(stream: OutputWrapper, label: str, done: int, total: int, is_silent: bool = False) -> None:
    full = WIDTH * done // max(total, 1)
    silence = " · aucun signe du travailleur" if is_silent else ""
    line = f"{label} [{'#' * full}{'.' * (WIDTH - full)}] {done} / {total}{silence}"
    stream.write(f"\r{line.ljust(90)}", ending="")
    stream.flush()


def report_to(stream: OutputWrapper, label: str) -> Callable[[int, int, bool], None]:
    """A bar for who looks at a terminal; a file keeps none."""

    def report(done: int, total: int, is_silent: bool) -> None:
        if stream.isatty():
            draw(stream, f"  {label}", done, total, is_silent)
            if done == total:
                stream.write("\r", ending="")

    return report
