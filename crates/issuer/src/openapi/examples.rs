//! An example of every body, put together from the schemas of its fields.
//!
//! A schema may have an example of its own. `examples.json` has the others: of a property, of a
//! property of one schema (`null` leaves it out), of a whole schema, or of a status of one operation,
//! where the example of the schema would show what cannot happen together. This module must not know
//! what a body means.

use serde_json::{Map, Value};

use super::text::{at, elements, members, reference, text};

/// Adds an example to each request and each success of a document that has none.
pub(super) fn add(document: &mut Value) {
    let schemas = document.pointer("/components/schemas").cloned();
    let schemas = schemas.unwrap_or_default();
    let Ok(given) = serde_json::from_str(GIVEN) else {
        return;
    };
    let examples = Examples {
        schemas: &schemas,
        given: &given,
    };
    let paths = document
        .pointer_mut("/paths")
        .and_then(Value::as_object_mut);
    let items = paths.into_iter().flat_map(Map::values_mut);
    let items = items.filter_map(Value::as_object_mut);
    for operation in items.flat_map(Map::values_mut) {
        examples.add_to(operation);
    }
}

/// How much of an object an example has.
#[derive(Clone, Copy)]
enum Extent {
    /// A request: what is required, or everything if nothing is.
    Required,
    /// An answer: everything.
    Whole,
}

/// Where a schema is: in which named schema, and in which property.
#[derive(Clone, Copy)]
struct Place<'a> {
    owner: &'a str,
    property: &'a str,
    depth: usize,
}

impl Place<'_> {
    /// The name of a property of one schema.
    fn full_name(self) -> String {
        format!("{}.{}", self.owner, self.property)
    }
}

struct Examples<'a> {
    /// The named schemas of the document.
    schemas: &'a Value,
    /// The examples of `examples.json`.
    given: &'a Value,
}

impl Examples<'_> {
    fn add_to(&self, operation: &mut Value) {
        if let Some(body) = operation.pointer_mut("/requestBody") {
            self.add_to_contents(body, Extent::Required);
        }
        let id = text(at(operation, "/operationId")).to_owned();
        let responses = operation.pointer_mut("/responses");
        let responses = responses.and_then(Value::as_object_mut);
        for (status, response) in responses.into_iter().flatten() {
            if status.starts_with('2') {
                self.add_own(response, &format!("{id} {status}"));
                self.add_to_contents(response, Extent::Whole);
            }
        }
    }

    /// Adds the example of a status of one operation, if there is one.
    fn add_own(&self, response: &mut Value, name: &str) {
        let content = response.pointer_mut("/content/application~1json");
        let content = content.and_then(Value::as_object_mut);
        if let (Some(example), Some(content)) = (self.given.get(name), content) {
            content.insert("example".to_owned(), example.clone());
        }
    }

    /// Text such as HTML needs no example.
    fn add_to_contents(&self, holder: &mut Value, extent: Extent) {
        let contents = holder.pointer_mut("/content");
        let contents = contents.and_then(Value::as_object_mut);
        for (media_type, content) in contents.into_iter().flatten() {
            let is_text = media_type.starts_with("text/") || media_type.starts_with("image/");
            let has_one = content.get("example").or(content.get("examples")).is_some();
            let schema = content.get("schema");
            let place = Place {
                property: media_type,
                ..ROOT
            };
            let example = schema.and_then(|schema| self.of(schema, place, extent));
            if let (false, Some(example), Some(content)) =
                (is_text || has_one, example, content.as_object_mut())
            {
                content.insert("example".to_owned(), example);
            }
        }
    }

    /// The example of a schema; `None` if a part has none.
    fn of(&self, schema: &Value, place: Place<'_>, extent: Extent) -> Option<Value> {
        if place.depth > MAX_DEPTH {
            return None;
        }
        let place = Place {
            depth: place.depth + 1,
            ..place
        };
        if let Some(own) = self.given.get(place.full_name()) {
            return Some(own.clone());
        }
        if let Some(owner) = reference(schema) {
            let place = Place { owner, ..place };
            let given = self.given.get(owner).cloned();
            return given.or_else(|| self.of(self.schemas.get(owner)?, place, extent));
        }
        let own = schema.get("example").or(schema.pointer("/examples/0"));
        if let Some(own) = own.or(schema.pointer("/enum/0")) {
            return Some(own.clone());
        }
        if let Some(one) = alternative(schema) {
            return self.of(one, place, extent);
        }
        match kind(schema) {
            "object" => self.object(schema, place, extent),
            "array" => {
                let item = self.of(schema.get("items")?, place, extent)?;
                Some(Value::Array(vec![item]))
            }
            "boolean" => Some(Value::Bool(true)),
            _ => self.given.get(place.property).cloned(),
        }
    }

    fn object(&self, schema: &Value, place: Place<'_>, extent: Extent) -> Option<Value> {
        let mut parts = Vec::new();
        self.collect_parts(schema, place, &mut parts);
        let required: Vec<_> = parts.iter().flat_map(|(part, _)| required(part)).collect();
        let is_shown = |property: &str| match extent {
            Extent::Whole => true,
            Extent::Required => required.is_empty() || required.contains(&property),
        };
        let fields = parts.iter().flat_map(|(part, place)| {
            let properties = members(at(part, "/properties"));
            properties.map(move |(property, schema)| (schema, Place { property, ..*place }))
        });
        let mut object = Map::new();
        for (schema, place) in fields.filter(|(_, place)| is_shown(place.property)) {
            let example = self.of(schema, place, extent)?;
            if !example.is_null() || required.contains(&place.property) {
                object.insert(place.property.to_owned(), example);
            }
        }
        Some(Value::Object(object))
    }

    /// The schemas that an object consists of.
    fn collect_parts<'a>(
        &'a self,
        schema: &'a Value,
        place: Place<'a>,
        parts: &mut Vec<(&'a Value, Place<'a>)>,
    ) {
        let named = reference(schema).and_then(|owner| Some((owner, self.schemas.get(owner)?)));
        let (owner, schema) = named.unwrap_or((place.owner, schema));
        let place = Place { owner, ..place };
        parts.push((schema, place));
        for part in elements(at(schema, "/allOf")) {
            self.collect_parts(part, place, parts);
        }
    }
}

/// The first of several schemas that is not `null`.
fn alternative(schema: &Value) -> Option<&Value> {
    let all = schema.get("oneOf").or(schema.get("anyOf"))?.as_array()?;
    all.iter().find(|one| kind(one) != "null")
}

/// The type of a schema; of several the first that is not `null`.
fn kind(schema: &Value) -> &str {
    let kind = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().find(|kind| **kind != "null"),
        one => one,
    };
    let is_object = schema.get("allOf").is_some() || schema.get("properties").is_some();
    match kind.and_then(Value::as_str) {
        Some(kind) => kind,
        None if is_object => "object",
        None => "",
    }
}

fn required(schema: &Value) -> impl Iterator<Item = &str> {
    elements(at(schema, "/required")).filter_map(Value::as_str)
}

const GIVEN: &str = include_str!("examples.json");
/// The body itself, before any property. Its media type takes the place of a property.
const ROOT: Place<'static> = Place {
    owner: "",
    property: "",
    depth: 0,
};
/// No body has as many levels.
const MAX_DEPTH: usize = 20;
