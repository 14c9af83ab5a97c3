//! The JSON Schema of a [`TaskSpec`] in the words that all providers take: OpenAI's
//! strict form wants every field required and no further one, and knows neither
//! defaults nor `oneOf`; small servers know no references.

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::TaskSpec;

/// The schema.
pub(super) fn schema() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    let generated = settings.into_generator().into_root_schema_for::<TaskSpec>();
    let mut schema = generated.to_value();
    strict(&mut schema);
    schema
}

fn strict(schema: &mut Value) {
    let Value::Object(fields) = schema else {
        return;
    };
    for name in ["default", "title", "$schema"] {
        fields.remove(name);
    }
    if let Some(Value::Array(ways)) = fields.remove("oneOf") {
        choice(fields, &ways);
    }
    if let Some(Value::Object(properties)) = fields.get_mut("properties") {
        properties.values_mut().for_each(strict);
        let names: Vec<Value> = properties.keys().map(|name| json!(name)).collect();
        fields.insert("required".into(), names.into());
        fields.insert("additionalProperties".into(), json!(false));
    }
    if let Some(items) = fields.get_mut("items") {
        strict(items);
    }
}

/// Variants become one list of words, with what each means in the description.
fn choice(fields: &mut Map<String, Value>, ways: &[Value]) {
    let word = |way: &Value| way.get("const").or_else(|| way["enum"].get(0)).cloned();
    let words: Vec<Value> = ways.iter().filter_map(word).collect();
    let mut description = fields["description"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    for way in ways {
        if let (Some(Value::String(word)), Some(means)) = (word(way), way["description"].as_str()) {
            description.extend([" `", &word, "`: ", means]);
        }
    }
    fields.insert("type".into(), json!("string"));
    fields.insert("enum".into(), words.into());
    fields.insert("description".into(), description.into());
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::schema;

    /// What OpenAI's documents say that a strict schema has.
    fn check(schema: &Value) {
        let text = schema.to_string();
        for word in ["oneOf", "$ref", "$defs", "\"default\"", "$schema"] {
            assert!(!text.contains(word), "{text}");
        }
        let properties = schema["properties"].as_object().unwrap();
        let required = schema["required"].as_array().unwrap();
        assert!(
            properties
                .keys()
                .all(|name| required.iter().any(|one| one == name))
        );
        assert_eq!(schema["additionalProperties"], false);
    }

    #[test]
    fn all_providers_take_it() {
        let schema = schema();
        check(&schema);
        let intent = &schema["properties"]["intent"];
        let words = ["change", "fix", "test", "refactor", "explain"];
        assert_eq!(intent["enum"], serde_json::json!(words));
        assert_eq!(intent["type"], "string");
        let means = intent["description"].as_str().unwrap();
        assert!(means.contains("`fix`: Something is wrong."), "{means}");
        assert_eq!(schema["properties"]["checks"]["items"]["type"], "string");
        // It is sent with every task.
        assert!(
            schema.to_string().len() < 1400,
            "{}",
            schema.to_string().len()
        );
    }
}
