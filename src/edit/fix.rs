//! `fix`: deprecated fields become those that replaced them.

use ecow::EcoVec;

use super::{Edit, fields, invalid};
use crate::diagnostics::Result;
use crate::diagnostics::hints::FIX_LABEL_TWICE;
use crate::yaml::{Entry, Kept, Mapping, Node};

/// A field that [`Edit::fix`] has moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fixed {
    /// The deprecated field.
    pub old: &'static str,
    /// What it has become.
    pub new: &'static str,
}

/// Keys of an entry of `helmChartInflationGenerator`, and those of `helmCharts`.
const CHART_KEYS: &[(&str, &str)] = &[
    ("chartName", "name"),
    ("chartVersion", "version"),
    ("chartRepoUrl", "repo"),
    ("values", "valuesFile"),
    ("valuesLocal", "valuesInline"),
];

/// Keys of an entry of `helmChartInflationGenerator` that belong to `helmGlobals`.
const GLOBAL_KEYS: &[(&str, &str)] = &[("chartHome", "chartHome"), ("helmHome", "configHome")];

impl Edit {
    /// Moves what deprecated fields say to the fields that replaced them, `vars` excepted, and adds
    /// `apiVersion` and `kind` where they are missing.
    ///
    /// The build can differ afterwards where merge patches stood beside other patches, which came after
    /// them: whoever writes the result should compare.
    ///
    /// # Errors
    /// If a label is in `commonLabels` and in `labels`.
    pub fn fix(&mut self) -> Result<Vec<Fixed>> {
        self.kept = Kept::All;
        let mut fixed = Vec::new();
        let mut note = |done: bool, old, new| {
            if done {
                fixed.push(Fixed { old, new });
            }
        };
        note(self.move_list("bases", "resources"), "bases", "resources");
        note(self.move_list("imageTags", "images"), "imageTags", "images");
        note(self.move_env(), "env", "envs");
        let charts = "helmChartInflationGenerator";
        note(self.move_charts(), charts, "helmCharts");
        note(self.move_list("patchesJson6902", "patches"), "patchesJson6902", "patches");
        let merges = "patchesStrategicMerge";
        self.turn_merge_patches();
        note(self.move_list(merges, "patches"), merges, "patches");
        note(self.move_common_labels()?, "commonLabels", "labels");
        self.add_header();
        Ok(fixed)
    }

    fn add_header(&mut self) {
        let map = self.fields();
        let is_component = fields::text(map, "kind") == "Component";
        let version = if is_component { "v1alpha1" } else { "v1beta1" };
        let version = format!("kustomize.config.k8s.io/{version}");
        let missing = [("apiVersion", version.as_str()), ("kind", "Kustomization")];
        let mut header = Mapping::new();
        for (field, text) in missing {
            if fields::text(map, field).is_empty() {
                fields::remove(map, field);
                header.set(field, Node::str(text));
            }
        }
        if !header.is_empty() {
            // In front, unless a part of it is there already.
            let old = std::mem::take(map);
            *map = match fields::find(&old, "apiVersion") {
                Some(i) => {
                    let mut entries: Vec<Entry> = old.into_iter().collect();
                    entries.splice(i + 1..i + 1, header);
                    entries.into_iter().collect()
                }
                None => header.into_iter().chain(old).collect(),
            };
        }
    }

    /// Turns `env` of generators into an item of `envs`.
    fn move_env(&mut self) -> bool {
        let mut moved = false;
        for field in ["configMapGenerator", "secretGenerator"] {
            let Some(items) = fields::get_mut(self.fields(), field).and_then(Node::as_seq_mut)
            else {
                continue;
            };
            for i in 0..items.len() {
                let has_env = |item: &Node| {
                    item.as_map().is_some_and(|map| fields::find(map, "env").is_some())
                };
                if !has_env(&items[i]) {
                    continue;
                }
                let Some(entry) = items.make_mut()[i].as_map_mut() else { continue };
                env_to_envs(entry);
                moved = true;
            }
        }
        moved
    }

