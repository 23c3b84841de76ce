"""Tables of the command line: aligned plain text where the output is no terminal."""

from __future__ import annotations

from dashlink.cli.table import print_table


def test_columns_are_aligned_without_trailing_spaces(capsys):
    print_table([("ok", "name", "short"), ("failed", "port", ""), ("", "", "advice")])
    assert capsys.readouterr().out.splitlines() == [
        "  ok      name  short",
        "  failed  port",
        "                advice",
    ]


def test_a_long_cell_is_neither_wrapped_nor_cut(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    cell = "a " * 300 + "[bold]end[/bold] :smile:"
    print_table([("ok", cell), ("failed", "x")])
    assert capsys.readouterr().out.splitlines() == [f"  ok      {cell}", "  failed  x"]


def test_an_empty_column_is_left_out(capsys):
    print_table([("", "a", "b"), ("", "cc", "d")])
    assert capsys.readouterr().out.splitlines() == ["  a   b", "  cc  d"]


def test_no_rows_print_nothing(capsys):
    print_table([])
    assert capsys.readouterr().out == ""
