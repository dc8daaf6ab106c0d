//! What a parameter may be.

use serde_json::Value;

use crate::workspace::refusal::Refusal;

/// A parameter of a method.
#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) is_query: bool,
    kind: Kind,
    values: Vec<String>,
}

#[derive(Debug)]
enum Kind {
    Text,
    Flag,
    Number { least: i64, most: i64 },
}

impl Parameter {
    pub(super) fn read(parameter: &Value) -> Self {
        let text = |name: &str| parameter.get(name).and_then(Value::as_str);
        let bound = |name: &str, other: i64| text(name).and_then(|text| text.parse().ok()).unwrap_or(other);
        let kind = match text("type") {
            Some("boolean") => Kind::Flag,
            Some("integer") => {
                let (least, most) = (i64::from(i32::MIN), i64::from(i32::MAX));
                Kind::Number { least: bound("minimum", least), most: bound("maximum", most) }
            }
            _ => Kind::Text,
        };
        let values = parameter.get("enum").and_then(Value::as_array).into_iter().flatten();
        let values = values.filter_map(Value::as_str).map(str::to_owned).collect();
        Self { is_query: text("location") == Some("query"), kind, values }
    }

    /// Checks a value.
    pub(crate) fn check(&self, name: &str, value: &str) -> Result<(), Refusal> {
        let refused = |message: String| Err(Refusal::invalid_parameter(name, message));
        if !self.values.is_empty() && !self.values.iter().any(|known| known.eq_ignore_ascii_case(value)) {
            let known = self.values.join(", ");
            return refused(format!("Invalid string value: '{value}'. Allowed values: [{known}]"));
        }
        match self.kind {
            Kind::Text => Ok(()),
            Kind::Flag if value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false") => Ok(()),
            Kind::Flag => refused(format!("Invalid boolean value: '{value}'.")),
            Kind::Number { least, most } => match value.parse::<i64>() {
                Err(_) => refused(format!("Invalid value '{value}'. It is not an integer.")),
                Ok(number) if (least..=most).contains(&number) => Ok(()),
                Ok(_) => refused(format!(
                    "Invalid value '{value}'. Values must be within the range: [{least}, {most}]"
                )),
            },
        }
    }
}
