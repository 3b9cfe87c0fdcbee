from pathlib import Path


class Uploads:
    def __init__(self, out: Path) -> None:
        self.out = out
