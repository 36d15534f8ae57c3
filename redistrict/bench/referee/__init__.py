"""The referee of a benchmark: judges the answers of any program with nothing but Python.

It shares no code with any program that divides, and is delivered with the instances: `python -m referee FOLDER`. That
is why its modules import each other by relative names. Read `rules` (what a valid plan is), `reading` (instances and
answers, and what is refused), `contest` (all answers of a folder).
用 Python 自带功能核对各程序的答案。
"""
