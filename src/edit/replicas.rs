//! `set replicas`

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
        for (name, count) in parsed {
            self.set_replica(name, count);
        }
        Ok(())
    }

    fn set_replica(&mut self, name: &str, count: i64) {
        let is_it =
            |item: &Node| item.as_map().is_some_and(|map| fields::text(map, "name") == name);
        let Some(first) = self.items("replicas").iter().position(is_it) else {
            let mut entry = Mapping::new();
            entry.set("count", Node::int(count));
            entry.set("name", Node::str(name));
            self.append("replicas", [Node::map(entry)]);
            return;
        };
        let Some(items) = fields::list_mut(self.fields(), "replicas") else { return };
        if let Some(entry) = items.make_mut().get_mut(first).and_then(Node::as_map_mut) {
            fields::set(entry, "count", Node::int(count));
        }
        let mut n = 0;
        items.retain(|item| {
            n += 1;
            n <= first + 1 || !is_it(item)
        });
    }
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
