"""Codes survive a reader: small letters, spaces, a letter taken for a digit."""

from cessio.kernel.codes import new_code, read_code


def test_a_code_is_read_however_it_was_typed() -> None:
    for groups in (3, 4):
        code = new_code(groups)
        assert read_code(code, groups) == code
        assert read_code(f"  {code.lower().replace('-', ' ')} ", groups) == code
        assert read_code(code.replace("0", "o").replace("1", "l"), groups) == code
        assert read_code(code[:-1], groups) is None
        assert read_code(code + "7", groups) is None
    assert read_code("UUUU-UUUU-UUUU", 3) is None
    assert read_code("", 3) is None


def test_codes_are_not_foreseen() -> None:
    assert len({new_code(4) for _ in range(2_000)}) == 2_000
