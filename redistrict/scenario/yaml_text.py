"""The text of a scenario file as a tree that remembers lines and columns, and the traps of YAML."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import reduce
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.tokens import AliasToken

from redistrict.errors import ScenarioError
from redistrict.messages import Message

Key = str | int
KeyPath = tuple[Key, ...]

MAX_DEPTH = 8
"""No key of a scenario lies deeper; walks stop here, because an alias may hold itself."""

ABSENT: Any = object()
"""What stands where a tree holds nothing, not even null."""

_A_SCENARIO = Message(
    "is empty; a scenario needs at least 'name' and 'data', or 'extends'",
    "文件为空；方案至少要写 name 和 data，或写 extends",
)
_ESCAPED = Message(
    "between double quotes a backslash begins a special character; write / or single quotes: 'D:\\new\\blocks.gpkg'",
    "双引号中的反斜杠表示特殊字符，请改用 / 或单引号：'D:\\new\\blocks.gpkg'",
)
_QUOTES = "“”‘’「」『』＂＇"
_MAX_BYTES = 1_000_000
_MAX_ALIASES = 50
_MAX_NUMBER = 10**100
_FULL_WIDTH = re.compile(r"^[ ]*[\u3000\u00a0]|^\s*(?:- +)?[\w.-]+\s*：")


@dataclass(frozen=True)
class MarkedFile:
    """A parsed scenario file: its name as shown, its text, and the tree that remembers lines and columns."""

    name: str
    text: str
    marked: Any

    def position(self, path: KeyPath, *, at_key: bool = False) -> tuple[int, int]:
        """Give the 1-based line and column of `path`, or of the nearest part of it that the file holds."""
        node: Any = self.marked
        mark = (0, 0)
        for depth, part in enumerate(path, start=1):
            try:
                child = node[part]
                is_value = depth == len(path) and not at_key and not isinstance(child, dict | list)
                lines = node.lc
                if isinstance(node, list):
                    mark = lines.item(part) or mark
                else:
                    mark = (lines.value(part) if is_value else lines.key(part)) or mark
            except (AttributeError, KeyError, IndexError, TypeError):
                break
            node = child
        return mark[0] + 1, mark[1] + 1

    def holds(self, path: KeyPath) -> bool:
        """Whether the file itself has something at `path`."""
        return reduce(step, path, self.marked) is not ABSENT

    def token(self, path: KeyPath, *, at_key: bool) -> str:
        """Give the bare word that stands in the file at `path`: `0420202`, which YAML reads as 420202."""
        line, column = self.position(path, at_key=at_key)
        rest = "".join(self.text.splitlines()[line - 1 : line])[column - 1 :]
        return re.split(r"[\s#,:\]}]", rest, maxsplit=1)[0]


def refusal(where: object, en: str, zh: str) -> ScenarioError:
    """Give the error for one problem at a place: a file, a line of it, or an override."""
    return ScenarioError(Message(f"{where}: {en}", f"{where}: {zh}"))


def read_file(path: Path, *, needs: Message = _A_SCENARIO) -> MarkedFile:
    """Read and parse the file.

    Parameters
    ----------
    needs : Message
        What is said of an empty file; by default what a scenario needs.

    Raises
    ------
    ScenarioError
        If it is no text file, no YAML, or not made of sections.
    """
    try:
        if path.is_dir():
            raise refusal(path, "is a folder; name the scenario file in it", "这是文件夹，请指定其中的方案文件")
        if path.exists() and not path.is_file():
            raise refusal(path, "is a device or a pipe, not a file", "这是设备或管道，不是文件")
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise refusal(path, "there is no such file", "文件不存在") from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise refusal(path, f"cannot be read ({reason})", f"无法读取（{reason}）") from error
    if len(content) > _MAX_BYTES:
        size, limit = f"{len(content):,}", f"{_MAX_BYTES:,}"
        en = f"has {size} bytes; at most {limit} are read (is this a data file?)"
        raise refusal(path, en, f"文件有 {size} 字节，不得超过 {limit} 字节（是否误选了数据文件？）")
    text = _decode(content, path)
    marked = parse_yaml(text, str(path), is_file=True)
    if marked is None:
        raise refusal(path, needs.en, needs.zh)
    if not isinstance(marked, dict):
        if hints := full_width_hints(str(path), text):
            raise ScenarioError(hints)
        en = "must hold 'key: value' lines at the top level, such as 'name: my-plan'"
        raise refusal(f"{path}:1:1", en, "最外层必须是“键: 值”，例如 name: my-plan")
    return MarkedFile(str(path), text, marked)


def parse_yaml(text: str, name: str, *, is_file: bool = False) -> Any:
    """Parse YAML 1.2 into a tree with line marks; problems in a file are told with their line.

    Parameters
    ----------
    name : str
        What the text is called in messages: a file, or an override.
    is_file : bool
        Whether lines and columns can be looked up.

    Raises
    ------
    ScenarioError
        If it cannot be read as YAML 1.2, or has more aliases, or larger numbers, than anybody writes.
    """
    directive = re.search(r"^%YAML\s+(?!1\.2\s*$)", text, flags=re.MULTILINE)
    if directive:
        line = text.count("\n", 0, directive.start()) + 1
        en = "only YAML 1.2 is read; remove this line"
        raise refusal(f"{name}:{line}:1", en, "只支持 YAML 1.2，请删去此行")
    try:
        tokens = YAML().scan(text) if text.count("*") > _MAX_ALIASES else ()
        if sum(isinstance(token, AliasToken) for token in tokens) > _MAX_ALIASES:
            en = f"more than {_MAX_ALIASES} aliases (*name); write the values out"
            raise refusal(name, en, f"别名（*name）超过 {_MAX_ALIASES} 个，请直接写出内容")
        tree = YAML().load(text)
        _refuse_odd(MarkedFile(name, text, tree), is_file=is_file)
        return tree
    except MarkedYAMLError as error:
        full_width = full_width_hints(name, text) if is_file else []
        raise ScenarioError(full_width or _syntax_message(error, name, is_file=is_file)) from error
    except YAMLError as error:
        reason = str(error).splitlines()[0]
        raise refusal(name, f"cannot be read as YAML: {reason}", f"不是有效的 YAML：{reason}") from error
    except (ValueError, RecursionError) as error:
        _refuse_days(text, name)
        en = "a number or a date is out of range, or lists are nested too deeply"
        raise refusal(name, en, "数字或日期超出范围，或嵌套过深") from error
    except AttributeError as error:  # ruamel.yaml looks for the keys of a section it has not finished
        en = "a section is merged (<<) into itself; write its values out"
        raise refusal(name, en, "某一节通过 << 合并了它自身，请直接写出内容") from error


def _refuse_days(text: str, name: str) -> None:
    """Refuse the first day that no month has, with its line."""
    for day in re.finditer(r"(?<![\w.-])\d{4}-\d{1,2}-\d{1,2}(?![\w.-])", text):
        try:
            date(*map(int, day[0].split("-")))
        except ValueError as error:
            line, column = text.count("\n", 0, day.start()) + 1, day.start() - text.rfind("\n", 0, day.start())
            raise refusal(f"{name}:{line}:{column}", f"there is no day {day[0]}", f"没有 {day[0]} 这一天") from error


def _refuse_odd(file: MarkedFile, *, is_file: bool) -> None:
    """Refuse numbers too long to write down again, and text with the character NUL, which no file name may hold."""
    for path, value in _scalars(file.marked, (), set()):
        if isinstance(value, int) and abs(value) > _MAX_NUMBER:
            en, zh = "this number is out of range", "数字超出范围"
        elif isinstance(value, str) and "\0" in value:
            en, zh = "this text holds the character NUL (\\0); take it out", "文字中含有 NUL 字符（\\0），请删去"
        elif path and path[-1] == "path" and isinstance(value, str) and (fault := _name_fault(value)):
            en, zh = fault
        else:
            continue
        line, column = file.position(path)
        raise refusal(f"{file.name}:{line}:{column}" if is_file else file.name, en, zh)


def _name_fault(path: str) -> Message | None:
    """Say why a path can be none: what YAML made of its backslashes, quotation marks of Chinese text, blanks around."""
    if any(ord(character) < ord(" ") for character in path):
        return _ESCAPED
    if path != path.strip():
        en = f"'{path}' begins or ends with a blank; take it out"
        return Message(en, f"“{path}”的首尾有空格，请删去")
    if path and path[0] in _QUOTES and path[-1] in _QUOTES:
        en = f"{path} stands in quotation marks of Chinese text, which belong to the name here; take them out"
        return Message(en, f"{path} 用了中文引号，会被当作文件名的一部分，请删去")
    return None


def _scalars(node: Any, path: KeyPath, seen: set[int]) -> Iterator[tuple[KeyPath, Any]]:
    """Give every value, and every key, with its place; what aliases share once."""
    if not isinstance(node, dict | list):
        yield path, node
    elif id(node) not in seen:
        seen.add(id(node))
        for part, child in node.items() if isinstance(node, dict) else enumerate(node):
            yield (*path, part), part
            yield from _scalars(child, (*path, part), seen)


def full_width_hints(name: str, text: str) -> list[Message]:
    """Find keys followed by a full-width colon, and indents made of full-width spaces."""
    hints = []
    for number, line in enumerate(text.splitlines(), start=1):
        if _FULL_WIDTH.search(line):
            column = next(i for i, char in enumerate(line, start=1) if char in "：\u3000\u00a0")
            where = f"{name}:{number}:{column}: "
            en = "a full-width character (： or wide space); type ': ' and indent with plain spaces"
            zh = "此处是全角字符（：或全角空格），请改用半角冒号加空格，缩进用半角空格"
            hints.append(Message(where + en, where + zh))
    return hints


def copy_plain(node: Any) -> Any:
    """Copy a marked tree into plain dicts and lists, merge keys resolved; shared nodes are copied once."""
    return _copy(node, {})


def step(node: Any, part: Key) -> Any:
    """Give what `node` holds at a key or number, or `ABSENT`."""
    if isinstance(node, dict):
        return node.get(part, ABSENT)
    is_item = isinstance(node, list) and isinstance(part, int) and 0 <= part < len(node)
    return node[part] if is_item else ABSENT


def dig(tree: Any, *keys: Key) -> dict[Any, Any]:
    """Give the mapping at `keys`, or an empty one where there is none."""
    for key in keys:
        tree = tree.get(key, {}) if isinstance(tree, dict) else {}
    return tree if isinstance(tree, dict) else {}


def _decode(content: bytes, path: Path) -> str:
    """Decode UTF-8 with or without its mark, and say which other encoding the file seems to have."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        guess = "UTF-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "GBK"
        en = f"line {line} is not UTF-8 (looks like {guess}); save the file as UTF-8 in your editor"
        zh = f"第 {line} 行不是 UTF-8 编码（疑似 {guess}），请在编辑器中另存为 UTF-8"
        raise refusal(path, en, zh) from error


