"""`portal cases`: one line a case, a count at the end, and an exit status that a script can trust."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from portal.cli.cases import cases

GOOD = {
    "id": "TV-101",
    "method": "uncertainty_product",
    "inputs": {"u": [5, 15]},
    "expected": {"u_pct": 15.8113883},
    "tolerance": {"rel": 1e-06},
}
LIBRARY = Path(__file__).parents[4] / "shared" / "factors" / "test_vectors.json"


def run(tmp_path: Path, content: str) -> Result:
    """Run the command on a file with this content."""
    file = tmp_path / "cases.json"
    file.write_text(content, encoding="utf-8")
    return CliRunner().invoke(cases, [str(file)])


def test_a_passing_case_is_one_line_and_status_0(tmp_path: Path) -> None:
    result = run(tmp_path, json.dumps({"vectors": [GOOD]}))
    assert result.output == "TV-101 ok\n1 passed, 0 failed\n"
    assert result.exit_code == 0


def test_a_failing_case_says_what_was_expected_and_the_others_still_run(tmp_path: Path) -> None:
    wrong = {**GOOD, "id": "TV-102", "expected": {"u_pct": 16}}
    unfit = {**GOOD, "id": "TV-103", "inputs": {"u": [5, -15], "v": 1}}
    unfit_words = (
        "The input “v” is not known here. This method takes: u.",
        "The input “u[2]” is -15. It must be a number of at least 0.",
    )
    result = run(tmp_path, json.dumps([wrong, unfit, GOOD]))
    assert result.output.splitlines() == [
        "TV-102 FAIL u_pct: expected 16, got 15.8113883008",
        "TV-103 FAIL " + "; ".join(unfit_words),
        "TV-101 ok",
        "1 passed, 2 failed",
    ]
    assert result.exit_code == 1


def test_a_case_without_an_id_is_named_by_its_place(tmp_path: Path) -> None:
    result = run(tmp_path, json.dumps([GOOD, {"method": "nothing"}, None]))
    assert result.output.splitlines()[1].startswith("#2 FAIL ")
    assert result.output.splitlines()[2].startswith("#3 FAIL ")


def test_an_unreadable_file_is_status_2_without_a_traceback(tmp_path: Path) -> None:
    for content in ("", "{", '{"vectors": 3}', "[NaN]", '{"a": 1, "a": 2}', "5"):
        result = run(tmp_path, content)
        assert result.exit_code == 2, content
        assert "Error: " in result.output
        assert not result.exception or isinstance(result.exception, SystemExit)


def test_all_examples_of_the_library_pass() -> None:
    if not LIBRARY.exists():
        return
    result = CliRunner().invoke(cases, [str(LIBRARY)])
    assert result.output.splitlines()[-1] == "110 passed, 0 failed"
    assert result.exit_code == 0
