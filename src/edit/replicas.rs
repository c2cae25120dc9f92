//! `set replicas`

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Edit, fields, invalid};
use crate::diagnostics::Result;
use crate::yaml::{Mapping, Node};

impl Edit {
    /// Sets numbers of replicas, each given as `NAME=COUNT`.
    ///
    /// The entry of that name changes in its place; a new one comes at the end of the list. Whether there
    /// is a workload of that name is for the build to say.
    ///
    /// # Errors
    /// If an argument has another form or its count is not a whole number.
    pub fn set_replicas<S: AsRef<str>>(&mut self, args: &[S]) -> Result<()> {
        if args.is_empty() {
            return Err(invalid("must specify at least one replica"));
        }
        let parsed = args.iter().map(|arg| parse(arg.as_ref())).collect::<Result<Vec<_>>>()?;
        let Some(items) = fields::list_mut(self.fields(), "replicas") else { return Ok(()) };
        // The first entry of each name.
        let mut places: FxHashMap<String, usize> = FxHashMap::default();
        for (i, item) in items.iter().enumerate() {
            if let Some(name) = name_of(item) {
                places.entry(name.to_owned()).or_insert(i);
            }
        }
        let given: FxHashSet<&str> = parsed.iter().map(|(name, _)| *name).collect();
        for (name, count) in parsed {
            if let Some(&place) = places.get(name) {
                let entry = items.make_mut().get_mut(place).and_then(Node::as_map_mut);
                if let Some(entry) = entry {
                    fields::set(entry, "count", Node::int(count));
                }
            } else {
                let mut entry = Mapping::new();
                entry.set("count", Node::int(count));
                entry.set("name", Node::str(name));
                places.insert(name.to_owned(), items.len());
                items.push(Node::map(entry));
            }
        }
        let mut next = 0..;
        items.retain(|item| {
            let (place, name) = (next.next(), name_of(item));
            name.is_none_or(|name| !given.contains(name) || places.get(name).copied() == place)
        });
        Ok(())
    }
}

fn name_of(item: &Node) -> Option<&str> {
    item.as_map().map(|map| fields::text(map, "name"))
}

fn parse(arg: &str) -> Result<(&str, i64)> {
    let expected = || {
        invalid(format!(
            "invalid format of replica {arg:?}: expected <replica>=<count>, such as `web=3`"
        ))
    };
    let (name, count) = arg.split_once('=').ok_or_else(expected)?;
    Ok((name, count.parse().map_err(|_| expected())?))
}
