//! Schemas in words, for the page of the document.

use serde_json::Value;

use super::text::{at, elements, escaped, marked, members, prose, reference, text};

/// The named schemas of a document.
#[derive(Clone, Copy)]
pub(super) struct Schemas<'a>(&'a Value);

impl<'a> Schemas<'a> {
    pub(super) fn of(document: &'a Value) -> Self {
        Self(at(document, "/components/schemas"))
    }

    /// Every schema that is an object. Others are explained where they are used.
    pub(super) fn objects(self) -> impl Iterator<Item = (&'a str, &'a Value)> {
        members(self.0).filter(|(_, schema)| is_object(schema))
    }

    /// The rows of the fields of a body, required fields first.
    pub(super) fn rows(self, schema: &Value) -> String {
        let (required, optional) = self.required_and_optional(schema);
        required + &optional
    }

    fn required_and_optional(self, schema: &Value) -> (String, String) {
        let schema = self.resolved(schema);
        let (mut required, mut optional) = (String::new(), String::new());
        for part in elements(at(schema, "/allOf")) {
            let inherited = self.required_and_optional(part);
            required.push_str(&inherited.0);
            optional.push_str(&inherited.1);
        }
        for (name, property) in members(at(schema, "/properties")) {
            let is_required = elements(at(schema, "/required")).any(|it| it == name);
            let rows = if is_required {
                &mut required
            } else {
                &mut optional
            };
            rows.push_str(&self.row(name, property, is_required));
        }
        (required, optional)
    }

    /// The row of a field or of a parameter.
    pub(super) fn row(self, name: &str, schema: &Value, is_required: bool) -> String {
        let mark = if is_required { "" } else { " <i>optional</i>" };
        let (name, kind) = (escaped(name), self.kind(schema));
        let text = self.described(schema);
        format!("<tr><td><code>{name}</code>{mark}<td>{kind}<td>{text}\n")
    }

    /// What is said of a field: beside it, else of its schema.
    fn described(self, schema: &Value) -> String {
        let first = at(schema, "/oneOf/0");
        let candidates = [schema, first, self.resolved(schema), self.resolved(first)];
        let mut found = candidates
            .iter()
            .map(|schema| text(at(schema, "/description")));
        marked(found.find(|text| !text.is_empty()).unwrap_or_default())
    }

    /// A schema in a few words, with its limits. Objects are links.
    pub(super) fn kind(self, schema: &Value) -> String {
        let resolved = self.resolved(schema);
        if let Some(name) = reference(schema).filter(|_| is_object(resolved)) {
            let name = escaped(name);
            return format!("<a href=\"#schema-{name}\">{name}</a>");
        }
        let alternatives = [("/oneOf", " or "), ("/allOf", " and ")];
        for (pointer, joint) in alternatives {
            if let Some(parts) = at(resolved, pointer).as_array() {
                let kinds: Vec<_> = parts.iter().map(|part| self.kind(part)).collect();
                return kinds.join(joint);
            }
        }
        let name = match at(resolved, "/type") {
            Value::Array(types) => types.iter().map(text).collect::<Vec<_>>().join(" or "),
            one => text(one).to_owned(),
        };
        let items = at(resolved, "/items");
        if items.is_object() {
            return format!("{} of {}", escaped(&name), self.kind(items));
        }
        format!("{}{}", escaped(&name), limits(resolved))
    }

    fn resolved<'s>(self, schema: &'s Value) -> &'s Value
    where
        'a: 's,
    {
        match reference(schema) {
            Some(name) => self.0.get(name).unwrap_or(schema),
            None => schema,
        }
    }
}

fn is_object(schema: &Value) -> bool {
    ["/properties", "/allOf"]
        .iter()
        .any(|pointer| !at(schema, pointer).is_null())
}

/// The values that a schema admits: `, 8 to 256 characters`.
fn limits(schema: &Value) -> String {
    if let Some(values) = at(schema, "/enum").as_array() {
        let values = values
            .iter()
            .map(|value| format!("<code>{}</code>", prose(value)));
        return format!(": {}", values.collect::<Vec<_>>().join(", "));
    }
    let unit = |pointer: &str| at(schema, pointer).as_u64();
    match (
        (unit("/minLength"), unit("/maxLength")),
        (unit("/minimum"), unit("/maximum")),
    ) {
        ((Some(least), Some(most)), _) if least == most => format!(", {most} characters"),
        ((Some(least), Some(most)), _) => format!(", {least} to {most} characters"),
        (_, (Some(least), Some(most))) => format!(", {least} to {most}"),
        _ => String::new(),
    }
}
