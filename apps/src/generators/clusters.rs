//! The clusters generator: a set for each cluster that Argo CD knows.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::clusters::{Cluster, IN_CLUSTER, SECRET_TYPE};
use crate::functions::normalize;
use crate::params::{self, Params};
use crate::selector::Selector;
use crate::substitute::Unfilled;
use crate::template::Value;

use super::sets::Sets;
use super::{Context, fault, values};

pub(super) fn sets(generator: &Json, context: &Context<'_>) -> Result<Vec<Params>, Unfilled> {
    let selector = Selector::read(generator.get("selector").unwrap_or(&Json::Null))
        .map_err(|message| fault("selector", format!("selector: {message}")))?;
    let go = context.substitution.go;
    let is_secret = |cluster: &&Cluster| {
        cluster.labels.get(SECRET_TYPE).map(String::as_str) == Some("cluster")
            && selector.matches(|key| cluster.labels.get(key).map(String::as_str))
    };
    let mut sets = Sets::new(&context.substitution.budget);
    let with_values = |mut params: Params| {
        values::add(generator, &mut params, context.substitution)?;
        Ok::<_, Unfilled>(params)
    };
    for cluster in context.clusters.iter().filter(is_secret) {
        let mut params = common(&cluster.name, normalize(&cluster.name), cluster);
        metadata(cluster, go, &mut params);
        sets.push(with_values(params)?)?;
    }
    // The cluster that Argo CD runs in has no labels, unless a Secret gives it some.
    let has_secret = |cluster: &&Cluster| cluster.labels.contains_key(SECRET_TYPE);
    let known =
        context.clusters.iter().filter(has_secret).any(|cluster| cluster.server == IN_CLUSTER);
    if selector.is_empty() && !known {
        let local = Cluster { server: IN_CLUSTER.to_owned(), ..Cluster::default() };
        sets.push(with_values(common("in-cluster", "in-cluster".to_owned(), &local))?)?;
    }
    let sets = sets.into_all();
    if generator.get("flatList") == Some(&Json::Bool(true)) {
        let all = sets.iter().map(params::data).collect();
        return Ok(vec![Params::from([("clusters".into(), Value::list(all))])]);
    }
    Ok(sets)
}

fn common(name: &str, normalized: String, cluster: &Cluster) -> Params {
    Params::from([
        ("name".into(), Value::str(name)),
        ("nameNormalized".into(), Value::str(normalized)),
        ("server".into(), Value::str(cluster.server.as_str())),
        ("project".into(), Value::str(cluster.project.as_str())),
    ])
}

fn metadata(cluster: &Cluster, go: bool, params: &mut Params) {
    let both = [("annotations", &cluster.annotations), ("labels", &cluster.labels)];
    if go {
        let texts = |of: &BTreeMap<String, String>| {
            Value::string_map(of.iter().map(|(k, v)| (k.as_str(), Value::str(v.as_str()))))
        };
        let present = both.into_iter().filter(|(_, of)| !of.is_empty());
        let members = present.map(|(name, of)| (name, texts(of)));
        params.insert("metadata".into(), Value::map(members));
        return;
    }
    for (name, of) in both {
        for (key, value) in of {
            params.insert(format!("metadata.{name}.{key}").into(), Value::str(value.as_str()));
        }
    }
}
