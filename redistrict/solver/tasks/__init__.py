"""Tasks: how work is run on threads, told, stopped and remembered.

Read `runner` (tasks in, answers in the order asked), `journal` (what finished tasks have found, on disk), `stop`
(time limit and Ctrl-C), `progress` (what is told meanwhile) and `cpsat` (how every CP-SAT model is run). Nothing
here knows what a task is about.
"""
