"""Settings: what loads, what is refused and how it is told, and that what is written loads again."""

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from maieutic.core.config import Config, checked, dump, load
from maieutic.core.errors import InputError


class Inner(Config):
    rank: int = Field(8, ge=1)
    names: tuple[str, ...] = ()


class Outer(Config):
    beta: float = Field(0.1, gt=0)
    steps: int | None = None
    kind: Literal["a", "b"] = "a"
    on: bool = False
    name: str = ""
    inner: Inner = Inner()
    extra: Inner | None = None
    pair: tuple[float, float] = (0.9, 0.999)


class Needy(Config):
    path: str


def complaint(*overrides: str, kind: type[Config] = Outer) -> str:
    with pytest.raises(InputError) as caught:
        load(kind, None, overrides)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_nothing_given_is_the_defaults():
    assert load(Outer, None) == Outer()


def test_the_file_stands_under_the_overrides(tmp_path):
    file = tmp_path / "c.toml"
    file.write_text('beta = 0.5\nname = "file"\n[inner]\nrank = 2\n')
    config = load(Outer, file, ["name=override", "inner.names=['x', 'y']"])
    assert config == Outer(beta=0.5, name="override", inner=Inner(rank=2, names=("x", "y")))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("beta=1e-6", Outer(beta=1e-6)),
        ("beta=2", Outer(beta=2.0)),
        ("on=true", Outer(on=True)),
        ("name=a bare text = with equals", Outer(name="a bare text = with equals")),
        ('name="quoted"', Outer(name="quoted")),
        ("name=", Outer(name="")),
        ("name=1\nbeta = 2", Outer(name="1\nbeta = 2")),  # one setting, not two
        ("extra.rank=3", Outer(extra=Inner(rank=3))),
        (" beta = 3 ", Outer(beta=3.0)),
    ],
)
def test_an_override_is_toml_or_the_text_itself(text, expected):
    assert load(Outer, None, [text]) == expected


def test_an_unknown_key_names_the_nearest():
    assert complaint("bta=1") == "--set bta=1: unknown key 'bta' (did you mean 'beta'?)"
    assert "did you mean 'rank'" in complaint("inner.rnk=1")
    assert "did you mean 'rank'" in complaint("extra.rnk=1")
    assert "the keys are rank, names" in complaint("inner.zzz=1")


@pytest.mark.parametrize(
    ("override", "told"),
    [
        ('beta="8"', "beta = '8': should be a valid number"),
        ("beta=-1", "beta = -1: should be greater than 0"),
        ("beta=inf", "beta = "),
        ("steps=1.5", "steps = 1.5: should be a valid integer"),
        ("steps=true", "steps = True"),
        ("on=1", "on = 1: should be a valid boolean"),
        ("name=3", "name = 3: should be a valid string"),
        ("kind=c", "kind = 'c': should be 'a' or 'b'"),
        ("inner=3", "inner = 3"),
        ("inner.names=[1]", "inner.names.0 = 1"),
        ("pair=[0.5]", "'pair.1' is missing"),
    ],
)
def test_a_wrong_value_is_told_with_its_key(override, told):
    assert complaint(override).startswith(f"--set {override}: {told}")


def test_what_is_no_setting_is_told():
    assert "not a setting" in complaint("beta")
    assert "not a setting" in complaint("=3")
    assert "is a value, not a table" in complaint("name=x", "name.sub=1")
    assert "type that no setting has" in complaint("name=2020-01-01")


def test_a_missing_key_is_told(tmp_path):
    assert complaint(kind=Needy) == "'path' is missing"
    file = tmp_path / "c.toml"
    file.write_text("")
    with pytest.raises(InputError, match=r"c\.toml: 'path' is missing"):
        load(Needy, file)


@pytest.mark.parametrize(("content", "told"), [(b"a = ", "not TOML"), (b"\xff", "UTF-8"), (b"zeta = 1", "unknown key")])
def test_mistakes_in_a_file_name_the_file(tmp_path, content, told):
    file = tmp_path / "c.toml"
    file.write_bytes(content)
    with pytest.raises(InputError, match=told) as caught:
        load(Outer, file)
    assert str(caught.value).startswith(str(file))


def test_a_missing_file_and_a_folder_are_told(tmp_path):
    with pytest.raises(InputError, match="cannot read: No such file"):
        load(Outer, tmp_path / "none.toml")
    with pytest.raises(InputError, match="cannot read"):
        load(Outer, tmp_path)


def test_settings_at_hand_are_checked_alike():
    assert checked(Inner, {"rank": 2, "names": ["x"]}) == Inner(rank=2, names=("x",))
    with pytest.raises(InputError, match=r"training: unknown key 'rnk' \(did you mean 'rank'"):
        checked(Inner, {"rnk": 2}, where="training")


def test_configurations_are_frozen_and_take_lists():
    config = Inner(names=["x"])
    assert config.names == ("x",)
    with pytest.raises(ValueError, match="frozen"):
        config.rank = 3


def test_an_optional_setting_defaults_to_none():
    """TOML cannot say None, so another default could never be undone."""
    with pytest.raises(TypeError, match="default must be None"):

        class Wrong(Config):
            patience: int | None = 3


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
inners = st.builds(Inner, rank=st.integers(1, 10**12), names=st.lists(texts, max_size=3).map(tuple))
numbers = st.floats(allow_nan=False, allow_infinity=False)


@given(
    st.builds(
        Outer,
        beta=st.floats(min_value=1e-300, allow_infinity=False),
        steps=st.none() | st.integers(),
        kind=st.sampled_from("ab"),
        on=st.booleans(),
        name=texts,
        inner=inners,
        extra=st.none() | inners,
        pair=st.tuples(numbers, numbers),
    )
)
def test_what_is_written_loads_to_the_same(tmp_path_factory, config):
    file = tmp_path_factory.mktemp("config") / "c.toml"
    file.write_text(dump(config), encoding="utf-8")
    assert load(Outer, file) == config


def test_what_is_written_reads_well():
    assert dump(Outer(extra=Inner(names=("x",)))) == (
        'beta = 0.1\nkind = "a"\non = false\nname = ""\npair = [0.9, 0.999]\n'
        '\n[inner]\nrank = 8\nnames = []\n\n[extra]\nrank = 8\nnames = ["x"]\n'
    )
