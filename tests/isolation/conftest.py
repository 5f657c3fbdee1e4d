from tests.filled import filled

__all__ = ["filled"]
