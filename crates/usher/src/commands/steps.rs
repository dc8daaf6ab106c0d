//! What `usher sync --user` shows besides what came of it: each step, from the directory to the app's answer.

use serde::Serialize;
use serde_json::{Value, json};
use usher_engine::watch::{Exchange, Watch};

use super::explain::Explained;
use crate::output::facts;

/// The steps for one person.
#[derive(Debug)]
pub(crate) struct Steps {
    /// What was found out before anything was sent.
    explained: Explained,
    exchanges: Vec<Exchange>,
}

impl Steps {
    pub(crate) fn new(explained: Explained, watch: &Watch) -> Self {
        Self { explained, exchanges: watch.exchanges() }
    }

    /// Each step by its name, in the order in which they were taken.
    pub(crate) fn told(&self) -> Vec<(&'static str, String)> {
        let mut lines = self.explained.steps();
        lines.extend(self.exchanges.iter().map(|exchange| ("request", said(exchange))));
        if self.exchanges.is_empty() {
            lines.push(("request", "none: the app was not asked".to_owned()));
        }
        lines
    }

    pub(super) fn text(&self) -> String {
        format!("{}\n", facts(self.told()))
    }
}

fn said(exchange: &Exchange) -> String {
    let Exchange { method, target, body, answer } = exchange;
    let mut lines = vec![format!("{} {target}", method.as_str())];
    lines.extend(body.as_ref().map(Value::to_string));
    lines.push(match answer {
        Ok((status, Value::Null)) => format!("answer: {status}"),
        Ok((status, body)) => format!("answer: {status} {body}"),
        Err(error) => format!("no answer: {error}"),
    });
    lines.join("\n")
}

impl Serialize for Steps {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let exchange = |Exchange { method, target, body, answer }: &Exchange| {
            let (status, answer, error) = match answer {
                Ok((status, body)) => (Some(status), Some(body), None),
                Err(error) => (None, None, Some(error.to_string())),
            };
            json!({
                "method": method.as_str(), "target": target, "body": body, "status": status, "answer": answer,
                "error": error,
            })
        };
        let exchanges: Vec<Value> = self.exchanges.iter().map(exchange).collect();
        json!({"explained": self.explained, "exchanges": exchanges}).serialize(serializer)
    }
}
