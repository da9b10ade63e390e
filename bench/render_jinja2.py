"""Times the real Jinja2 on the corpus. Each line of input names a mode, each line of output is the seconds of one round.

Arguments: folder of the corpus, number of repetitions in a round of the mode "cached".
"""

import json
import os
import sys
import time
from types import SimpleNamespace

import jinja2


def environment(root):
    return jinja2.Environment(loader=jinja2.FileSystemLoader(root), autoescape=False, extensions=["jinja2.ext.do"])


def main():
    corpus, repetitions = sys.argv[1], int(sys.argv[2])
    with open(os.path.join(corpus, "renders.json"), encoding="utf-8") as file:
        plan = json.load(file)
    contexts = []
    for name in plan["contexts"]:
        with open(os.path.join(corpus, "contexts", name + ".json"), encoding="utf-8") as file:
            contexts.append(json.load(file))
    roots = {os.path.join(corpus, root): names for root, names in plan["roots"].items()}
    kept = {root: environment(root) for root in roots}

    def render_all(environment_of):
        for root, names in roots.items():
            for name in names:
                for context in contexts:
                    try:
                        template = environment_of(root).get_template(name)
                        template.render(context=context, ns=SimpleNamespace(template_already_included=[]))
                    except (jinja2.TemplateError, TypeError, ValueError):
                        pass  # some templates do not fit every context, in both implementations

    render_all(kept.get)
    for line in sys.stdin:
        started = time.perf_counter()
        if line.strip() == "cached":
            for _ in range(repetitions):
                render_all(kept.get)
        else:
            render_all(environment)
        print(time.perf_counter() - started, flush=True)


if __name__ == "__main__":
    main()
