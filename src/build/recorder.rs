//! What a traced build writes down: after every step, the tree of each resource that it changed.
//!
//! Trees are shared until they are changed, so a note costs a reference count, and whether a step
//! has changed a resource is seen from the address of its tree.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::layer::Layer;
use super::step_kind::StepKind;
use crate::kustomization::Place;
use crate::limits::{Account, Limit};
use crate::resource::{Resource, ResourceSet};
use crate::work;
use crate::yaml::{Node, Pos, held_beside};

/// The notes of a build.
#[derive(Debug)]
pub(crate) struct Recorder {
    /// Pays for what is kept.
    account: Arc<Account>,
    /// The kustomizations, the target first.
    pub(crate) layers: Vec<Layer>,
    pub(crate) steps: Vec<Step>,
    /// What became of each resource, by its serial number less one.
    pub(crate) objects: Vec<Vec<Snapshot>>,
    /// The resources of the layer that is being transformed.
    members: Vec<u32>,
    /// The position in `layers` of each kustomization, by its address: `layers` keeps it alive.
    numbers: FxHashMap<usize, usize>,
}

/// One step of the build.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) kind: StepKind,
    /// The kustomization that asks for it, as a position in [`Recorder::layers`].
    pub(crate) layer: usize,
    /// The field of it, such as `patches[2]`; empty for what happens at the end of every build.
    pub(crate) field: String,
    /// Where the entry is, if known.
    pub(crate) pos: Pos,
    /// The config of a step of `transformers` or `validators`.
    pub(crate) config: Option<Node>,
}

/// A resource as a step left it, or `None` if the step removed it.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) step: usize,
    pub(crate) node: Option<Node>,
}

/// What a note takes in memory, beside the tree.
const NOTE: u64 = 128;

/// Notes what a step at the end of the build did.
pub(crate) fn once(recorder: &mut Option<&mut Recorder>, kind: StepKind, set: &mut ResourceSet) {
    if let Some(recorder) = recorder {
        recorder.step(kind, 0, String::new(), Pos::NONE);
        recorder.compare(set);
    }
}

impl Recorder {
    /// Returns notes of nothing; they are charged to the account.
    pub(crate) fn new(account: Arc<Account>) -> Recorder {
        Recorder {
            account,
            layers: Vec::new(),
            steps: Vec::new(),
            objects: Vec::new(),
            members: Vec::new(),
            numbers: FxHashMap::default(),
        }
    }

    /// Starts the notes of a build of `top`.
    pub(crate) fn start(&mut self, top: &Layer) {
        self.layer(top);
    }

    /// Notes a resource that was read because of an entry of `resources`.
    pub(crate) fn read(&mut self, layer: &Layer, entry: Place, resource: &mut Resource) {
        let layer = self.layer(layer);
        self.step(StepKind::Resource, layer, entry.to_string(), entry.pos);
        self.note(resource);
    }

    /// Notes what the generator at `pos`, in `field`, has made or changed.
    pub(crate) fn generated(
        &mut self,
        layer: &Layer,
        field: String,
        pos: Pos,
        resource: Option<&mut Resource>,
    ) {
        let layer = self.layer(layer);
        self.step(StepKind::Generator, layer, field, pos);
        if let Some(resource) = resource {
            self.note(resource);
        }
    }

    /// Notes that the transformers of a layer are about to run.
    pub(crate) fn enter(&mut self, set: &ResourceSet) {
        self.members = set.iter().map(|resource| resource.history.serial).collect();
    }

    /// Notes what a transformer has changed or removed; `configs` are those of `transformers` or
    /// `validators`.
    pub(crate) fn transformed(
        &mut self,
        layer: &Layer,
        place: Place,
        configs: &[Resource],
        set: &mut ResourceSet,
    ) {
        let layer = self.layer(layer);
        self.step(StepKind::Transformer, layer, place.to_string(), place.pos);
        if matches!(place.field, "transformers" | "validators")
            && let Some(step) = self.steps.last_mut()
        {
            let config = configs.iter().find(|config| config.node.pos() == place.pos);
            step.config = config.map(|config| config.node.clone());
        }
        self.compare(set);
    }

    /// Notes what the end of the build made of the resources that are left.
    pub(crate) fn finish(&mut self, resources: &mut [Resource]) {
        self.step(StepKind::LocalConfig, 0, String::new(), Pos::NONE);
        self.note_removed(resources.iter().map(|resource| resource.history.serial).collect());
        self.step(StepKind::Finish, 0, String::new(), Pos::NONE);
        resources.iter_mut().for_each(|resource| self.note(resource));
    }

    fn compare(&mut self, set: &mut ResourceSet) {
        set.iter_mut().for_each(|resource| self.note(resource));
        self.note_removed(set.iter().map(|resource| resource.history.serial).collect());
    }

    fn step(&mut self, kind: StepKind, layer: usize, field: String, pos: Pos) {
        self.steps.push(Step { kind, layer, field, pos, config: None });
    }

    /// Returns the number of a layer.
    fn layer(&mut self, layer: &Layer) -> usize {
        let layers = &mut self.layers;
        *self.numbers.entry(Arc::as_ptr(&layer.kustomization).addr()).or_insert_with(|| {
            layers.push(layer.clone());
            layers.len() - 1
        })
    }

    /// Notes the tree of a resource if the last step has made or changed it.
    fn note(&mut self, resource: &mut Resource) {
        work::node();
        let serial = &mut resource.history.serial;
        if *serial == 0 {
            self.objects.push(Vec::new());
            *serial = u32::try_from(self.objects.len()).unwrap_or_default();
        }
        let Some(snapshots) = self.objects.get_mut((*serial as usize).wrapping_sub(1)) else {
            return;
        };
        let known = snapshots.last().and_then(|last| last.node.as_ref());
        if !known.is_some_and(|known| known.is_identical(&resource.node)) {
            let step = self.steps.len().saturating_sub(1);
            // The first one is that of the build; without room for another the next step ends the build.
            let bytes = known.map_or(0, |known| held_beside(&resource.node, known));
            if !self.account.spend(Limit::HistoryBytes, bytes.saturating_add(NOTE)) {
                return;
            }
            snapshots.push(Snapshot { step, node: Some(resource.node.clone()) });
        }
    }

    /// Notes which members of the layer are no longer among those `left`.
    fn note_removed(&mut self, left: Vec<u32>) {
        if self.members != left {
            let known: FxHashSet<u32> = left.iter().copied().collect();
            for serial in self.members.iter().filter(|serial| !known.contains(serial)) {
                if let Some(snapshots) = self.objects.get_mut((*serial as usize).wrapping_sub(1)) {
                    let step = self.steps.len().saturating_sub(1);
                    snapshots.push(Snapshot { step, node: None });
                }
            }
        }
        self.members = left;
    }
}
