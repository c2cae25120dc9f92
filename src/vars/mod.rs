//! Vars, deprecated: `$(NAME)` in some fields stands for a field of some resource (docs/spec/vars.md).

mod expand;
mod value;

use std::collections::BTreeMap;

use ecow::EcoString;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::build_context::Context;
use crate::diagnostics::hints::{VAR_OF_SEVERAL, VAR_TWICE, VAR_WITHOUT_FIELD, VAR_WITHOUT_OBJECT};
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::fieldspec::{Create, SpecList, SpecsByKind, reaches};
use crate::kustomization::Var;
use crate::resource::{Gvk, ResId, Resource, ResourceSet, near_path};
use crate::yaml::{Located, Node, Pos, nearest};
use expand::Expander;
use value::Value;

/// The vars of a layer and of all layers below, by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vars(BTreeMap<EcoString, Variable>);

/// One var.
#[derive(Clone, Debug)]
struct Variable {
    gvk: Gvk,
    name: EcoString,
    namespace: EcoString,
    field: EcoString,
    pos: Pos,
}

impl Vars {
    /// Returns `true` if there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the names, sorted.
    pub(crate) fn names(&self) -> Vec<EcoString> {
        self.0.keys().cloned().collect()
    }

    /// Adds the vars of a file, and lets the resources that they mean remember them.
    ///
    /// # Errors
    /// If a var means several resources, or its name is taken.
    pub(crate) fn bind(
        &mut self,
        cx: &Context,
        vars: &[Located<Var>],
        set: &mut ResourceSet,
    ) -> Result<()> {
        if vars.is_empty() {
            return Ok(());
        }
        let vars: Vec<_> =
            vars.iter().map(|v| (EcoString::from(&v.name), Variable::new(v))).collect();
        for ((name, var), slots) in vars.iter().zip(find_all(cx, &vars, set)) {
            if let [_, _, ..] = slots.as_slice() {
                let message = format!(
                    "found {} resId matches for var {{{name} {} {{}}}} (unable to disambiguate)",
                    slots.len(),
                    var.gvk
                );
                return Err(wrong(message).at(var.pos).hint(&VAR_OF_SEVERAL));
            }
            if let Some(resource) = slots.first().and_then(|&slot| set.get_mut(slot)) {
                resource.history.vars.push(name.clone());
            }
        }
        vars.into_iter().try_for_each(|(name, var)| self.add(name, var))
    }

    /// Adds the vars of a base.
    ///
    /// # Errors
    /// If a name is taken, be it by an equal var.
    pub(crate) fn merge(&mut self, other: Vars) -> Result<()> {
        if self.is_empty() {
            *self = other;
            return Ok(());
        }
        other.0.into_iter().try_for_each(|(name, var)| self.add(name, var))
    }

    fn add(&mut self, name: EcoString, var: Variable) -> Result<()> {
        if let Some(first) = self.0.get(&name) {
            return Err(wrong(format!("var '{name}' already encountered"))
                .at(var.pos)
                .related("first defined at", first.pos)
                .hint(&VAR_TWICE));
        }
        self.0.insert(name, var);
        Ok(())
    }
}

impl Variable {
    fn new(var: &Located<Var>) -> Variable {
        let objref = &var.objref;
        let mut gvk = Gvk {
            group: EcoString::from(&objref.group),
            version: EcoString::from(&objref.version),
            kind: EcoString::from(&objref.kind),
        };
        match objref.api_version.split_once('/') {
            // Odd: an apiVersion with two slashes is not looked at (case vars/api-version-with-two-slashes).
            Some((_, version)) if version.contains('/') => {}
            Some((group, version)) => {
                gvk.group = group.into();
                gvk.version = version.into();
            }
            None if objref.api_version.is_empty() => {}
            // Odd: a bare version leaves the group as it is (case vars/bare-version).
            None => gvk.version = EcoString::from(&objref.api_version),
        }
        let field = var.fieldref.field_path.as_str();
        Variable {
            gvk,
            name: EcoString::from(&objref.name),
            namespace: EcoString::from(&objref.namespace),
            field: EcoString::from(if field.is_empty() { "metadata.name" } else { field }),
            pos: var.pos,
        }
    }

    /// Returns `true` if the var means an id; without a namespace it means any.
    ///
    /// Odd: with one it never means a cluster-scoped object (case vars/namespace-of-cluster-scoped).
    fn means(&self, id: &ResId) -> bool {
        let wanted = ResId { namespace: self.namespace.clone(), ..ResId::default() };
        self.gvk == id.gvk
            && self.name == id.name
            && (self.namespace.is_empty()
                || wanted.effective_namespace() == id.effective_namespace())
    }
}

