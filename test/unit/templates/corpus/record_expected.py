"""Writes expected.json: what the real Jinja2 makes of the corpus, for machines without Python.

Run it after a change of the corpus: python3 test/unit/templates/corpus/record_expected.py
"""

import json
import os
from types import SimpleNamespace

import jinja2

CORPUS = os.path.dirname(os.path.abspath(__file__))


def read(*parts):
    with open(os.path.join(CORPUS, *parts), encoding="utf-8") as file:
        return file.read()


def main():
    plan = json.loads(read("renders.json"))
    expected = {}
    for root, names in plan["roots"].items():
        environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(os.path.join(CORPUS, root)), autoescape=False, extensions=["jinja2.ext.do"]
        )
        for name in names:
            for context in plan["contexts"]:
                values = json.loads(read("contexts", context + ".json"))
                try:
                    text = environment.get_template(name).render(context=values, ns=SimpleNamespace(template_already_included=[]))
                except (jinja2.TemplateError, TypeError, ValueError) as error:
                    text = None
                    print("%s with %s fails: %s" % (name, context, error))
                expected["%s %s" % (name, context)] = text
    with open(os.path.join(CORPUS, "expected.json"), "w", encoding="utf-8") as file:
        json.dump(expected, file, indent=1, ensure_ascii=True, sort_keys=True)
        file.write("\n")


if __name__ == "__main__":
    main()
