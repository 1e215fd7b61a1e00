"""Prints the documents of a YAML file as one JSON array: read_yaml.py FILE

A key that stands twice in a mapping is an error: YAML readers keep one of the two without a word.
"""

import json
import sys

import yaml


class StrictLoader(yaml.SafeLoader):
    """Reads plain data, each key once."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value if key.tag != MERGE]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise yaml.constructor.ConstructorError(None, None, f"twice: {twice}", node.start_mark)
        return super().construct_mapping(node, deep)


MERGE = "tag:yaml.org,2002:merge"

with open(sys.argv[1], encoding="utf-8") as file:
    print(json.dumps(list(yaml.load_all(file, StrictLoader))))
