"""Makes the tables and arrays of tests/fixtures/tables/ and examples/data/iris.csv: written by pandas and NumPy, and what
scikit-learn makes of them.

Usage: python bench/reference/make_tables.py, with pandas and scikit-learn installed
A second.
"""

import base64
import io
import json
import pathlib

import numpy as np
import pandas as pd
import sklearn
from numpy.lib import format as npy
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_iris
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler

ROOT = pathlib.Path(__file__).parents[2]
OUTPUT = ROOT / "tests/fixtures/tables"
MADE_WITH = {"numpy": np.__version__, "pandas": pd.__version__, "scikit-learn": sklearn.__version__}


def iris():
    """Fisher's measurements of 1936, which are in the public domain."""
    data = load_iris()
    names = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
    frame = pd.DataFrame(data.data, columns=names)
    frame["species"] = [data.target_names[label] for label in data.target]
    frame.to_csv(ROOT / "examples/data/iris.csv", index=False)
    numbers = data.data.astype(np.float32).astype(np.float64)
    standard = StandardScaler().fit(numbers)
    return {
        "rows": numbers.tolist(),
        "labels": data.target.tolist(),
        "mean": standard.mean_.tolist(),
        "std": standard.scale_.tolist(),
        "range": MinMaxScaler((-1, 1)).fit_transform(numbers).tolist(),
    }


def homes():
    """Text with delimiters, quotes and line ends in it, categories, and missing values."""
    frame = pd.DataFrame(
        {
            "address": ['1, "Main" St', "2\nSide St", "München 3", "4 End", "5; Hill"],
            "rooms": [3, 2, np.nan, 5, 4],
            "heating": ["gas", "oil", "gas", None, "wood"],
            "area": [80.5, 1e-3, 120, -4.25e2, np.nan],
            "sold": [True, False, True, True, False],
            "price": [250000.5, 180000, 310000, 420000, 95000],
        }
    )
    means = ColumnTransformer(
        [
            ("numbers", SimpleImputer(strategy="mean"), ["rooms", "area"]),
        ]
    ).fit_transform(frame)
    heating = OneHotEncoder(sparse_output=False).fit(frame[["heating"]].dropna())
    known = frame["heating"].notna()
    encoded = np.zeros((len(frame), 3))
    encoded[known] = heating.transform(frame.loc[known, ["heating"]])
    encoded[~known] = encoded[known].mean(axis=0)
    text = lambda **options: frame.to_csv(**options)
    return {
        "files": {
            "comma": text(index=False),
            "semicolon": text(index=False, sep=";", lineterminator="\r\n"),
            "tab": text(index=False, sep="\t", na_rep="NA"),
            "quoted": text(index=False, quoting=1),
            "withIndex": text(),
            "withoutHeader": text(index=False, header=False),
            "withMark": "\ufeff" + text(index=False),
        },
        "categories": heating.categories_[0].tolist(),
        "rooms, area, heating": np.hstack([means, encoded]).tolist(),
        "price": frame["price"].tolist(),
    }


def saved(array, version=None):
    file = io.BytesIO()
    if version is None:
        np.save(file, array)
    else:
        npy.write_array(file, array, version=version, allow_pickle=True)
    return base64.b64encode(file.getvalue()).decode()


def array_case(array, version=None):
    numbers = np.ascontiguousarray(array).astype(np.float32).astype(np.float64)
    return {"file": saved(array, version), "shape": list(array.shape), "values": numbers.ravel().tolist()}


def arrays():
    cases = {}
    for name in ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8"]:
        unsigned = name[0] == "u"
        values = np.array([[0, 1, 100], [3, 4, 127]]) if unsigned else np.array([[0, -1, 100], [3, -4, 127]])
        values = values / 8 if name[0] == "f" else values
        cases[f"<{name}"] = array_case(values.astype(f"<{name}"))
        if name[1] != "1":
            cases[f">{name}"] = array_case(values.astype(f">{name}"))
    cases["bool"] = array_case(np.array([[True, False], [False, True]]))
    half = np.array([[0.0, -0.0, 6.1e-5, 5.96e-8, 65504, -1 / 3, 2**-14, 1.5]], np.float16)
    cases["half, small and large"] = array_case(half)
    pictures = np.arange(2 * 3 * 4 * 5).reshape(2, 3, 4, 5)
    cases["Fortran order"] = array_case(np.asfortranarray(pictures.astype(np.float32)))
    cases["Fortran order, one axis"] = array_case(np.asfortranarray(np.arange(5, dtype=np.float64)))
    cases["version 2.0"] = array_case(np.arange(6.0).reshape(3, 2), (2, 0))
    cases["version 3.0"] = array_case(np.arange(6.0).reshape(3, 2), (3, 0))
    refused = {
        "object": saved(np.array([{"a": 1}, None], dtype=object), (1, 0)),
        "text": saved(np.array(["cat", "dog"])),
        "complex": saved(np.array([1 + 2j])),
        "dates": saved(np.array(["2020-01-01"], dtype="datetime64[D]")),
        "records": saved(np.array([(1, 2.0)], dtype=[("a", "<i4"), ("b", "<f8")])),
        "no axis": saved(np.float64(3)),
        "no rows": saved(np.zeros((0, 3))),
        "version 9": base64.b64encode(b"\x93NUMPY\x09\x00" + b"\0" * 20).decode(),
    }
    archives = {}
    x, y = np.arange(12, dtype=np.uint8).reshape(3, 2, 2), np.array([1, 0, 1])
    for name, save in {"stored": np.savez, "deflated": np.savez_compressed}.items():
        file = io.BytesIO()
        save(file, x=x, y=y, other=np.zeros(2))
        archives[name] = base64.b64encode(file.getvalue()).decode()
    return {"cases": cases, "refused": refused, "archives": archives}


def write(name, content):
    text = json.dumps({"madeWith": MADE_WITH, **content}, ensure_ascii=False)
    (OUTPUT / name).write_text(text + "\n")


if __name__ == "__main__":
    OUTPUT.mkdir(parents=True, exist_ok=True)
    write("tables.json", {"iris": iris(), "homes": homes()})
    write("arrays.json", arrays())
