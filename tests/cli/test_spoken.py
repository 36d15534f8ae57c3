"""Help and usage errors of the command line in the planner's language."""

import re
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner

from redistrict.cli import app as cli
from redistrict.cli.spoken import all_in_one, in_one

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
COMMANDS = typer.main.get_command(cli.app)


def say_in_chinese(*arguments: str) -> tuple[int, str]:
    answer = CliRunner().invoke(cli.app, [*arguments, "--language", "zh"], prog_name="redistrict")
    return answer.exit_code, answer.output


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        (["runn"], "没有命令 runn，是否为 run？"),
        (["zzz"], "没有命令 zzz。"),
        (["run"], "缺少参数 SCENARIO。"),
        (["heal", "result"], "缺少选项 --pins。"),
        (["run", "a.yaml", "b.yaml"], "多余的参数：b.yaml。"),
        (["run", "a.yaml", "--zzz"], "没有选项 --zzz。"),
        (["run", "a.yaml", "--seed"], "选项 --seed 之后缺少值。"),
        (["run", "a.yaml", "--overwrite=3"], "选项 --overwrite 之后不带值。"),
        (["run", "a.yaml", "--seed", "x"], "选项 --seed 的值应为整数。"),
        (["run", "a.yaml", "--time-limit", "x"], "选项 --time-limit 的值应为数字。"),
        (["pack", "result", "--only", "fr"], "选项 --only 的值应为 'zh', 'en' 之一。"),
        (["cluster", "zzz"], "没有命令 zzz。"),
    ],
)
def test_wrong_usage_is_told_in_chinese(arguments: list[str], wrong: str) -> None:
    """Issue 20: usage errors were in English only; now each has one Chinese sentence, and exit code 2 as before."""
    code, said = say_in_chinese(*arguments)
    assert (code, said.splitlines()[-1]) == (2, f"命令用法有误：{wrong}")
    assert "Error" not in said
    assert "Usage" not in said


def test_help_has_chinese_headings_and_descriptions() -> None:
    """Headings, the command list and every option are in one language, whichever is asked for."""
    for group in ([], ["cluster"], ["pack"]):
        code, said = say_in_chinese(*group, "--help")
        assert code == 0
        assert said.startswith("用法：redistrict")
        assert "选项:\n" in said
        assert not re.search(r"^(Usage|Options|Commands|Arguments)|Show this message|\[required|\[default", said, re.M)
    listed = say_in_chinese("--help")[1].split("命令:\n")[1].splitlines()
    assert "  pack          生成报批材料。" in listed
    english = CliRunner().invoke(cli.app, ["pack", "--help", "--language", "en"]).output
    assert not _CHINESE.search(english.split("Options:")[1])


def _all_commands(group: Any) -> list[Any]:
    own = list(group.commands.values())
    return [*own, *(inner for one in own if hasattr(one, "commands") for inner in _all_commands(one))]


def test_every_description_is_in_both_languages() -> None:
    """The first line of every command, and every option and argument of it, falls into English and Chinese."""
    helps = [(one.help or "").split("\n")[0] for one in _all_commands(COMMANDS)]
    helps += [param.help for one in [COMMANDS, *_all_commands(COMMANDS)] for param in one.params]
    for text in helps:
        assert _CHINESE.search(in_one(text, "zh")), text
        assert not _CHINESE.search(in_one(text, "en")), text
        assert in_one(text, "both") == text


def test_help_and_its_examples_are_in_one_language() -> None:
    """Issue 20: examples in `--help` were in both languages at once, `# blocks in a community 地块归入社区`."""
    for text in [one.help for one in [COMMANDS, *_all_commands(COMMANDS)]]:
        english, chinese = all_in_one(text, "en"), all_in_one(text, "zh").splitlines()
        assert not _CHINESE.search(english), text
        assert [line for line in chinese if line[:1].strip(" \b") and not _CHINESE.search(line)] == []
        assert not re.search(r"^\| | \|($| )", "\n".join([english, *chinese, all_in_one(text, "both")]), re.M)


def test_examples_of_a_language_are_shown_in_it() -> None:
    heal = say_in_chinese("heal", "--help")[1]
    assert "- {reason: 五月商定, keep: 东区-02}                         保持不变" in heal
    assert "agreed in May" not in heal
    english = CliRunner().invoke(cli.app, ["--language", "en", "--help"]).output
    assert "  2    wrong usage\n" in english
    both = CliRunner().invoke(cli.app, ["--language", "both", "--help"]).output
    assert "  2    wrong usage 命令用法有误\n" in both


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "none.yaml", "--json", "--language", "zh"],
        ["--language", "zh", "check", "--json", "none.yaml"],
        ["--json", "check", "none.yaml", "--language=zh"],
        ["--json", "--verbose", "--language", "zh", "check", "none.yaml"],
    ],
)
def test_options_stand_before_and_behind_the_command(arguments: list[str]) -> None:
    """Issue 20: `redistrict --json check` was refused; an option may stand on either side of the command."""
    answer = CliRunner().invoke(cli.app, arguments)
    assert (answer.exit_code, answer.stderr) == (3, "none.yaml: 文件不存在\n")


def test_the_version_is_told_behind_a_command_too() -> None:
    assert CliRunner().invoke(cli.app, ["run", "--version"]).stdout.startswith("redistrict ")
