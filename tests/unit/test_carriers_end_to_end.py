"""The export of `early_ssc` as workbook and as Stata file gives the estimates of its CSV files."""

import csv
import importlib.util
import shutil
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from builders import ROOT
from carrier_files import TYPED

from calcinosis import cohort


class Files(SimpleNamespace):
    """Named files, as the engine hands them to a script."""

    def get(self, name):
        return getattr(self, name, None)

    def __getitem__(self, name):
        return getattr(self, name)


def step(script: str, *arguments) -> None:
    path = ROOT / "workflow" / "scripts" / f"{script}.py"
    spec = importlib.util.spec_from_file_location(script, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.main(*arguments)
