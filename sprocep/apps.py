from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "sprocep"
    verbose_name = "Noyau"

    def ready(self) -> None:
        from sprocep import checks  # noqa: F401 — registers the system checks
