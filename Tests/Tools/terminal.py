#!/usr/bin/python3
"""Runs a program on a terminal of its own, and says what a person would have seen.

    terminal.py '{"columns": 60, "command": ["vault", "snapshots"], ...}'

Also taken: rows; resize [SECONDS, COLUMNS]; keys, a list of [SECONDS, TEXT, SHOWN] to type, each so long after the one before,
or as soon as SHOWN is on the screen if that is not null;
answers, a list of [QUESTION, TEXT], each typed once its question was shown; ignoreWrapMode, which feeds the emulator
without the sequences that switch wrapping off. Written is a JSON object: the exit status, the screens in their order (each
a list of lines without blank ends), all bytes as text, the questions that were not asked, and whether the terminal shows
what is typed when the program has ended.
"""
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

import pyte

LIMIT = 120  # seconds


def size(fd, rows, columns):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def main():
    wish = json.loads(sys.argv[1])
    rows, columns = wish.get("rows", 24), wish["columns"]
    screen = pyte.Screen(columns, rows)
    stream = pyte.ByteStream(screen)
    pid, fd = pty.fork()
    if pid == 0:
        time.sleep(0.1)  # until the size is set
        os.execvp(wish["command"][0], wish["command"])
    size(fd, rows, columns)
    start = last_key = time.monotonic()
    keys, answers = wish.get("keys", []), wish.get("answers", [])
    screens, everything, answered = [], b"", 0
    while time.monotonic() - start < LIMIT:
        now = time.monotonic()
        if wish.get("resize") and now - start > wish["resize"][0]:
            columns = wish.pop("resize")[1]
            size(fd, rows, columns)
            screen.resize(rows, columns)
            screens.append("resized")
        if keys and (now - last_key > keys[0][0] or keys[0][2] and any(keys[0][2] in line for line in screen.display)):
            os.write(fd, keys.pop(0)[1].encode())
            last_key = now
        if not select.select([fd], [], [], 0.05)[0]:
            continue
        try:
            data = os.read(fd, 1 << 16)
        except OSError:
            break
        if not data:
            break
        everything += data
        if answers and answers[0][0].encode() in everything[answered:]:
            os.write(fd, answers.pop(0)[1].encode())
            answered = len(everything)
        if wish.get("ignoreWrapMode"):
            data = re.sub(rb"\x1b\[\?7[lh]", b"", data)
        # Piece by piece, so that no state of the screen is missed.
        for piece in re.split(rb"(?=\r)", data):
            stream.feed(piece)
            lines = [line.rstrip() for line in screen.display]
            while lines and not lines[-1]:
                lines.pop()
            if not screens or screens[-1] != lines:
                screens.append(lines)
    else:
        os.kill(pid, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    echo = bool(termios.tcgetattr(fd)[3] & termios.ECHO)
    json.dump({"status": status, "screens": screens, "text": everything.decode(errors="replace"), "echo": echo,
               "unanswered": [question for question, _ in answers]}, sys.stdout)


main()
