use super::{Budget, Functions, MissingKey, Value, render};

fn rendered(source: &str, data: &str) -> String {
    let json: serde_json::Value = serde_json::from_str(data).unwrap();
    let functions = Functions::with(&[]);
    match render(source, &Value::from(&json), &functions, MissingKey::Default, &Budget::default()) {
        Ok(text) => text,
        Err(e) => format!("ERROR {e}"),
    }
}

#[test]
fn fields() {
    assert_eq!(rendered("a{{ .x.y }}b{{ .z }}", r#"{"x": {"y": 1000000}}"#), "a1e+06b<no value>");
}