    /// Turns files and texts of merge patches into entries of `patches`.
    fn turn_merge_patches(&mut self) {
        let field = "patchesStrategicMerge";
        let is_file: Vec<bool> = self
            .items(field)
            .iter()
            .map(|item| item.text().is_some_and(|text| self.read(text).is_ok()))
            .collect();
        let Some(items) = fields::get_mut(self.fields(), field).and_then(Node::as_seq_mut) else {
            return;
        };
        for (item, is_file) in items.make_mut().iter_mut().zip(is_file) {
            let mut entry = Mapping::new();
            let key = if is_file { "path" } else { "patch" };
            // Without a position, so that it is written anew behind its key.
            entry.set(key, item.clone().at(crate::yaml::Pos::NONE));
            *item = Node::map(entry).at(item.pos());
        }
    }

    fn move_common_labels(&mut self) -> Result<bool> {
        let Some(value) = fields::get(self.fields(), "commonLabels") else { return Ok(false) };
        let Some(pairs) = value.as_map().cloned() else {
            self.replace_field("commonLabels", "labels");
            return Ok(true);
        };
        for item in self.items("labels") {
            let there =
                item.as_map().and_then(|map| fields::get(map, "pairs")).and_then(Node::as_map);
            let twice = pairs
                .iter()
                .filter_map(|entry| entry.key.text())
                .find(|key| there.is_some_and(|there| there.get(key).is_some()));
            if let Some(key) = twice {
                return Err(invalid(format!(
                    "label name '{key}' exists in both commonLabels and labels"
                ))
                .hint(&FIX_LABEL_TWICE));
            }
        }
        let mut entry = Mapping::new();
        entry.set("includeSelectors", Node::bool(true));
        entry.set("pairs", Node::map(pairs.clone()));
        let items: EcoVec<Node> = [Node::map(entry)].into_iter().collect();
        let map = self.fields();
        if fields::get(map, "labels").is_none() && !pairs.is_empty() {
            fields::rename(map, "commonLabels", "labels");
            fields::set(map, "labels", Node::seq(items));
            return Ok(true);
        }
        self.replace_field("commonLabels", "labels");
        if !pairs.is_empty() {
            self.append("labels", items);
        }
        Ok(true)
    }

    /// Turns `helmChartInflationGenerator` into `helmCharts` and `helmGlobals`.
    fn move_charts(&mut self) -> bool {
        let field = "helmChartInflationGenerator";
        let mut globals = Mapping::new();
        let mut lost = Vec::new();
        let Some(items) = fields::get_mut(self.fields(), field).and_then(Node::as_seq_mut) else {
            return self.move_list(field, "helmCharts");
        };
        for item in items.make_mut() {
            let Some(entry) = item.as_map_mut() else { continue };
            for (old, new) in GLOBAL_KEYS {
                let text = fields::text(entry, old).to_owned();
                if let Some(value) = fields::get(entry, old).filter(|_| !text.is_empty()) {
                    globals.set(new, Node::str(text).at(value.pos()));
                }
                fields::remove(entry, old);
            }
            for gone in ["helmBin", "extraArgs"] {
                if fields::get(entry, gone).is_some_and(|value| !value.is_null()) {
                    lost.push((gone, fields::text(entry, "chartName").to_owned()));
                }
                fields::remove(entry, gone);
            }
            for (old, new) in CHART_KEYS {
                fields::rename(entry, old, new);
            }
        }
        for (field, chart) in lost {
            self.note(format_args!(
                "{field} of the chart {chart} is gone: helmCharts have no such field"
            ));
        }
        if !globals.is_empty() && fields::get(self.fields(), "helmGlobals").is_none() {
            fields::set(self.fields(), "helmGlobals", Node::map(globals));
        }
        self.move_list(field, "helmCharts")
    }
}

/// Turns `env` of an entry into an item of its `envs`.
fn env_to_envs(entry: &mut Mapping) {
    let text = fields::text(entry, "env").to_owned();
    let pos = fields::get(entry, "env").map(Node::pos).unwrap_or_default();
    if text.is_empty() {
        fields::remove(entry, "env");
        return;
    }
    let item = Node::str(text);
    if fields::items(entry, "envs").is_empty() {
        fields::remove(entry, "envs");
        fields::rename(entry, "env", "envs");
        fields::set(entry, "envs", Node::seq([item].into_iter().collect()));
    } else {
        fields::remove(entry, "env");
        if let Some(items) = fields::list_mut(entry, "envs") {
            items.push(item.at(pos));
        }
    }
}
