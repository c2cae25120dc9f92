use super::*;
use crate::fieldspec::FieldSpec;
use crate::kustomization::VarTarget;
use crate::resource::Resource;
use crate::schema::Schema;
use crate::test_support::{json, show};

const SERVICE: &str = r#"{"apiVersion":"v1","kind":"Service","metadata":{"name":"svc"},
    "spec":{"port":80,"text":"80","f":1e6,"list":[{"n":"a","v":true}],"hex":0}}"#;

fn var(name: &str, object: &str, field: &str) -> Located<Var> {
    let objref = VarTarget {
        api_version: "v1".to_owned(),
        kind: "Service".to_owned(),
        name: object.to_owned(),
        ..VarTarget::default()
    };
    let mut var = Var { name: name.to_owned(), objref, ..Var::default() };
    var.fieldref.field_path = field.to_owned();
    Located { value: var, pos: Pos::NONE }
}

fn context() -> Context {
    Context::new(Schema::builtin())
}

/// Expands the `args` of an object next to `SERVICE`.
fn expanded(vars: &[Located<Var>], args: &str) -> Result<(String, Vec<String>)> {
    let cx = context();
    let mut set = ResourceSet::default();
    let user = format!(r#"{{"kind":"Foo","metadata":{{"name":"f"}},"args":{args}}}"#);
    set.push(Resource::new(json(SERVICE)), &cx.schema);
    set.push(Resource::new(json(&user)), &cx.schema);
    let mut all = Vars::default();
    all.bind(&cx, vars, &mut set)?;
    let fields = SpecList::from(ecow::EcoVec::from([FieldSpec::any_kind("args", false)]));
    let log = resolve(&cx, &all, &fields, &mut set)?;
    let args = set.iter().last().and_then(|r| r.node.get("args")).cloned();
    Ok((show(&args.unwrap_or_default()), log.into_iter().map(|(line, _)| line).collect()))
}

#[test]
fn expands_with_types() {
    let vars = [var("V", "svc", ""), var("P", "svc", "spec.port"), var("T", "svc", "spec.text")];
    let args =
        r#"["$(V):$(P)","$(P)","$(T)","$$(V)","$(NOPE)","$($(V))","$(","a$","$x$$y","$(V)$(V"]"#;
    let (args, log) = expanded(&vars, args).unwrap();
    let wanted = r#"["svc:80",80,"80","$(V)","$(NOPE)","$($(V))","$(","a$","$x$y","svc$(V"]"#;
    assert_eq!(args, wanted);
    assert_eq!(log, Vec::<String>::new());
}

#[test]
fn values_come_from_anywhere() {
    let read = |path| value::read(&json(SERVICE), path);
    assert_eq!(read("spec.list[0].n"), Some(Value::Text("a".into())));
    assert_eq!(read("spec.list.[n=a].v"), Some(Value::Bool(true)));
    assert_eq!(read("spec.list.-.n"), Some(Value::Text("a".into())));
    assert_eq!(read("spec.f").map(|v| v.text()).as_deref(), Some("1e+06"));
    assert_eq!(read("spec.list"), Some(Value::Collection));
    assert_eq!(read("spec.list.1"), None);
    let node = json(r#"{"a.b":"x","c":{"d.e":"y"}}"#);
    assert_eq!(value::read(&node, r"a\.b"), Some(Value::Text("x".into())));
    assert_eq!(value::read(&node, "c.[d.e]"), Some(Value::Text("y".into())));
    let hex = Node::scalar("0x10", Default::default(), crate::yaml::Tag::Int, Pos::NONE);
    assert_eq!(value::read(&hex, ""), None);
}

#[test]
fn invalid_text_becomes_base64() {
    let (args, _) = expanded(&[var("V", "svc", "")], r#"["$éz"]"#).unwrap();
    assert_eq!(args, r#"["JMODqXo="]"#);
}

#[test]
fn unused_vars_are_logged() {
    let vars = [var("B", "svc", ""), var("A", "svc", ""), var("L", "svc", "spec.list")];
    let (args, log) = expanded(&vars, r#"["$(L)"]"#).unwrap();
    assert_eq!(args, r#"["$(L)"]"#);
    assert_eq!(log.len(), 2);
    assert_eq!(log[1], "well-defined vars that were never replaced: A,B,L");
}

#[test]
fn refuses() {
    let message =
        |vars: &[Located<Var>], args| expanded(vars, args).unwrap_err().message().to_owned();
    let v = var("V", "svc", "");
    assert_eq!(message(&[v.clone(), v.clone()], "[]"), "var 'V' already encountered");
    assert_eq!(
        message(&[var("V", "other", "")], "[]"),
        "var '{V Service.v1.[noGrp] {metadata.name}}' cannot be mapped to a field in the set of \
         known resources"
    );
    assert_eq!(
        message(&[var("V", "svc", "spec.nope")], "[]"),
        "field specified in var '{V Service.v1.[noGrp] {spec.nope}}' not found in corresponding \
         resource"
    );
    assert_eq!(
        message(&[v], "[5]"),
        "considering field 'args' of object Foo.[noVer].[noGrp]/f.[noNs]: invalid value type \
         expect a string"
    );
}
