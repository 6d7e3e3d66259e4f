"""Tables between steps: damage is refused at reading, with one message."""

import numpy as np
import pandas as pd
import pytest

from calcinosis import made
from calcinosis.errors import InputError
from calcinosis.frames import read_frame, write_frame


def table() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "patient_id": [f"P{i:03}" for i in range(20)],
            "age": rng.integers(20, 80, 20),
            "t_score": rng.normal(size=20).round(1),
            "sex": pd.Categorical(["female", "male"] * 10),
        }
    )


def test_what_is_written_is_read(tmp_path):
    write_frame(table(), tmp_path / "x.parquet")
    pd.testing.assert_frame_equal(read_frame(tmp_path / "x.parquet"), table())


def test_every_flipped_byte_and_every_truncation(tmp_path, monkeypatch):
    """What page checksums leave unseen, the hash of the whole file, which steps compare, sees."""
    monkeypatch.chdir(tmp_path)
    home = tmp_path / "results" / "here" / "private"
    (home / "logs").mkdir(parents=True)
    name = "results/here/private/x.parquet"
    path = tmp_path / name
    write_frame(table(), path)
    made.write("results/here/private/logs/x.log", {}, {}, [name])
    whole = path.read_bytes()
    damaged = [whole[:i] + bytes([whole[i] ^ 255]) + whole[i + 1 :] for i in range(len(whole))]
    damaged += [whole[:length] for length in range(0, len(whole), 7)]
    unseen = {"flipped": 0, "truncated": 0}
    for content in damaged:
        path.write_bytes(content)
        with pytest.raises(InputError):
            made.checked([name])
        try:
            same = read_frame(path).equals(table())
        except InputError as error:
            assert error.message.startswith(f"{path} is damaged (")
            assert f"--forcerun {path}" in error.message
            assert "P0" not in error.message
        else:
            kind = "flipped" if len(content) == len(whole) else "truncated"
            unseen[kind] += 1
            unseen[f"{kind}, other values"] = unseen.get(f"{kind}, other values", 0) + (not same)
    # docs/reliability.md has these numbers; they are of this version of pyarrow.
    print(f"{len(whole)} bytes; not noticed by checksums of pages: {unseen}")
    assert unseen["truncated"] == 0
    assert unseen["flipped"] < len(whole) / 2
    path.write_bytes(whole)
    assert list(made.checked([name])) == [name]