/// Puts the values of all vars into the fields that may hold them; returns lines to log.
///
/// # Errors
/// If a var has no resource or no value, or a field is not made of strings.
pub(crate) fn resolve(
    cx: &Context,
    vars: &Vars,
    fields: &SpecList,
    set: &mut ResourceSet,
) -> Result<Vec<(String, Pos)>> {
    if vars.is_empty() {
        return Ok(Vec::new());
    }
    let mut expander = Expander::new(values(vars, set)?, &cx.account);
    let mut specs = SpecsByKind::new(fields);
    for slot in set.slot_numbers() {
        let Some(resource) = set.get(slot) else {
            continue;
        };
        let of_kind = specs.of(resource.gvk_ref());
        for field in of_kind {
            let Some(resource) = set.get(slot) else {
                continue;
            };
            if !reaches(&resource.node, field.path, &mut expand::concerns) {
                continue;
            }
            let expanded = set.update(slot, &cx.schema, |resource| -> Result<()> {
                let mut expand = |leaf: &mut Node| expander.expand(leaf);
                field
                    .apply(resource, cx, Create::No, &mut expand)
                    .map_err(|e| e.at(resource.node.pos()))?;
                resource.write_through();
                Ok(())
            });
            expanded.unwrap_or(Ok(()))?;
        }
    }
    let place = |line: String| {
        // Such a line ends with the names; the first one tells where to look.
        let name = line.rsplit_once(": ").and_then(|(_, names)| names.split(',').next());
        let pos = name.and_then(|name| vars.0.get(name)).map_or(Pos::NONE, |var| var.pos);
        (line, pos)
    };
    Ok(expander.into_log().into_iter().map(place).collect())
}

/// Reads the values of all vars.
fn values(vars: &Vars, set: &ResourceSet) -> Result<BTreeMap<EcoString, Value>> {
    let mut sources: FxHashMap<&str, usize> = FxHashMap::default();
    for (slot, resource) in set.slots() {
        for name in &resource.history.vars {
            sources.entry(name).or_insert(slot);
        }
    }
    let value = |(name, var): (&EcoString, &Variable)| {
        let shown = format!("{{{name} {} {{{}}}}}", var.gvk, var.field);
        let source = sources.get(name.as_str()).and_then(|&slot| set.get(slot));
        let source = source.ok_or_else(|| {
            wrong(format!(
                "var '{shown}' cannot be mapped to a field in the set of known resources"
            ))
            .at(var.pos)
            .hint(VAR_WITHOUT_OBJECT.with(near_object(var, set)))
        })?;
        let value = value::read(&source.node, &var.field).ok_or_else(|| {
            wrong(format!("field specified in var '{shown}' not found in corresponding resource"))
                .at(var.pos)
                .maybe_hint(
                    near_path(&source.node, &var.field).map(|near| VAR_WITHOUT_FIELD.with(near)),
                )
                .hint(&VAR_WITHOUT_FIELD)
        })?;
        Ok((name.clone(), value))
    };
    vars.0.iter().map(value).collect()
}

/// Returns what may have been meant by a var that means no resource.
fn near_object(var: &Variable, set: &ResourceSet) -> String {
    let (kind, name) = (var.gvk.kind.as_str(), var.name.as_str());
    let of_kind = || set.iter().filter(|resource| resource.kind() == kind).map(Resource::name);
    if let Some(other) = set.iter().find(|other| other.name() == name) {
        return format!(
            "`{name}` is there as kind {} of apiVersion {}: apiVersion, kind and name of `objref` must be those of \
             a resource",
            other.kind(),
            other.api_version()
        );
    }
    match nearest(of_kind(), name) {
        Some(near) => format!("did you mean the {kind} `{near}`?"),
        None => match nearest(set.iter().map(Resource::kind), kind)
            .filter(|_| of_kind().next().is_none())
        {
            Some(near) => format!("did you mean the kind `{near}`?"),
            None => "apiVersion, kind and name of `objref` must be those of a resource".to_owned(),
        },
    }
}

/// Returns for each var the slots of the resources that have or had the id it gives.
fn find_all(cx: &Context, vars: &[(EcoString, Variable)], set: &ResourceSet) -> Vec<Vec<usize>> {
    let mut by_name: FxHashMap<(&str, &str), Vec<usize>> = FxHashMap::default();
    for (i, (_, var)) in vars.iter().enumerate() {
        by_name.entry((&var.gvk.kind, &var.name)).or_default().push(i);
    }
    let names: FxHashSet<&str> = vars.iter().map(|(_, var)| var.name.as_str()).collect();
    let mut slots: Vec<usize> = names.into_iter().flat_map(|name| set.find_by_name(name)).collect();
    slots.sort_unstable();
    // It may have had several of the names.
    slots.dedup();
    let mut found = vec![Vec::new(); vars.len()];
    for (slot, resource) in slots.into_iter().filter_map(|slot| Some((slot, set.get(slot)?))) {
        let mut asked = FxHashSet::default();
        for id in resource.previous_ids(&cx.schema).chain([resource.id(&cx.schema)]) {
            let interested = by_name.get(&(id.gvk.kind.as_str(), id.name.as_str()));
            for &i in interested.into_iter().flatten() {
                if vars[i].1.means(&id) && asked.insert(i) {
                    found[i].push(slot);
                }
            }
        }
    }
    found
}

fn wrong(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Reference, message)
}

#[cfg(test)]
mod tests;
