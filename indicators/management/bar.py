"""The bar that commands draw while the worker works."""

from django.core.management.base import OutputWrapper

WIDTH = 30


def draw(stream: OutputWrapper, label: str, done: int, total: int, is_silent: bool = False) -> None:
    full = WIDTH * done // max(total, 1)
    silence = " · aucun signe du travailleur" if is_silent else ""
    line = f"{label} [{'#' * full}{'.' * (WIDTH - full)}] {done} / {total}{silence}"
    stream.write(f"\r{line.ljust(90)}", ending="")
    stream.flush()
