"""A program for tests: answers every GET on its port, and writes down its process id first."""

import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"ok")


if __name__ == "__main__":
    port, pid_file = sys.argv[1:]
    Path(pid_file).write_text(str(os.getpid()))
    HTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()
