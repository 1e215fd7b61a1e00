"""A judge of events: fastjsonschema says which lines do not have the form of the JSON Schema."""

import json

import fastjsonschema

from task import answer, task

validate = fastjsonschema.compile(task["schema"])


def fault(line):
    try:
        validate(json.loads(line))
    except fastjsonschema.JsonSchemaException as error:
        return str(error)
    return None


answer([fault(line) for line in task["lines"]])
