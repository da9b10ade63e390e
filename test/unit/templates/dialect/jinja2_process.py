"""Renders templates with the real Jinja2: one JSON job per line in, one JSON answer per line out.

A job is {"root": folder, "template": name, "context": JSON text}. The answer has "text", or "error" with the type and
message of the exception.
"""

import json
import sys
from types import SimpleNamespace

import jinja2

environments = {}


def environment(root):
    if root not in environments:
        environments[root] = jinja2.Environment(
            loader=jinja2.FileSystemLoader(root), autoescape=False, extensions=["jinja2.ext.do"]
        )
    return environments[root]


class Names(list):
    """A loop that adds to the list that it runs over has no end."""

    def append(self, name):
        if len(self) >= 10000:
            raise OverflowError("a list without end")
        super().append(name)


def render(job):
    try:
        template = environment(job["root"]).get_template(job["template"])
        namespace = SimpleNamespace(template_already_included=Names())
        return {"text": template.render(context=json.loads(job["context"]), ns=namespace)}
    except Exception as error:  # whatever a template can cause is an answer
        return {"error": "%s: %s" % (type(error).__name__, error)}


def main():
    sys.setrecursionlimit(600)
    for line in sys.stdin:
        answer = json.dumps(render(json.loads(line)))
        sys.stdout.write(answer + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