def _syntax_message(error: MarkedYAMLError, name: str, *, is_file: bool) -> Message:
    """Say in plain words what the YAML reader stumbled over."""
    mark, problem = error.problem_mark, str(error.problem)
    where = f"{name}:{mark.line + 1}:{mark.column + 1}: " if mark and is_file else f"{name}: "
    if duplicate := re.match(r'found duplicate key "([^"]*)"', problem):
        en, zh = f"{duplicate[1]}: this key stands twice; keep one", f"{duplicate[1]}: 此键重复，请只保留一个"
    elif "'\\t'" in problem:
        en, zh = "indent with spaces, not with a tab", "缩进请用空格，不要用制表符（Tab）"
    elif "escape" in problem or "expected escape sequence" in problem:
        en, zh = _ESCAPED
    elif "another document" in problem:
        en, zh = "one scenario per file; remove '---'", "一个文件只写一个方案，请删去 ---"
    else:
        en = f"cannot be read as YAML: {problem}; check the indentation and quotes here and above"
        zh = f"不是有效的 YAML（{problem}），请检查此处及上文的缩进与引号"
    return Message(where + en, where + zh)


def _copy(node: Any, copies: dict[int, Any]) -> Any:
    """Copy a node once; `copies` holds those made so far by the identity of their original."""
    if not isinstance(node, dict | list):
        return node
    if id(node) not in copies:
        copy: Any = {} if isinstance(node, dict) else []
        copies[id(node)] = copy
        if isinstance(node, dict):
            copy.update((_plain_key(key), _copy(value, copies)) for key, value in node.items())
        else:
            copy.extend(_copy(value, copies) for value in node)
    return copies[id(node)]


def _plain_key(key: Any) -> Key:
    """Keep text and whole numbers; dates, nulls and lists become text that no section knows."""
    return key if isinstance(key, str | int) and not isinstance(key, bool) else str(key)
